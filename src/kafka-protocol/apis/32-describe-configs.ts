/**
 * DescribeConfigs: v1-4.
 *
 * - A topic has all of its configs, each with where its value comes from: set for the topic, or the
 *   default. The synonym of each is what the broker calls the default.
 * - The broker (its id) has a fixed list of what this server's settings and bounds are, all read
 *   only. The empty name stands for what was set for all brokers at run time: nothing ever is.
 * - Other resources are refused with 42; an unknown topic with 3, a name outside the rules with 17.
 * - Null or no keys = all of them. Unknown keys are left out. What is named twice is answered once.
 *
 * v1: include_synonyms, config_source (KIP-226)
 * v2: as v1
 * v3: include_documentation, config_type (KIP-569)
 * v4: flexible (KIP-482)
 */
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { KAFKA_CONFIGS_PER_RESOURCE_MAX, TOPICS_MAX } from '../../model/limits.ts';
import { checkTopicName } from '../../model/names.ts';
import type { Call, KafkaApi } from '../api.ts';
import { brokerConfigEntries } from '../broker-configs.ts';
import { topicConfigEntries } from '../config-entries.ts';
import type { ConfigEntry } from '../config-entries.ts';
import {
  checkBrokerName,
  CONFIG_RESOURCE,
  readResource,
  resourceKey,
  unknownResource,
} from '../config-resources.ts';
import type { ConfigResource } from '../config-resources.ts';
import { DONE, refusalOutcome } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';

export interface DescribeConfigsRequest {
  readonly resources: readonly ResourceAsked[];
  readonly withSynonyms: boolean;
  readonly withDocumentation: boolean;
}

interface ResourceAsked extends ConfigResource {
  /** Null = all. */
  readonly keys: readonly string[] | null;
}

export interface DescribeConfigsResponse {
  readonly answers: readonly ResourceAnswer[];
  readonly withSynonyms: boolean;
  readonly withDocumentation: boolean;
}

interface ResourceAnswer extends ConfigResource, Outcome {
  readonly entries: readonly ConfigEntry[];
}

export const DESCRIBE_CONFIGS: KafkaApi<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  versions: { min: 1, max: 4 },
  flexibleFrom: 4,
  readRequest,
  async handle(call, { resources, ...wishes }) {
    const once = new Map(resources.map((each) => [resourceKey(each), each]));
    const answers = await Promise.all([...once.values()].map((each) => answer(call, each)));
    return { answers, ...wishes };
  },
  writeResponse,
};

async function answer(call: Call, resource: ResourceAsked): Promise<ResourceAnswer> {
  const { type, name, keys } = resource;
  try {
    const all = await entriesOf(call, resource);
    const isAll = keys === null || keys.length === 0;
    const entries = isAll ? all : all.filter((each) => keys.includes(each.name));
    return { type, name, ...DONE, entries };
  } catch (error) {
    return { type, name, ...refusalOutcome(error), entries: [] };
  }
}

async function entriesOf({ context }: Call, resource: ConfigResource): Promise<ConfigEntry[]> {
  const { type, name } = resource;
  if (type === CONFIG_RESOURCE.TOPIC) {
    checkTopicName(name);
    return topicConfigEntries(await context.broker.topic(name));
  }
  if (type !== CONFIG_RESOURCE.BROKER) throw unknownResource(resource);
  checkBrokerName(name);
  return name === '' ? [] : brokerConfigEntries(context);
}

/**
 *     resources array of
 *                resource_type int8, resource_name string
 *                configuration_keys nullable array of string
 *                tags
 *     include_synonyms boolean
 *     v3+      include_documentation boolean
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): DescribeConfigsRequest {
  const resourceBounds = { field: 'resources', elementBytesMin: 3, countMax: TOPICS_MAX };
  const keyBounds = {
    field: 'configuration_keys',
    elementBytesMin: 1,
    countMax: KAFKA_CONFIGS_PER_RESOURCE_MAX,
  };
  const resources = reader.readArray(resourceBounds, () => {
    const resource = readResource(reader);
    const keys = reader.readNullableArray(keyBounds, () => reader.readString('key'));
    reader.readTags('tags of a resource');
    return { ...resource, keys };
  });
  const withSynonyms = reader.readBoolean('include_synonyms');
  const withDocumentation = version >= 3 && reader.readBoolean('include_documentation');
  reader.readTags('tags');
  return { resources, withSynonyms, withDocumentation };
}

/**
 *     throttle_time_ms int32
 *     results array of
 *                error_code int16, error_message nullable string
 *                resource_type int8, resource_name string
 *                configs array of
 *                          name string, value nullable string, read_only boolean
 *                          config_source int8, is_sensitive boolean
 *                          synonyms array of (name string, value nullable string, source int8, tags)
 *                  v3+     config_type int8, documentation nullable string
 *                          tags
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { answers, withSynonyms, withDocumentation }: DescribeConfigsResponse,
  version: number,
): void {
  writer.writeInt32(0);
  writer.writeArray(answers, ({ error, message, type, name, entries }) => {
    writer.writeInt16(error);
    writer.writeNullableString(message);
    writer.writeInt8(type);
    writer.writeString(name);
    writer.writeArray(entries, (entry) => {
      writer.writeString(entry.name);
      writer.writeNullableString(entry.value);
      writer.writeBoolean(entry.isReadOnly);
      writer.writeInt8(entry.source);
      writer.writeBoolean(false);
      writer.writeArray(withSynonyms ? entry.synonyms : [], (synonym) => {
        writer.writeString(synonym.name);
        writer.writeNullableString(synonym.value);
        writer.writeInt8(synonym.source);
        writer.writeTags();
      });
      if (version >= 3) {
        writer.writeInt8(entry.type);
        writer.writeNullableString(withDocumentation ? entry.documentation : null);
      }
      writer.writeTags();
    });
    writer.writeTags();
  });
  writer.writeTags();
}
