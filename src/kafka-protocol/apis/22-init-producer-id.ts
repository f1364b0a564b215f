/**
 * InitProducerId: v0-4. An id for an idempotent producer.
 *
 * - Each time a new one with epoch 0, never given before; what a producer says of an id that it
 *   had changes nothing (KIP-360), as in Kafka: it raises its epoch by itself.
 * - A transactional id is refused with 53: there are no transactions.
 * - Where none can be given now (a stop, a full disk) it answers 14, the one number that every
 *   client meets by asking again later.
 *
 * v0: the first (KIP-98)
 * v1: as v0
 * v2: flexible (KIP-482)
 * v3: producer_id and producer_epoch that the producer has (KIP-360)
 * v4: as v3
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import type { KafkaApi } from '../api.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { NO_TRANSACTIONS } from '../no-transactions.ts';

const NONE = -1;

export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface InitProducerIdResponse {
  readonly error: number;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export const INIT_PRODUCER_ID: KafkaApi<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: { min: 0, max: 4 },
  flexibleFrom: 2,
  readRequest,
  async handle({ context: { broker } }, { transactionalId, producerId, producerEpoch }) {
    if (transactionalId !== null) return refused(NO_TRANSACTIONS.error);
    // Kafka's rule: both or none.
    if ((producerId === NONE) !== (producerEpoch === NONE)) {
      return refused(KAFKA_ERROR.INVALID_REQUEST);
    }
    try {
      return { error: KAFKA_ERROR.NONE, ...(await broker.initProducerId(null)) };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return refused(KAFKA_ERROR.COORDINATOR_LOAD_IN_PROGRESS);
    }
  },
  writeResponse,
};

function refused(error: number): InitProducerIdResponse {
  return { error, producerId: NONE, producerEpoch: NONE };
}

/**
 *     transactional_id nullable string, transaction_timeout_ms int32
 *     v3+    producer_id int64, producer_epoch int16
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): InitProducerIdRequest {
  const transactionalId = reader.readNullableString('transactional_id');
  reader.readInt32('transaction_timeout_ms');
  const producerId = version >= 3 ? reader.readInt64('producer_id') : NONE;
  const producerEpoch = version >= 3 ? reader.readInt16('producer_epoch') : NONE;
  reader.readTags('tags');
  return { transactionalId, producerId, producerEpoch };
}

/**
 *     throttle_time_ms int32, error_code int16, producer_id int64, producer_epoch int16
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { error, producerId, producerEpoch }: InitProducerIdResponse,
): void {
  writer.writeInt32(0);
  writer.writeInt16(error);
  writer.writeInt64(producerId);
  writer.writeInt16(producerEpoch);
  writer.writeTags();
}
