/**
 * What the two requests that alter configs have in common: the resources they name, the rules for
 * naming them, and the answer. A topic's changes are made all or none; those of one resource say
 * nothing of the others. The broker's configs are its settings, which nobody alters while it runs.
 */
import type { ConfigChanges, Topic } from '../broker/broker.ts';
import type { KafkaReader } from '../codec/kafka-reader.ts';
import type { KafkaWriter } from '../codec/kafka-writer.ts';
import { KAFKA_CONFIGS_PER_RESOURCE_MAX, TOPICS_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { Call } from './api.ts';
import {
  checkBrokerName,
  CONFIG_RESOURCE,
  readResource,
  refusedResource,
  resourceKey,
  unknownResource,
} from './config-resources.ts';
import type { ConfigResource } from './config-resources.ts';
import { namedTwice, outcomeOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';

export interface AlterRequest<T extends NamedConfig> {
  readonly resources: readonly ResourceConfigs<T>[];
  readonly validateOnly: boolean;
}

export interface NamedConfig {
  readonly name: string;
  readonly value: string | null;
}

interface ResourceConfigs<T> extends ConfigResource {
  readonly configs: readonly T[];
}

export interface AlterResponse {
  readonly answers: readonly (ConfigResource & Outcome)[];
}

/** `changesOf` says what becomes of a topic's configs. Its refusals are those of the resource. */
export async function alterConfigs<T extends NamedConfig>(
  { context: { broker } }: Call,
  { resources, validateOnly }: AlterRequest<T>,
  changesOf: (configs: readonly T[], topic: Topic) => ConfigChanges,
): Promise<AlterResponse> {
  const twice = namedTwice(resources.map(resourceKey));
  const answers = resources.map(async (resource) => {
    const { type, name, configs } = resource;
    const outcome = await outcomeOf(async () => {
      if (twice.has(resourceKey(resource))) {
        throw refusedResource(`${quote(name)} is named more than once`);
      }
      checkAlterable(resource);
      checkNamedOnce(configs);
      // Also where it is not looked at, so that changes are made in the order they came.
      const topic = await broker.topic(name);
      await broker.alterConfigs(name, changesOf(configs, topic), { validateOnly });
    });
    return { type, name, ...outcome };
  });
  return { answers: await Promise.all(answers) };
}

function checkAlterable(resource: ConfigResource): void {
  if (resource.type === CONFIG_RESOURCE.TOPIC) return;
  if (resource.type !== CONFIG_RESOURCE.BROKER) throw unknownResource(resource);
  checkBrokerName(resource.name);
  throw refusedResource('the configs of the broker are set when it starts, by its flags');
}

function checkNamedOnce(configs: readonly NamedConfig[]): void {
  const [twice] = namedTwice(configs.map(({ name }) => name));
  if (twice !== undefined) throw refusedResource(`config ${quote(twice)} is named more than once`);
}

/** Throws INVALID_REQUEST where there is none. */
export function valueOf({ name, value }: NamedConfig): string {
  if (value !== null) return value;
  throw refusedResource(`config ${quote(name)} has no value`);
}

/**
 *     resources array of
 *                resource_type int8, resource_name string
 *                configs array of what `readConfig` reads, with tags behind
 *                tags
 *     validate_only boolean
 *     tags
 */
export function readAlterRequest<T extends NamedConfig>(
  reader: KafkaReader,
  readConfig: () => T,
): AlterRequest<T> {
  const resourceBounds = { field: 'resources', elementBytesMin: 3, countMax: TOPICS_MAX };
  const countMax = KAFKA_CONFIGS_PER_RESOURCE_MAX;
  const resources = reader.readArray(resourceBounds, () => {
    const resource = readResource(reader);
    const configs = reader.readArray({ field: 'configs', elementBytesMin: 2, countMax }, () => {
      const config = readConfig();
      reader.readTags('tags of a config');
      return config;
    });
    reader.readTags('tags of a resource');
    return { ...resource, configs };
  });
  const validateOnly = reader.readBoolean('validate_only');
  reader.readTags('tags');
  return { resources, validateOnly };
}

/**
 *     throttle_time_ms int32
 *     responses array of
 *                error_code int16, error_message nullable string
 *                resource_type int8, resource_name string
 *                tags
 *     tags
 */
export function writeAlterResponse(writer: KafkaWriter, { answers }: AlterResponse): void {
  writer.writeInt32(0);
  writer.writeArray(answers, ({ error, message, type, name }) => {
    writer.writeInt16(error);
    writer.writeNullableString(message);
    writer.writeInt8(type);
    writer.writeString(name);
    writer.writeTags();
  });
  writer.writeTags();
}
