/**
 * Whose configs a request is about: topics, and the broker. Kafka's other kinds (loggers, clients,
 * groups) have none here, and are refused like kinds that do not exist.
 */
import type { KafkaReader } from '../codec/kafka-reader.ts';
import { quote } from '../model/names.ts';
import { NODE_ID } from './cluster.ts';
import { KAFKA_ERROR } from './error-numbers.ts';
import { KafkaRefusal } from './outcome.ts';

export interface ConfigResource {
  readonly type: number;
  readonly name: string;
}

/** org.apache.kafka.common.config.ConfigResource.Type. */
export const CONFIG_RESOURCE = { TOPIC: 2, BROKER: 4 } as const;

/** The same for two that are the same one. */
export function resourceKey({ type, name }: ConfigResource): string {
  return `${type} ${name}`;
}

/** Throws INVALID_REQUEST. The empty name stands for all brokers. */
export function checkBrokerName(name: string): void {
  if (name === '' || name === String(NODE_ID)) return;
  throw refusedResource(`there is no broker ${quote(name)}, only ${NODE_ID}`);
}

export function unknownResource({ type }: ConfigResource): KafkaRefusal {
  const { TOPIC, BROKER } = CONFIG_RESOURCE;
  return refusedResource(
    `resources of type ${type} have no configs; topics (${TOPIC}) and the broker (${BROKER}) have`,
  );
}

export function refusedResource(message: string): KafkaRefusal {
  return new KafkaRefusal(KAFKA_ERROR.INVALID_REQUEST, message);
}

/**
 *     resource_type int8, resource_name string
 */
export function readResource(reader: KafkaReader): ConfigResource {
  const type = reader.readInt8('resource_type');
  return { type, name: reader.readString('resource_name') };
}
