/**
 * OffsetDelete: v0 (KIP-496). Forgets committed offsets.
 *
 * - Refused for topics that members are subscribed to (86).
 */
import type { TopicPartition } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { OFFSETS_PER_GROUP_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { groupErrorNumber } from '../errors.ts';
import { refusalNumber } from '../group-fields.ts';
import { byTopic, readTopics, writeTopics } from '../topic-partitions.ts';

interface OffsetDeleteRequest {
  readonly group: string;
  readonly partitions: readonly TopicPartition[];
}

interface OffsetDeleteResponse {
  /** Of the group: then there are no partitions. */
  readonly error: number;
  readonly partitions: readonly (TopicPartition & { readonly error: number })[];
}

export const OFFSET_DELETE: KafkaApi<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: 'OffsetDelete',
  versions: { min: 0, max: 0 },
  flexibleFrom: Infinity,
  readRequest,
  async handle({ context }, { group, partitions }) {
    try {
      const outcomes = await context.broker.deleteOffsets(group, partitions);
      return {
        error: KAFKA_ERROR.NONE,
        partitions: outcomes.map(({ topic, partition, error }) => ({
          topic,
          partition,
          error: error === undefined ? KAFKA_ERROR.NONE : groupErrorNumber(error),
        })),
      };
    } catch (error) {
      return { error: refusalNumber(error), partitions: [] };
    }
  },
  writeResponse,
};

/**
 *     group_id string
 *     topics, see ../topic-partitions.ts, of
 *              partition_index int32
 */
function readRequest(reader: KafkaReader): OffsetDeleteRequest {
  const group = reader.readString('group_id');
  const topics = readTopics(reader, OFFSETS_PER_GROUP_MAX, (topic): TopicPartition => {
    return { topic, partition: reader.readInt32('partition_index') };
  });
  return { group, partitions: topics.flatMap(({ partitions }) => partitions) };
}

/**
 *     error_code int16, throttle_time_ms int32
 *     topics, of
 *              partition_index int32, error_code int16
 */
function writeResponse(writer: KafkaWriter, { error, partitions }: OffsetDeleteResponse): void {
  writer.writeInt16(error);
  writer.writeInt32(0);
  writeTopics(writer, byTopic(partitions), ({ partition, error: each }) => {
    writer.writeInt32(partition);
    writer.writeInt16(each);
  });
}
