/**
 * SyncGroup: v0-5. The leader brings everybody's assignment, the others wait for theirs.
 *
 * - Assignments are durable before anybody is answered.
 * - Parked like a join: see 11-join-group.ts.
 *
 * v0
 * v1: throttle_time_ms
 * v2: as v1
 * v3: group_instance_id (KIP-345)
 * v4: flexible (KIP-482)
 * v5: protocol type and name, checked where given (KIP-559)
 */
import type { MemberAssignment, SyncGroupRequest, SyncGroupResult } from '../../broker/groups.ts';
import { shuttingDown } from '../../broker/refusals.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { BODY_BYTES_MAX, MEMBERS_PER_GROUP_MAX } from '../../model/limits.ts';
import { unlessAborted } from '../../model/unless-aborted.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { readMember, refusalNumber } from '../group-fields.ts';

interface SyncGroupResponse {
  readonly error: number;
  /** Undefined when it was refused. */
  readonly result?: SyncGroupResult;
}

export const SYNC_GROUP: KafkaApi<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  versions: { min: 0, max: 5 },
  flexibleFrom: 4,
  // A leader speaks for thousands.
  requestBytesMax: BODY_BYTES_MAX,
  readRequest,
  async handle({ context, signal }, request) {
    try {
      const result = await unlessAborted(context.broker.syncGroup(request), signal, shuttingDown);
      return { error: KAFKA_ERROR.NONE, result };
    } catch (error) {
      return { error: refusalNumber(error) };
    }
  },
  writeResponse,
};

/**
 *     group_id string, generation_id int32, member_id string
 *     v3+      group_instance_id nullable string
 *     v5+      protocol_type nullable string, protocol_name nullable string
 *     assignments array of
 *              member_id string, assignment bytes
 *              tags
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): SyncGroupRequest {
  const member = readMember(reader, version >= 3);
  const protocolType = version >= 5 ? reader.readNullableString('protocol_type') : null;
  const protocol = version >= 5 ? reader.readNullableString('protocol_name') : null;
  const bounds = { field: 'assignments', elementBytesMin: 2, countMax: MEMBERS_PER_GROUP_MAX };
  const assignments = reader.readArray(bounds, (): MemberAssignment => {
    const memberId = reader.readString('member_id of an assignment');
    const assignment = reader.readBytes('assignment');
    reader.readTags('tags of an assignment');
    return { memberId, assignment };
  });
  reader.readTags('tags');
  return {
    ...member,
    assignments,
    protocolType: protocolType ?? undefined,
    protocol: protocol ?? undefined,
  };
}

const NOTHING = new Uint8Array();

/**
 *     v1+      throttle_time_ms int32
 *     error_code int16
 *     v5+      protocol_type nullable string, protocol_name nullable string
 *     assignment bytes
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, result }: SyncGroupResponse,
  version: number,
): void {
  if (version >= 1) writer.writeInt32(0);
  writer.writeInt16(error);
  if (version >= 5) {
    writer.writeNullableString(result?.protocolType ?? null);
    writer.writeNullableString(result?.protocol ?? null);
  }
  writer.writeBytes(result?.assignment ?? NOTHING);
  writer.writeTags();
}
