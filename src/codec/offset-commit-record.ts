/**
 * The record of one committed offset: Kafka's OffsetCommitKey and OffsetCommitValue. Types are
 * drawn in `kafka-reader.ts`.
 *
 *     key                                   value
 *     version     int16, 1 (0 is the same)  version           int16, 4
 *     group       string                    offset            int64
 *     topic       string                    leaderEpoch       int32, from version 3
 *     partition   int32                     metadata          string
 *                                           commitTimestamp   int64
 *                                           expireTimestamp   int64, version 1 only
 *                                           tag 0, topicId    uuid, from version 4
 *
 * Keys are in the plain form, values in the flexible one from version 4 on. Version 4 is what
 * Kafka 4.1 writes (KAFKA-19141); earlier ones from 3.5 on read it and pass over the tag. Without
 * topic id the tag is left out. An expiry is passed over: how long commits are kept is the server's
 * affair now (KIP-211).
 */
import type { OffsetCommitValue } from './group-records.ts';
import type { KafkaReader } from './kafka-reader.ts';
import { KafkaWriter } from './kafka-writer.ts';

export const OFFSET_COMMIT_KEY_VERSION = 1;
export const OFFSET_COMMIT_VALUE_VERSION = 4;

const INT64_BYTES = 8;
const TOPIC_ID_TAG = 0;
/** Kafka's word for no topic id. */
const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

export interface OffsetCommitKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** Behind the version. */
export function writeOffsetCommitKey(writer: KafkaWriter, key: OffsetCommitKey): void {
  writer.writeString(key.group);
  writer.writeString(key.topic);
  writer.writeInt32(key.partition);
}

export function readOffsetCommitKey(reader: KafkaReader): OffsetCommitKey {
  const group = reader.readString('OffsetCommitKey group');
  const topic = reader.readString('OffsetCommitKey topic');
  return { group, topic, partition: reader.readInt32('OffsetCommitKey partition') };
}

/** Behind the version, in the flexible form. */
export function writeOffsetCommitValue(writer: KafkaWriter, value: OffsetCommitValue): void {
  writer.writeInt64(value.offset);
  writer.writeInt32(value.leaderEpoch);
  writer.writeString(value.metadata);
  writer.writeInt64(value.commitTimestampMs);
  if (value.topicId === '') writer.writeTags();
  else writer.writeTags([{ tag: TOPIC_ID_TAG, bytes: uuidBytes(value.topicId) }]);
}

function uuidBytes(uuid: string): Buffer {
  const writer = new KafkaWriter();
  writer.writeUuid(uuid);
  return writer.written();
}

export function readOffsetCommitValue(reader: KafkaReader, version: number): OffsetCommitValue {
  const offset = reader.readInt64('OffsetCommitValue offset');
  const leaderEpoch = version >= 3 ? reader.readInt32('OffsetCommitValue leaderEpoch') : -1;
  const metadata = reader.readString('OffsetCommitValue metadata');
  const commitTimestampMs = reader.readInt64('OffsetCommitValue commitTimestamp');
  if (version === 1) reader.skip(INT64_BYTES, 'OffsetCommitValue expireTimestamp');
  let topicId = ZERO_UUID;
  reader.readTags('OffsetCommitValue tags', (tag) => {
    if (tag === TOPIC_ID_TAG) topicId = reader.readUuid('OffsetCommitValue topicId');
  });
  const known = topicId === ZERO_UUID ? '' : topicId;
  return { offset, leaderEpoch, metadata, commitTimestampMs, topicId: known };
}
