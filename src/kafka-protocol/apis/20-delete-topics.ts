/**
 * DeleteTopics: v1-6.
 *
 * - A topic that is answered without error is gone for everybody, for good.
 * - By id: the topic that has it, never another one that has taken the name meanwhile.
 * - Named twice, both by name and by id, or neither: 42, once.
 * - The time limit is not looked at: a topic is gone in milliseconds.
 *
 * v1: throttle_time_ms
 * v2: as v1
 * v3: as v2, but for TOPIC_DELETION_DISABLED
 * v4: flexible (KIP-482)
 * v5: error_message, THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v6: topics by id (KIP-516)
 */
import type { Topic } from '../../broker/broker.ts';
import type { KafkaReader } from '../../codec/kafka-reader.ts';
import type { KafkaWriter } from '../../codec/kafka-writer.ts';
import { TOPICS_MAX } from '../../model/limits.ts';
import type { Call, KafkaApi } from '../api.ts';
import { NO_TOPIC_ID } from '../cluster.ts';
import { KAFKA_ERROR } from '../error-numbers.ts';
import { DONE, KafkaRefusal, namedTwice, refusalOutcome } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';

export interface DeleteTopicsRequest {
  readonly topics: readonly TopicNamed[];
}

interface TopicNamed {
  readonly name: string | null;
  readonly topicId: string;
}

export interface DeleteTopicsResponse {
  readonly topics: readonly (TopicNamed & Outcome)[];
}

export const DELETE_TOPICS: KafkaApi<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: 'DeleteTopics',
  versions: { min: 1, max: 6 },
  flexibleFrom: 4,
  readRequest,
  async handle(call, { topics }) {
    const twice = namedTwice(topics.map(keyOf));
    const named = new Map(topics.map((each) => [keyOf(each), each]));
    const answers = [...named].map(async ([key, each]) => {
      try {
        if (twice.has(key)) throw refusal('INVALID_REQUEST', 'the topic is named more than once');
        const { name, topicId } = await remove(call, each);
        return { name, topicId, ...DONE };
      } catch (error) {
        return { ...each, ...refusalOutcome(error) };
      }
    });
    return { topics: await Promise.all(answers) };
  },
  writeResponse,
};

/** No name has a slash. */
function keyOf({ name, topicId }: TopicNamed): string {
  return `${topicId}/${name ?? '/'}`;
}

async function remove(
  { context: { broker } }: Call,
  { name, topicId }: TopicNamed,
): Promise<Topic> {
  if ((name === null) === (topicId === NO_TOPIC_ID)) {
    throw refusal('INVALID_REQUEST', 'a topic is deleted either by its name or by its id');
  }
  const topic = name === null ? await broker.topicById(topicId) : await broker.topic(name);
  if (topic === undefined) {
    throw refusal('UNKNOWN_TOPIC_ID', `there is no topic with the id ${topicId}`);
  }
  await broker.deleteTopic(topic.name, topic);
  return topic;
}

function refusal(error: keyof typeof KAFKA_ERROR, message: string): KafkaRefusal {
  return new KafkaRefusal(KAFKA_ERROR[error], message);
}

/**
 *     v6+      topics array of
 *                name nullable string, topic_id uuid, tags
 *     v1-5     topic_names array of string
 *     timeout_ms int32, tags
 */
function readRequest(reader: KafkaReader, version: number): DeleteTopicsRequest {
  const bounds = { field: 'topics', elementBytesMin: 1, countMax: TOPICS_MAX };
  const topics = reader.readArray(bounds, () => {
    if (version < 6) return { name: reader.readString('name'), topicId: NO_TOPIC_ID };
    const name = reader.readNullableString('name');
    const topicId = reader.readUuid('topic_id');
    reader.readTags('tags of a topic');
    return { name, topicId };
  });
  reader.readInt32('timeout_ms');
  reader.readTags('tags');
  return { topics };
}

/**
 *     throttle_time_ms int32
 *     responses array of
 *                name string, nullable from v6
 *       v6+      topic_id uuid
 *                error_code int16
 *       v5+      error_message nullable string
 *                tags
 *     tags
 */
function writeResponse(
  writer: KafkaWriter,
  { topics }: DeleteTopicsResponse,
  version: number,
): void {
  writer.writeInt32(0);
  writer.writeArray(topics, ({ name, topicId, error, message }) => {
    writer.writeNullableString(name);
    if (version >= 6) writer.writeUuid(topicId);
    writer.writeInt16(error);
    if (version >= 5) writer.writeNullableString(message);
    writer.writeTags();
  });
  writer.writeTags();
}
