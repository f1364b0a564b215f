/**
 * DescribeLogDirs: v1-4. How many bytes partitions take.
 *
 * - One directory: the data directory. Its partitions lie under ids, not names, in it.
 * - Null = all partitions. Those that are named and missing are left out, as Kafka does.
 * - A partition that is offline is shown like any other: what is wrong with it is said to those who
 *   read from it or write to it.
 * - Of the volume nothing is said: -1 for its bytes, which means unknown (KIP-827).
 *
 * v1: as v0
 * v2: flexible (KIP-482)
 * v3: error_code of the whole
 * v4: total_bytes, usable_bytes (KIP-827)
 */
import type { Broker, PartitionDescription } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { PARTITIONS_PER_TOPIC_MAX, TOPICS_MAX } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { errorNumber } from '../errors.ts';

const UNKNOWN_BYTES = -1;

export interface DescribeLogDirsRequest {
  /** By topic, however often it was named. Null = all. */
  readonly asked: ReadonlyMap<string, ReadonlySet<number>> | null;
}

export interface DescribeLogDirsResponse {
  readonly error: number;
  readonly directory: string;
  readonly topics: readonly TopicShown[];
}

interface TopicShown {
  readonly topic: string;
  readonly partitions: readonly PartitionDescription[];
}

export const DESCRIBE_LOG_DIRS: KafkaApi<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: 35,
  name: 'DescribeLogDirs',
  versions: { min: 1, max: 4 },
  flexibleFrom: 2,
  readRequest,
  async handle({ context: { broker, settings } }, { asked }) {
    const directory = settings.dataDirectory;
    try {
      return { error: KAFKA_ERROR.NONE, directory, topics: await topicsShown(broker, asked) };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return { error: errorNumber(error), directory, topics: [] };
    }
  },
  writeResponse,
};

async function topicsShown(
  broker: Broker,
  asked: DescribeLogDirsRequest['asked'],
): Promise<TopicShown[]> {
  const shown: TopicShown[] = [];
  for (const { name: topic } of await broker.listTopics()) {
    const wanted = asked?.get(topic);
    if (asked !== null && wanted === undefined) continue;
    const all = await partitionsOf(broker, topic);
    const partitions = all.filter(({ partition }) => wanted?.has(partition) ?? true);
    shown.push({ topic, partitions });
  }
  return shown;
}

/** None when the topic was deleted meanwhile. */
async function partitionsOf(
  broker: Broker,
  topic: string,
): Promise<readonly PartitionDescription[]> {
  try {
    return await broker.describePartitions(topic);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return [];
    throw error;
  }
}

/**
 *     topics nullable array of
 *                topic string, partitions array of int32, tags
 *     tags
 */
function readRequest(reader: KafkaReader): DescribeLogDirsRequest {
  const topicBounds = { field: 'topics', elementBytesMin: 2, countMax: TOPICS_MAX };
  const bounds = { field: 'partitions', elementBytesMin: 4, countMax: PARTITIONS_PER_TOPIC_MAX };
  const asked = new Map<string, Set<number>>();
  const topics = reader.readNullableArray(topicBounds, () => {
    const topic = reader.readString('topic');
    const partitions = reader.readArray(bounds, () => reader.readInt32('partition'));
    reader.readTags('tags of a topic');
    asked.set(topic, new Set([...(asked.get(topic) ?? []), ...partitions]));
  });
  reader.readTags('tags');
  return { asked: topics === null ? null : asked };
}

/**
 *     throttle_time_ms int32
 *     v3+      error_code int16
 *     results array of
 *                error_code int16, log_dir string
 *                topics array of
 *                          name string
 *                          partitions array of
 *                            partition_index int32, partition_size int64, offset_lag int64
 *                            is_future_key boolean, tags
 *                          tags
 *       v4+      total_bytes int64, usable_bytes int64
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, directory, topics }: DescribeLogDirsResponse,
  version: number,
): void {
  writer.writeInt32(0);
  if (version >= 3) writer.writeInt16(error);
  writer.writeArray([directory], () => {
    writer.writeInt16(error);
    writer.writeString(directory);
    writer.writeArray(topics, ({ topic, partitions }) => {
      writer.writeString(topic);
      writer.writeArray(partitions, ({ partition, bytes }) => {
        writer.writeInt32(partition);
        writer.writeInt64(bytes);
        writer.writeInt64(0);
        writer.writeBoolean(false);
        writer.writeTags();
      });
      writer.writeTags();
    });
    if (version >= 4) writer.writeInt64(UNKNOWN_BYTES);
    if (version >= 4) writer.writeInt64(UNKNOWN_BYTES);
    writer.writeTags();
  });
  writer.writeTags();
}
