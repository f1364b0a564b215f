/**
 * Topics: list, describe, create, change, delete. PUT is idempotent: a topic that already is what
 * was asked for answers 200, one that differs 409 and stays as it is.
 */
import type { FastifyInstance } from 'fastify';
import type { Broker, Topic } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import { checkTopicName } from '../model/names.ts';
import type { HttpContext } from './context.ts';
import { readJsonBody, requireJsonBody } from './json-body.ts';
import { TOPIC, readPath, readQuery } from './parameters.ts';
import {
  ALTER_TOPIC,
  CREATE_TOPIC,
  DELETE_TOPIC,
  DESCRIBE_TOPIC,
  LIST_TOPICS,
} from './topic-descriptions.ts';
import type { TopicChange, TopicWish } from './topic-body.ts';
import { checkSameTopic, readTopicChange, readTopicWish } from './topic-body.ts';
import type { TopicShape } from './topic-shapes.ts';
import { topicShape } from './topic-shapes.ts';

/** Said by PATCH when it added partitions. */
const KEYS_MOVE =
  'Partitions were added: records with a key may now go to another partition than before, so the order of one key holds only within each partition.';

export function registerTopics(app: FastifyInstance, { broker }: HttpContext): void {
  app.get('/topics', { schema: LIST_TOPICS }, async (request) => {
    readQuery(request, []);
    return (await broker.listTopics()).map((topic) => topic.name);
  });

  app.get('/topics/:topic', { schema: DESCRIBE_TOPIC }, async (request) => {
    readQuery(request, []);
    return describe(broker, await broker.topic(TOPIC.read(readPath(request))));
  });

  app.put('/topics/:topic', { schema: CREATE_TOPIC }, async (request, reply) => {
    readQuery(request, []);
    const name = TOPIC.read(readPath(request));
    checkTopicName(name);
    const { topic, created } = await ensureTopic(
      broker,
      name,
      readTopicWish(readJsonBody(request)),
    );
    reply.code(created ? 201 : 200);
    return describe(broker, topic);
  });

  app.patch('/topics/:topic', { schema: ALTER_TOPIC }, async (request) => {
    readQuery(request, []);
    const before = await broker.topic(TOPIC.read(readPath(request)));
    const after = await changeTopic(broker, before, readTopicChange(requireJsonBody(request)));
    const shape = await describe(broker, after);
    return after.partitionCount > before.partitionCount ? { ...shape, notice: KEYS_MOVE } : shape;
  });

  app.delete('/topics/:topic', { schema: DELETE_TOPIC }, async (request, reply) => {
    readQuery(request, []);
    await broker.deleteTopic(TOPIC.read(readPath(request)));
    return reply.code(204).send();
  });
}

async function describe(broker: Broker, topic: Topic): Promise<TopicShape> {
  return topicShape(topic, await broker.describePartitions(topic.name));
}

async function ensureTopic(
  broker: Broker,
  name: string,
  wish: TopicWish,
): Promise<{ topic: Topic; created: boolean }> {
  try {
    const topic = await broker.createTopic({
      name,
      partitionCount: wish.partitions,
      configOverrides: wish.configs,
    });
    return { topic, created: true };
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'TOPIC_ALREADY_EXISTS') throw error;
    const topic = await broker.topic(name);
    checkSameTopic(topic, wish);
    return { topic, created: false };
  }
}

/** Everything is checked first, so that a refused PATCH has changed nothing. */
async function changeTopic(broker: Broker, topic: Topic, change: TopicChange): Promise<Topic> {
  const { partitions, configs } = change;
  if (partitions === undefined && configs.size === 0) {
    throw new MillraceError('INVALID_REQUEST', 'the body names neither partitions nor configs');
  }
  if (partitions !== undefined && partitions < topic.partitionCount) {
    throw new MillraceError(
      'INVALID_PARTITIONS',
      `topic ${topic.name} has ${topic.partitionCount} partitions; they cannot become ${partitions}`,
      { details: { topic: topic.name, asked: partitions, actual: topic.partitionCount } },
    );
  }
  let changed = topic;
  if (configs.size > 0) changed = await broker.alterConfigs(topic.name, configs);
  if (partitions !== undefined && partitions > topic.partitionCount) {
    changed = await broker.addPartitions(topic.name, partitions);
  }
  return changed;
}
