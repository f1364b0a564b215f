/**
 * ListOffsets: v1-7. Where a partition begins, ends, or holds a timestamp.
 *
 * - -1 is the end of what readers see, for both isolation levels: there are no transactions. -2 is
 *   the log start, -3 (v7) the record with the largest timestamp; other negative numbers, and those
 *   of later versions, are refused with 35, as Kafka does.
 * - A timestamp leads to the first record at or above it, else to offset -1. So does -3 when there
 *   is no record, or the one that it leads to was deleted before its segment.
 * - The leader epoch is 0 for ever; a client that knows of a higher one is told 75.
 *
 * v1: one offset for each partition (KIP-79)
 * v2: isolation_level (KIP-98); throttle_time_ms
 * v3: as v2
 * v4: current_leader_epoch, leader_epoch (KIP-320)
 * v5: as v4
 * v6: flexible (KIP-482)
 * v7: the largest timestamp, as -3 (KIP-734)
 */
import type { OffsetQuery } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { PARTITIONS_PER_TOPIC_MAX, TOPICS_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { isFutureEpoch, LEADER_EPOCH, NO_LEADER_EPOCH } from '../cluster.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { logErrorNumber } from '../errors.ts';
import type { InTopic } from '../topic-partitions.ts';
import { writeTopics } from '../topic-partitions.ts';

const LATEST = -1;
const EARLIEST = -2;
const LARGEST_TIMESTAMP = -3;
const LARGEST_TIMESTAMP_SINCE = 7;

export interface ListOffsetsRequest {
  readonly topics: readonly InTopic<PartitionAsked>[];
}

interface PartitionAsked {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly timestamp: number;
}

export interface ListOffsetsResponse {
  readonly topics: readonly InTopic<PartitionAnswer>[];
}

interface PartitionAnswer {
  readonly partition: number;
  readonly error: number;
  readonly timestamp: number;
  readonly offset: number;
}

export const LIST_OFFSETS: KafkaApi<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  versions: { min: 1, max: 7 },
  flexibleFrom: 6,
  readRequest,
  async handle(call, request) {
    const topics: InTopic<PartitionAnswer>[] = [];
    for (const { topic, partitions } of request.topics) {
      const answers: PartitionAnswer[] = [];
      // One after the other: a timestamp is looked for on the disk.
      for (const each of partitions) answers.push(await partitionAnswer(call, topic, each));
      topics.push({ topic, partitions: answers });
    }
    return { topics };
  },
  writeResponse,
};

async function partitionAnswer(
  { context: { broker }, version }: Call,
  topic: string,
  { partition, leaderEpoch, timestamp }: PartitionAsked,
): Promise<PartitionAnswer> {
  const query = queryOf(timestamp, version);
  if (query === undefined) return notFound(partition, KAFKA_ERROR.UNSUPPORTED_VERSION);
  try {
    const found = await broker.listOffset(topic, partition, query);
    if (isFutureEpoch(leaderEpoch)) return notFound(partition, KAFKA_ERROR.UNKNOWN_LEADER_EPOCH);
    // A timestamp that nothing is at or above leads to the end here, and nowhere in Kafka.
    if (timestamp >= 0 && found.timestamp === -1) return notFound(partition, KAFKA_ERROR.NONE);
    return { partition, error: KAFKA_ERROR.NONE, ...found };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return notFound(partition, logErrorNumber(error));
  }
}

function queryOf(timestamp: number, version: number): OffsetQuery | undefined {
  if (timestamp >= 0) return { timestamp };
  if (timestamp === LATEST) return 'latest';
  if (timestamp === EARLIEST) return 'earliest';
  if (timestamp === LARGEST_TIMESTAMP && version >= LARGEST_TIMESTAMP_SINCE) {
    return 'largest-timestamp';
  }
  return undefined;
}

function notFound(partition: number, error: number): PartitionAnswer {
  return { partition, error, timestamp: -1, offset: -1 };
}

/**
 *     replica_id int32
 *     v2+      isolation_level int8
 *     topics array of
 *                name string
 *                partitions array of
 *                          partition_index int32
 *                  v4+     current_leader_epoch int32
 *                          timestamp int64
 *                          tags
 *                tags
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): ListOffsetsRequest {
  reader.readInt32('replica_id');
  if (version >= 2) reader.readInt8('isolation_level');
  const topicBounds = { field: 'topics', elementBytesMin: 2, countMax: TOPICS_MAX };
  const bounds = { field: 'partitions', elementBytesMin: 12, countMax: PARTITIONS_PER_TOPIC_MAX };
  const topics = reader.readArray(topicBounds, () => {
    const topic = reader.readString('name');
    const partitions = reader.readArray(bounds, () => {
      const partition = reader.readInt32('partition_index');
      const leaderEpoch = version >= 4 ? reader.readInt32('current_leader_epoch') : NO_LEADER_EPOCH;
      const timestamp = reader.readInt64('timestamp');
      reader.readTags('tags of a partition');
      return { partition, leaderEpoch, timestamp };
    });
    reader.readTags('tags of a topic');
    return { topic, partitions };
  });
  reader.readTags('tags');
  return { topics };
}

/**
 *     v2+      throttle_time_ms int32
 *     topics, see ../topic-partitions.ts, of
 *                          partition_index int32, error_code int16, timestamp int64, offset int64
 *                  v4+     leader_epoch int32
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { topics }: ListOffsetsResponse,
  version: number,
): void {
  if (version >= 2) writer.writeInt32(0);
  writeTopics(writer, topics, ({ partition, error, timestamp, offset }) => {
    writer.writeInt32(partition);
    writer.writeInt16(error);
    writer.writeInt64(timestamp);
    writer.writeInt64(offset);
    if (version >= 4) writer.writeInt32(offset === -1 ? NO_LEADER_EPOCH : LEADER_EPOCH);
  });
  writer.writeTags();
}
