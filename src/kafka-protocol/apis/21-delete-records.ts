/**
 * DeleteRecords: v0-2. Moves the beginning of partitions up to an offset (KIP-107).
 *
 * - -1 is the high watermark: all that readers see. An offset beyond it, and other negative ones,
 *   are refused with 1; one below the beginning changes nothing.
 * - What is answered is where the partition begins now, durably; -1 with an error.
 * - The time limit is not looked at.
 *
 * v1: as v0
 * v2: flexible (KIP-482)
 */
import type { Broker } from '../../broker/broker.ts';
import type { TopicPartition } from '../../broker/groups.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { PARTITIONS_MAX, PURGE_CONCURRENCY } from '../../model/limits.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { logErrorNumber } from '../errors.ts';
import { byTopic, readTopics, writeTopics } from '../topic-partitions.ts';
import type { InTopic } from '../topic-partitions.ts';

export interface DeleteRecordsRequest {
  readonly places: readonly Place[];
}

interface Place extends TopicPartition {
  readonly beforeOffset: number;
}

export interface DeleteRecordsResponse {
  readonly topics: readonly InTopic<PlaceAnswer>[];
}

interface PlaceAnswer extends TopicPartition {
  readonly logStartOffset: number;
  readonly error: number;
}

export const DELETE_RECORDS: KafkaApi<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: 'DeleteRecords',
  versions: { min: 0, max: 2 },
  flexibleFrom: 2,
  readRequest,
  async handle({ context: { broker } }, { places }) {
    const answers: PlaceAnswer[] = [];
    // A few at a time: each moves the beginning of a log durably.
    for (let next = 0; next < places.length; next += PURGE_CONCURRENCY) {
      const some = places.slice(next, next + PURGE_CONCURRENCY);
      answers.push(...(await Promise.all(some.map((each) => purge(broker, each)))));
    }
    return { topics: byTopic(answers) };
  },
  writeResponse,
};

async function purge(broker: Broker, place: Place): Promise<PlaceAnswer> {
  const { topic, partition, beforeOffset } = place;
  try {
    const logStartOffset = await broker.deleteRecords(topic, partition, beforeOffset);
    return { topic, partition, logStartOffset, error: KAFKA_ERROR.NONE };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return { topic, partition, logStartOffset: -1, error: logErrorNumber(error) };
  }
}

/**
 *     topics, see readTopics, of
 *                partition_index int32, offset int64
 *     timeout_ms int32, tags
 */
function readRequest(reader: KafkaReader): DeleteRecordsRequest {
  const topics = readTopics(reader, PARTITIONS_MAX, (topic) => ({
    topic,
    partition: reader.readInt32('partition_index'),
    beforeOffset: reader.readInt64('offset'),
  }));
  reader.readInt32('timeout_ms');
  reader.readTags('tags');
  return { places: topics.flatMap(({ partitions }) => partitions) };
}

/**
 *     throttle_time_ms int32
 *     topics, see writeTopics, of
 *                partition_index int32, low_watermark int64, error_code int16
 *     tags
 */
function writeResponse(writer: KafkaWriter, { topics }: DeleteRecordsResponse): void {
  writer.writeInt32(0);
  writeTopics(writer, topics, ({ partition, logStartOffset, error }) => {
    writer.writeInt32(partition);
    writer.writeInt64(logStartOffset);
    writer.writeInt16(error);
  });
  writer.writeTags();
}
