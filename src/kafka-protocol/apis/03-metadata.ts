/**
 * Metadata: v0-12. Which brokers there are, and which topics with which partitions.
 *
 * - One broker, the controller, leader of all partitions and their only replica.
 * - A topic that is named and missing is created where the request and the server's setting allow
 *   it, for those who read as for those who write; it is there at once.
 * - A partition that is offline is shown like any other: what is wrong with it is said to those
 *   who read from it or write to it.
 * - A topic named twice is answered once.
 *
 * v0: an empty list of topics = all of them
 * v1: null = all, empty = none; rack, controller_id, is_internal
 * v2: cluster_id (KIP-78)
 * v3: throttle_time_ms (KIP-124)
 * v4: allow_auto_topic_creation (KIP-204); before, it is allowed
 * v5: offline_replicas (KIP-112)
 * v6: as v5
 * v7: leader_epoch (KIP-320)
 * v8: authorized operations (KIP-430)
 * v9: flexible (KIP-482)
 * v10: topic_id is shown (KIP-516)
 * v11: no authorized operations of the cluster (KIP-700)
 * v12: topics are asked for by topic_id, too (KIP-516)
 */
import type { Topic } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { MillraceError } from '../../model/errors.ts';
import { TOPICS_MAX } from '../../model/limits.ts';
import { checkTopicName } from '../../model/names.ts';
import type { Call, KafkaApi } from '../api.ts';
import {
  CLUSTER_OPERATIONS,
  OPERATIONS_NOT_ASKED,
  TOPIC_OPERATIONS,
} from '../authorized-operations.ts';
import { brokerAddress, LEADER_EPOCH, NO_TOPIC_ID, NODE_ID } from '../cluster.ts';
import type { HostAndPort } from '../context.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { errorNumber } from '../errors.ts';

export interface MetadataRequest {
  /** Null = all. */
  readonly topics: readonly TopicAsked[] | null;
  readonly mayCreate: boolean;
  readonly wantsClusterOperations: boolean;
  readonly wantsTopicOperations: boolean;
}

interface TopicAsked {
  readonly topicId: string;
  readonly name: string | null;
}

export interface MetadataResponse {
  readonly broker: HostAndPort;
  readonly clusterId: string;
  readonly topics: readonly TopicShown[];
  readonly clusterOperations: number;
}

interface TopicShown {
  readonly error: number;
  readonly name: string | null;
  readonly topicId: string;
  readonly partitionCount: number;
  readonly operations: number;
}

export const METADATA: KafkaApi<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  versions: { min: 0, max: 12 },
  flexibleFrom: 9,
  readRequest,
  async handle(call, request) {
    const { broker } = call.context;
    const topics =
      request.topics === null
        ? (await broker.listTopics()).map((topic) => shown(topic, request))
        : await namedTopics(call, request, request.topics);
    return {
      broker: brokerAddress(call),
      clusterId: broker.clusterId,
      topics,
      clusterOperations: request.wantsClusterOperations ? CLUSTER_OPERATIONS : OPERATIONS_NOT_ASKED,
    };
  },
  writeResponse,
};

async function namedTopics(
  call: Call,
  request: MetadataRequest,
  asked: readonly TopicAsked[],
): Promise<TopicShown[]> {
  const answers = new Map<string, TopicShown>();
  for (const each of asked) {
    const answer = await namedTopic(call, request, each);
    answers.set(answer.name ?? answer.topicId, answer);
  }
  return [...answers.values()];
}

async function namedTopic(
  { context: { broker }, version }: Call,
  request: MetadataRequest,
  { name, topicId }: TopicAsked,
): Promise<TopicShown> {
  if (name === null || topicId !== NO_TOPIC_ID) {
    // Before v12 ids are announced for a use that was never built.
    if (version < 12) return notShown(KAFKA_ERROR.INVALID_REQUEST, { name: name ?? '', topicId });
    const topic = await broker.topicById(topicId);
    return topic === undefined
      ? notShown(KAFKA_ERROR.UNKNOWN_TOPIC_ID, { name: null, topicId })
      : shown(topic, request);
  }
  try {
    checkTopicName(name);
    return shown(await broker.topic(name, { autoCreate: request.mayCreate }), request);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return notShown(errorNumber(error), { name, topicId });
  }
}

function shown({ name, topicId, partitionCount }: Topic, request: MetadataRequest): TopicShown {
  const operations = request.wantsTopicOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED;
  return { error: KAFKA_ERROR.NONE, name, topicId, partitionCount, operations };
}

function notShown(error: number, { name, topicId }: TopicAsked): TopicShown {
  return { error, name, topicId, partitionCount: 0, operations: OPERATIONS_NOT_ASKED };
}

/**
 *     topics array, nullable from v1, of
 *       v10+   topic_id uuid
 *              name string, nullable from v10
 *              tags
 *     v4+      allow_auto_topic_creation boolean
 *     v8-10    include_cluster_authorized_operations boolean
 *     v8+      include_topic_authorized_operations boolean
 *     tags
 */
function readRequest(reader: KafkaReader, version: number): MetadataRequest {
  const bounds = { field: 'topics', elementBytesMin: 2, countMax: TOPICS_MAX };
  const readTopic = (): TopicAsked => {
    const topicId = version >= 10 ? reader.readUuid('topic_id') : NO_TOPIC_ID;
    const name = version >= 10 ? reader.readNullableString('name') : reader.readString('name');
    reader.readTags('tags of a topic');
    return { topicId, name };
  };
  const topics =
    version >= 1
      ? reader.readNullableArray(bounds, readTopic)
      : nullIfEmpty(reader.readArray(bounds, readTopic));
  const mayCreate = version < 4 || reader.readBoolean('allow_auto_topic_creation');
  const wantsClusterOperations =
    version >= 8 && version <= 10 && reader.readBoolean('include_cluster_authorized_operations');
  const wantsTopicOperations =
    version >= 8 && reader.readBoolean('include_topic_authorized_operations');
  reader.readTags('tags');
  return { topics, mayCreate, wantsClusterOperations, wantsTopicOperations };
}

function nullIfEmpty<T>(all: T[]): T[] | null {
  return all.length === 0 ? null : all;
}

/**
 *     v3+      throttle_time_ms int32
 *     brokers array of
 *              node_id int32, host string, port int32
 *       v1+    rack nullable string
 *              tags
 *     v2+      cluster_id nullable string
 *     v1+      controller_id int32
 *     topics array of
 *              error_code int16
 *              name string, nullable from v12
 *       v10+   topic_id uuid
 *       v1+    is_internal boolean
 *              partitions array, see writePartition
 *       v8+    topic_authorized_operations int32
 *              tags
 *     v8-10    cluster_authorized_operations int32
 *     tags
 */
function writeResponse(writer: KafkaWriter, response: MetadataResponse, version: number): void {
  if (version >= 3) writer.writeInt32(0);
  writer.writeArray([response.broker], ({ host, port }) => {
    writer.writeInt32(NODE_ID);
    writer.writeString(host);
    writer.writeInt32(port);
    if (version >= 1) writer.writeNullableString(null);
    writer.writeTags();
  });
  if (version >= 2) writer.writeNullableString(response.clusterId);
  if (version >= 1) writer.writeInt32(NODE_ID);
  writer.writeArray(response.topics, (topic) => {
    writer.writeInt16(topic.error);
    writer.writeNullableString(topic.name);
    if (version >= 10) writer.writeUuid(topic.topicId);
    if (version >= 1) writer.writeBoolean(false);
    const partitions = Array.from({ length: topic.partitionCount }, (_, index) => index);
    writer.writeArray(partitions, (partition) => writePartition(writer, partition, version));
    if (version >= 8) writer.writeInt32(topic.operations);
    writer.writeTags();
  });
  if (version >= 8 && version <= 10) writer.writeInt32(response.clusterOperations);
  writer.writeTags();
}

const REPLICAS = [NODE_ID];

/**
 *              error_code int16, partition_index int32, leader_id int32
 *       v7+    leader_epoch int32
 *              replica_nodes array of int32, isr_nodes array of int32
 *       v5+    offline_replicas array of int32
 *              tags
 */
function writePartition(writer: KafkaWriter, partition: number, version: number): void {
  writer.writeInt16(KAFKA_ERROR.NONE);
  writer.writeInt32(partition);
  writer.writeInt32(NODE_ID);
  if (version >= 7) writer.writeInt32(LEADER_EPOCH);
  writer.writeArray(REPLICAS, (node) => writer.writeInt32(node));
  writer.writeArray(REPLICAS, (node) => writer.writeInt32(node));
  if (version >= 5) writer.writeArray([], () => {});
  writer.writeTags();
}
