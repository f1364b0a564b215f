/**
 * Produce: v3-9, and v0-2 are told of: without them librdkafka switches compression off.
 *
 * - Batches are checked completely and stored as they came. Each partition has an outcome of its
 *   own; all are begun at once, in the order of the requests of a connection.
 * - acks 1 and -1 mean the same: on stable storage. acks 0 is not answered; when anything of it
 *   fails the connection ends, as Kafka does, for there is no other way to say so. Any other
 *   number is refused with 21.
 * - A topic is never created here: 3.
 * - An idempotent producer is told 45 when its numbers leave a gap and 47 when a newer epoch has
 *   taken over; a batch sent twice is answered with its first offset.
 * - 56: nothing of it was written (the disk is full, the partition is offline). 7: nobody can tell,
 *   and whoever tries again is told 56. 6: the server stops, or has too much in hand.
 * - 87: no batch, a batch of an old format, or one that belongs to a transaction. A transactional
 *   id is refused with 53.
 * - A batch is refused as a whole: no single records are named, the message says what is wrong.
 * - The request's time limit is not looked at: an answer comes when the disk has said how it went.
 *
 * v3: record batches, transactional_id (KIP-98)
 * v4: as v3
 * v5: log_start_offset (KIP-107)
 * v6: as v5
 * v7: zstd (KIP-110), which is taken in every version
 * v8: record_errors, error_message (KIP-467)
 * v9: flexible (KIP-482)
 */
import type { Broker, ProduceOutcome } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { INT32_MAX, PARTITIONS_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { errorText, logErrorNumber } from '../errors.ts';
import { NO_TRANSACTIONS } from '../no-transactions.ts';
import type { InTopic } from '../topic-partitions.ts';
import { readTopics, writeTopics } from '../topic-partitions.ts';

const NO_ACKS = 0;
const ACKS = [NO_ACKS, 1, -1];
/** Its number, and the length of no batch. */
const PARTITION_BYTES_MIN = 5;

export interface ProduceRequest {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly topics: readonly InTopic<PartitionData>[];
}

interface PartitionData {
  readonly partition: number;
  readonly batches: Buffer | null;
}

export interface ProduceResponse {
  readonly topics: readonly TopicAnswer[];
}

type TopicAnswer = InTopic<PartitionAnswer>;

interface PartitionAnswer extends Refusal {
  readonly partition: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
}

interface Refusal {
  readonly error: number;
  readonly message: string | null;
}

export const PRODUCE: KafkaApi<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: { min: 0, max: 9 },
  servedFrom: 3,
  flexibleFrom: 9,
  // Up to the server's setting.
  requestBytesMax: INT32_MAX,
  readRequest,
  async handle({ context: { broker } }: Call, request) {
    const refusal = refusalOf(request);
    const answered = request.topics.map(async ({ topic, partitions }): Promise<TopicAnswer> => ({
      topic,
      partitions: refusal
        ? partitions.map(({ partition }) => refused(partition, refusal))
        : await Promise.all(partitions.map((each) => produced(broker, topic, each))),
    }));
    const topics = await Promise.all(answered);
    if (request.acks !== NO_ACKS) return { topics };
    closeOnError(topics);
    return undefined;
  },
  writeResponse,
};

/** Why nothing of a request is taken. */
function refusalOf({ transactionalId, acks }: ProduceRequest): Refusal | undefined {
  if (transactionalId !== null) return NO_TRANSACTIONS;
  if (ACKS.includes(acks)) return undefined;
  const message = `acks is ${acks}; 0, 1 and -1 (all) are allowed`;
  return { error: KAFKA_ERROR.INVALID_REQUIRED_ACKS, message };
}

async function produced(
  broker: Broker,
  topic: string,
  { partition, batches }: PartitionData,
): Promise<PartitionAnswer> {
  if (batches === null || batches.length === 0) return refused(partition, NO_BATCH);
  try {
    const payload = { kind: 'batches' as const, bytes: batches };
    const outcomes = await broker.produce([{ topic, partition, payload }]);
    const { error, baseOffset = -1, ...outcome } = outcomes[0] as ProduceOutcome;
    if (error !== undefined) throw error;
    const { logAppendTimeMs, logStartOffset } = outcome;
    const place = { baseOffset, logAppendTimeMs, logStartOffset };
    return { partition, error: KAFKA_ERROR.NONE, message: null, ...place };
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return refused(partition, { error: logErrorNumber(error), message: errorText(error) });
  }
}

const NO_BATCH: Refusal = { error: KAFKA_ERROR.INVALID_RECORD, message: 'there is no batch' };

function refused(partition: number, { error, message }: Refusal): PartitionAnswer {
  return { partition, error, message, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 };
}

function closeOnError(topics: readonly TopicAnswer[]): void {
  for (const { topic, partitions } of topics) {
    const failed = partitions.find(({ error }) => error !== KAFKA_ERROR.NONE);
    if (failed === undefined) continue;
    const { partition, error, message } = failed;
    throw new MillraceError(
      'INVALID_REQUEST',
      `acks is 0, and partition ${partition} of topic '${topic}' was refused: ${message}`,
      { details: { topic, partition, error } },
    );
  }
}

/**
 *     transactional_id nullable string, acks int16, timeout_ms int32
 *     topics, see ../topic-partitions.ts, of
 *                          index int32, records nullable bytes
 *     tags
 */
function readRequest(reader: KafkaReader): ProduceRequest {
  const transactionalId = reader.readNullableString('transactional_id');
  const acks = reader.readInt16('acks');
  reader.readInt32('timeout_ms');
  const readPartition = (): PartitionData => {
    const partition = reader.readInt32('index');
    const batches = reader.readNullableBytes('records');
    return { partition, batches };
  };
  const topics = readTopics(reader, PARTITIONS_MAX, readPartition, PARTITION_BYTES_MIN);
  reader.readTags('tags');
  return { transactionalId, acks, topics };
}

/**
 *     responses, as topics, of
 *                          index int32, error_code int16, base_offset int64
 *                          log_append_time_ms int64
 *                  v5+     log_start_offset int64
 *                  v8+     record_errors array, error_message nullable string
 *     throttle_time_ms int32
 *     tags
 */
function writeResponse(writer: KafkaWriter, { topics }: ProduceResponse, version: number): void {
  writeTopics(writer, topics, (answer) => {
    writer.writeInt32(answer.partition);
    writer.writeInt16(answer.error);
    writer.writeInt64(answer.baseOffset);
    writer.writeInt64(answer.logAppendTimeMs);
    if (version >= 5) writer.writeInt64(answer.logStartOffset);
    if (version >= 8) writer.writeArray([], () => {});
    if (version >= 8) writer.writeNullableString(answer.message);
  });
  writer.writeInt32(0);
  writer.writeTags();
}
