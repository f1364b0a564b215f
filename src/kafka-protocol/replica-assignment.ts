/**
 * Replicas placed by hand, as requests may: one list of brokers for each partition. There is one
 * broker, so there is one right list. A replication factor is taken whatever it is, because the
 * code that asks for three replicas in a cluster is to run here unchanged; who names brokers has
 * looked which ones there are.
 */
import type { KafkaReader } from '../codec/kafka-reader.ts';
import { NODE_ID } from './cluster.ts';
import { KAFKA_ERROR } from './error-numbers.ts';
import { KafkaRefusal } from './outcome.ts';

/** What is answered, whatever was asked for. */
export const REPLICATION_FACTOR = 1;

/** Throws INVALID_REPLICA_ASSIGNMENT. `brokers` is that of a partition of `topic`. */
export function checkReplicas(brokers: readonly number[], partition: number): void {
  if (brokers.length === 1 && brokers[0] === NODE_ID) return;
  throw badAssignment(
    `partition ${partition} is to lie on ${brokers.length} brokers, ` +
      `and only ${NODE_ID}, the one there is, can be assigned`,
  );
}

export function badAssignment(message: string): KafkaRefusal {
  return new KafkaRefusal(KAFKA_ERROR.INVALID_REPLICA_ASSIGNMENT, message);
}

/**
 *     broker_ids array of int32
 */
export function readBrokers(reader: KafkaReader): number[] {
  return reader.readArray({ field: 'broker_ids', elementBytesMin: 4 }, () =>
    reader.readInt32('broker_ids'),
  );
}
