/**
 * CreateTopics: v2-7.
 *
 * - A partition count of -1 is the server's default. A replication factor is taken if it is -1 or
 *   at least 1, and answered as 1: there is one broker.
 * - Replicas placed by hand take the place of both, which must be -1 then: partitions from 0
 *   without a gap, each on the one broker.
 * - Configs that are unknown, or ask for what is not built (compaction, recompression), are refused
 *   with 40. What there is stands in topic-config-definitions.ts.
 * - A topic that is answered without error is durable. Each has an outcome of its own. A name that
 *   is there twice is refused with 42, once.
 * - The time limit is not looked at: a topic is made in milliseconds, and never half.
 *
 * v2: throttle_time_ms
 * v3: as v2
 * v4: -1 for partitions and replication factor (KIP-464)
 * v5: flexible (KIP-482); what was made is told, with all configs (KIP-525)
 * v6: as v5, but for THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v7: topic_id (KIP-516)
 */
import type { Topic } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import {
  KAFKA_CONFIGS_PER_RESOURCE_MAX,
  PARTITIONS_PER_TOPIC_MAX,
  TOPICS_MAX,
} from '../../model/limits.ts';
import { quote } from '../../model/names.ts';
import type { Call, KafkaApi } from '../api.ts';
import { NO_TOPIC_ID } from '../cluster.ts';
import { topicConfigEntries } from '../config-entries.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { DONE, KafkaRefusal, namedTwice, refusalOutcome } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import {
  badAssignment,
  checkReplicas,
  readBrokers,
  REPLICATION_FACTOR,
} from '../replica-assignment.ts';

/** The server's default of what it stands for. */
const DEFAULT_COUNT = -1;

export interface CreateTopicsRequest {
  readonly topics: readonly TopicWish[];
  readonly validateOnly: boolean;
}

interface TopicWish {
  readonly name: string;
  readonly partitionCount: number;
  readonly replicationFactor: number;
  readonly assignments: readonly {
    readonly partition: number;
    readonly brokers: readonly number[];
  }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

export interface CreateTopicsResponse {
  readonly topics: readonly TopicAnswer[];
}

interface TopicAnswer extends Outcome {
  readonly name: string;
  /** Undefined when it was refused. */
  readonly topic: Topic | undefined;
}

export const CREATE_TOPICS: KafkaApi<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  versions: { min: 2, max: 7 },
  flexibleFrom: 5,
  readRequest,
  async handle(call, { topics, validateOnly }) {
    const twice = namedTwice(topics.map(({ name }) => name));
    const wishes = new Map(topics.map((wish) => [wish.name, wish]));
    const answers = [...wishes.values()].map(async (wish): Promise<TopicAnswer> => {
      const { name } = wish;
      try {
        if (twice.has(name))
          throw refusal('INVALID_REQUEST', `${quote(name)} is named more than once`);
        return { name, ...DONE, topic: await create(call, wish, validateOnly) };
      } catch (error) {
        return { name, ...refusalOutcome(error), topic: undefined };
      }
    });
    return { topics: await Promise.all(answers) };
  },
  writeResponse,
};

async function create(
  { context: { broker } }: Call,
  wish: TopicWish,
  validateOnly: boolean,
): Promise<Topic> {
  const { name } = wish;
  const partitionCount = partitionsOf(wish);
  const configOverrides = configsOf(wish);
  const spec = { name, partitionCount, configOverrides };
  const topic = await broker.createTopic(spec, { validateOnly });
  return validateOnly ? { ...topic, topicId: NO_TOPIC_ID } : topic;
}

/** Undefined = the default. */
function partitionsOf({
  partitionCount,
  replicationFactor,
  assignments,
}: TopicWish): number | undefined {
  if (assignments.length > 0) {
    if (partitionCount !== DEFAULT_COUNT || replicationFactor !== DEFAULT_COUNT) {
      throw refusal(
        'INVALID_REQUEST',
        'replicas are placed by hand, so partition count and replication factor must be -1',
      );
    }
    checkAssignments(assignments);
    return assignments.length;
  }
  if (replicationFactor < REPLICATION_FACTOR && replicationFactor !== DEFAULT_COUNT) {
    throw refusal(
      'INVALID_REPLICATION_FACTOR',
      `the replication factor is ${replicationFactor}; it must be at least 1, or -1 for the default`,
    );
  }
  return partitionCount === DEFAULT_COUNT ? undefined : partitionCount;
}

function checkAssignments(assignments: TopicWish['assignments']): void {
  const numbers = new Set(assignments.map(({ partition }) => partition));
  assignments.forEach(({ partition, brokers }, index) => {
    // As many numbers as lists: none is there twice, and none is missing.
    if (!numbers.has(index)) throw badAssignment(`no replicas are placed for partition ${index}`);
    checkReplicas(brokers, partition);
  });
}

function configsOf({ configs }: TopicWish): Map<string, string> {
  return new Map(
    configs.map(({ name, value }) => {
      if (value !== null) return [name, value];
      throw refusal('INVALID_CONFIG', `config ${quote(name)} has no value`);
    }),
  );
}

function refusal(error: keyof typeof KAFKA_ERROR, message: string): KafkaRefusal {
  return new KafkaRefusal(KAFKA_ERROR[error], message);
}

/**
 *     topics array of
 *                name string, num_partitions int32, replication_factor int16
 *                assignments array of
 *                  partition_index int32, broker_ids array of int32, tags
 *                configs array of
 *                  name string, value nullable string, tags
 *                tags
 *     timeout_ms int32, validate_only boolean, tags
 */
function readRequest(reader: KafkaReader): CreateTopicsRequest {
  const topics = reader.readArray(
    { field: 'topics', elementBytesMin: 10, countMax: TOPICS_MAX },
    () => readTopic(reader),
  );
  reader.readInt32('timeout_ms');
  const validateOnly = reader.readBoolean('validate_only');
  reader.readTags('tags');
  return { topics, validateOnly };
}

function readTopic(reader: KafkaReader): TopicWish {
  const name = reader.readString('name');
  const partitionCount = reader.readInt32('num_partitions');
  const replicationFactor = reader.readInt16('replication_factor');
  const assignments = reader.readArray(
    { field: 'assignments', elementBytesMin: 5, countMax: PARTITIONS_PER_TOPIC_MAX },
    () => {
      const partition = reader.readInt32('partition_index');
      const brokers = readBrokers(reader);
      reader.readTags('tags of an assignment');
      return { partition, brokers };
    },
  );
  const configs = reader.readArray(
    { field: 'configs', elementBytesMin: 2, countMax: KAFKA_CONFIGS_PER_RESOURCE_MAX },
    () => {
      const config = {
        name: reader.readString('name of a config'),
        value: reader.readNullableString('value'),
      };
      reader.readTags('tags of a config');
      return config;
    },
  );
  reader.readTags('tags of a topic');
  return { name, partitionCount, replicationFactor, assignments, configs };
}

/**
 *     throttle_time_ms int32
 *     topics array of
 *                name string
 *       v7+      topic_id uuid
 *                error_code int16, error_message nullable string
 *       v5+      num_partitions int32, replication_factor int16
 *       v5+      configs nullable array of
 *                  name string, value nullable string, read_only boolean
 *                  config_source int8, is_sensitive boolean, tags
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { topics }: CreateTopicsResponse,
  version: number,
): void {
  writer.writeInt32(0);
  writer.writeArray(topics, ({ name, error, message, topic }) => {
    writer.writeString(name);
    if (version >= 7) writer.writeUuid(topic?.topicId ?? NO_TOPIC_ID);
    writer.writeInt16(error);
    writer.writeNullableString(message);
    if (version >= 5) writeMade(writer, topic);
    writer.writeTags();
  });
  writer.writeTags();
}

function writeMade(writer: KafkaWriter, topic: Topic | undefined): void {
  writer.writeInt32(topic?.partitionCount ?? -1);
  writer.writeInt16(topic === undefined ? -1 : REPLICATION_FACTOR);
  writer.writeArray(topic === undefined ? [] : topicConfigEntries(topic), (entry) => {
    writer.writeString(entry.name);
    writer.writeNullableString(entry.value);
    writer.writeBoolean(entry.isReadOnly);
    writer.writeInt8(entry.source);
    writer.writeBoolean(false);
    writer.writeTags();
  });
}
