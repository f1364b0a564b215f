/**
 * Heartbeat: v0-4. A member's sign of life, and how it learns that it must join again.
 *
 * v0
 * v1: throttle_time_ms
 * v2: as v1
 * v3: group_instance_id (KIP-345)
 * v4: flexible (KIP-482)
 */
import type { GroupMember } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import type { KafkaApi } from '../api.ts';
import { errorOf, readMember } from '../group-fields.ts';

export const HEARTBEAT: KafkaApi<GroupMember, number> = {
  key: 12,
  name: 'Heartbeat',
  versions: { min: 0, max: 4 },
  flexibleFrom: 4,
  readRequest,
  handle: ({ context }, member) => errorOf(context.broker.heartbeat(member)),
  writeResponse,
};

/**
 *     group_id string, generation_id int32, member_id string
 *     v3+      group_instance_id nullable string
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): GroupMember {
  const member = readMember(reader, version >= 3);
  reader.readTags('tags');
  return member;
}

/**
 *     v1+      throttle_time_ms int32
 *     error_code int16
 *     tags
 */
function writeResponse(writer: KafkaWriter, error: number, version: number): void {
  if (version >= 1) writer.writeInt32(0);
  writer.writeInt16(error);
  writer.writeTags();
}
