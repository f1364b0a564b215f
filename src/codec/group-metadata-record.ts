/**
 * The record of a group as its last rebalance left it: Kafka's GroupMetadataKey and
 * GroupMetadataValue. Types are drawn in `kafka-reader.ts`.
 *
 *     key                  value                                     member
 *     version  int16, 2    version           int16, 3                memberId          string
 *     group    string      protocolType      string                  groupInstanceId   string or null,
 *                          generation        int32                                     from version 3
 *                          protocol          string or null          clientId          string
 *                          leader            string or null          clientHost        string
 *                          currentStateTimestamp  int64,             rebalanceTimeout  int32, from
 *                                            from version 2                            version 1
 *                          members           array of member         sessionTimeout    int32
 *                                                                    subscription      bytes
 *                                                                    assignment        bytes
 *
 * Version 4 says the same in the flexible form, and is read too; Kafka itself still writes 3, which
 * every release since 2.3 reads.
 */
import type { GroupMemberValue, GroupMetadataValue } from './group-records.ts';
import type { KafkaReader } from './kafka-reader.ts';
import type { KafkaWriter } from './kafka-writer.ts';

export const GROUP_METADATA_KEY_VERSION = 2;
export const GROUP_METADATA_VALUE_VERSION = 3;

/** In the flexible form of version 4: five lengths, the instance id, two times, and the tags. */
const MEMBER_BYTES_MIN = 15;

/** Behind the version, in the plain form. */
export function writeGroupMetadataValue(writer: KafkaWriter, value: GroupMetadataValue): void {
  writer.writeString(value.protocolType);
  writer.writeInt32(value.generation);
  writer.writeNullableString(value.protocol);
  writer.writeNullableString(value.leader);
  writer.writeInt64(value.currentStateTimestampMs);
  writer.writeArray(value.members, (member) => writeMember(writer, member));
}

function writeMember(writer: KafkaWriter, member: GroupMemberValue): void {
  writer.writeString(member.memberId);
  writer.writeNullableString(member.groupInstanceId);
  writer.writeString(member.clientId);
  writer.writeString(member.clientHost);
  writer.writeInt32(member.rebalanceTimeoutMs);
  writer.writeInt32(member.sessionTimeoutMs);
  writer.writeBytes(member.subscription);
  writer.writeBytes(member.assignment);
}

export function readGroupMetadataValue(reader: KafkaReader, version: number): GroupMetadataValue {
  const protocolType = reader.readString('GroupMetadataValue protocolType');
  const generation = reader.readInt32('GroupMetadataValue generation');
  const protocol = reader.readNullableString('GroupMetadataValue protocol');
  const leader = reader.readNullableString('GroupMetadataValue leader');
  const currentStateTimestampMs =
    version >= 2 ? reader.readInt64('GroupMetadataValue currentStateTimestamp') : -1;
  const field = 'GroupMetadataValue members';
  const members = reader.readArray({ field, elementBytesMin: MEMBER_BYTES_MIN }, () =>
    readMember(reader, version),
  );
  reader.readTags('GroupMetadataValue tags');
  return { protocolType, generation, protocol, leader, currentStateTimestampMs, members };
}

function readMember(reader: KafkaReader, version: number): GroupMemberValue {
  const memberId = reader.readString('member memberId');
  const groupInstanceId = version >= 3 ? reader.readNullableString('member groupInstanceId') : null;
  const clientId = reader.readString('member clientId');
  const clientHost = reader.readString('member clientHost');
  const rebalanceTimeout = version >= 1 ? reader.readInt32('member rebalanceTimeout') : undefined;
  const sessionTimeoutMs = reader.readInt32('member sessionTimeout');
  const subscription = copied(reader.readBytes('member subscription'));
  const assignment = copied(reader.readBytes('member assignment'));
  reader.readTags('member tags');
  return {
    memberId,
    groupInstanceId,
    clientId,
    clientHost,
    // A member of that time could not say more.
    rebalanceTimeoutMs: rebalanceTimeout ?? sessionTimeoutMs,
    sessionTimeoutMs,
    subscription,
    assignment,
  };
}

/** Groups live long, and must not keep the batches in memory that they were read from. */
function copied(bytes: Buffer): Buffer {
  return Buffer.from(bytes);
}
