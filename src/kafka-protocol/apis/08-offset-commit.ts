/**
 * OffsetCommit: v2-8. Commits offsets, durably.
 *
 * - Of a member, with its generation; or of nobody in the group (no member id, generation -1), who
 *   may commit while it has no members.
 * - A refusal of the whole stands at every partition, as clients look for it there.
 * - A retention time of its own is not taken: `--offsets-retention-minutes` holds for all.
 * - Of a partition that is named twice the last offset counts.
 *
 * v2: retention_time_ms
 * v3: throttle_time_ms
 * v4: as v3
 * v5: no retention_time_ms (KIP-211)
 * v6: committed_leader_epoch (KIP-320)
 * v7: group_instance_id (KIP-345)
 * v8: flexible (KIP-482)
 */
import type { CommitRequest, GroupMember, Groups, OffsetToCommit } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { BODY_BYTES_MAX, COMMIT_OFFSETS_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { groupErrorNumber } from '../errors.ts';
import { readMember, refusalNumber } from '../group-fields.ts';
import { placeKey, readTopics, writeTopics } from '../topic-partitions.ts';
import type { InTopic } from '../topic-partitions.ts';

interface OffsetCommitRequest {
  readonly member: GroupMember;
  readonly topics: readonly InTopic<OffsetToCommit>[];
}

type OffsetCommitResponse = readonly InTopic<{
  readonly partition: number;
  readonly error: number;
}>[];

export const OFFSET_COMMIT: KafkaApi<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  versions: { min: 2, max: 8 },
  flexibleFrom: 8,
  requestBytesMax: BODY_BYTES_MAX,
  readRequest,
  async handle({ context }, { member, topics }) {
    const offsets = topics.flatMap(({ partitions }) => partitions);
    const valid = new Map<string, OffsetToCommit>();
    for (const each of offsets) if (each.offset >= 0) valid.set(placeKey(each), each);
    const errors = await errorsOf(context.broker, { ...member, offsets: [...valid.values()] });
    return topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((each) => {
        const error = each.offset >= 0 ? errors(placeKey(each)) : KAFKA_ERROR.INVALID_REQUEST;
        return { partition: each.partition, error };
      }),
    }));
  },
  writeResponse,
};

/** By partition. */
async function errorsOf(
  broker: Pick<Groups, 'commitOffsets'>,
  request: CommitRequest,
): Promise<(place: string) => number> {
  try {
    const outcomes = await broker.commitOffsets(request);
    const errors = new Map(
      outcomes.map((each) => [
        placeKey(each),
        each.error === undefined ? KAFKA_ERROR.NONE : groupErrorNumber(each.error),
      ]),
    );
    return (place) => errors.get(place) as number;
  } catch (error) {
    const refusal = refusalNumber(error);
    return () => refusal;
  }
}

/**
 *     group_id string, generation_id int32, member_id string
 *     v7+      group_instance_id nullable string
 *     v2-4     retention_time_ms int64
 *     topics, see ../topic-partitions.ts, of
 *              partition_index int32, committed_offset int64
 *       v6+    committed_leader_epoch int32
 *              committed_metadata nullable string
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): OffsetCommitRequest {
  const member = readMember(reader, version >= 7);
  if (version <= 4) reader.readInt64('retention_time_ms');
  const topics = readTopics(reader, COMMIT_OFFSETS_MAX, (topic): OffsetToCommit => {
    const partition = reader.readInt32('partition_index');
    const offset = reader.readInt64('committed_offset');
    const leaderEpoch = version >= 6 ? reader.readInt32('committed_leader_epoch') : -1;
    const metadata = reader.readNullableString('committed_metadata') ?? '';
    return { topic, partition, offset, leaderEpoch, metadata };
  });
  reader.readTags('tags');
  return { member, topics };
}

/**
 *     v3+      throttle_time_ms int32
 *     topics, of
 *              partition_index int32, error_code int16
 *     tags
 */
function writeResponse(writer: KafkaWriter, topics: OffsetCommitResponse, version: number): void {
  if (version >= 3) writer.writeInt32(0);
  writeTopics(writer, topics, ({ partition, error }) => {
    writer.writeInt32(partition);
    writer.writeInt16(error);
  });
  writer.writeTags();
}
