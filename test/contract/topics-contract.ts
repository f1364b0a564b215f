import { expect, test } from 'vitest';
import { PARTITIONS_PER_TOPIC_MAX } from '../../src/model/limits.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

const LONGEST_NAME = 'x'.repeat(249);

export function describeTopics(createBroker: CreateBroker): void {
  test('a created topic is found by its name, with its configs and an id', async () => {
    const { broker } = await Scene.open(createBroker);
    const configOverrides = new Map([['retention.ms', '1000']]);
    const created = await broker.createTopic({ name: 'a', partitionCount: 3, configOverrides });
    expect(created).toMatchObject({ name: 'a', partitionCount: 3, configOverrides });
    expect(created.config).toEqual(parseTopicConfig(configOverrides));
    expect(created.topicId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(await broker.topic('a')).toEqual(created);
  });

  test('a topic is found by its id, until it is deleted and also when it is made again', async () => {
    const { broker } = await Scene.open(createBroker);
    expect(broker.clusterId).toMatch(/^[\w-]{22}$/);
    const { topicId } = await broker.createTopic({ name: 'a' });
    expect(await broker.topicById(topicId)).toEqual(await broker.topic('a'));
    await broker.addPartitions('a', 2);
    expect(await broker.topicById(topicId)).toMatchObject({ name: 'a', partitionCount: 2 });
    await broker.deleteTopic('a');
    expect(await broker.topicById(topicId)).toBeUndefined();
    const again = await broker.createTopic({ name: 'a' });
    expect(await broker.topicById(topicId)).toBeUndefined();
    expect(await broker.topicById(again.topicId)).toEqual(again);
  });

  test('topics are listed in the order of their names', async () => {
    const { broker } = await Scene.open(createBroker);
    expect(await broker.listTopics()).toEqual([]);
    for (const name of ['b', 'B', 'a-1', 'a.1', 'a', '__proto__'])
      await broker.createTopic({ name });
    const names = (await broker.listTopics()).map((topic) => topic.name);
    expect(names).toEqual(['B', '__proto__', 'a', 'a-1', 'a.1', 'b']);
  });

  test('a topic without a partition count has the default number', async () => {
    const { broker } = await Scene.open(createBroker, { defaultPartitions: 4 });
    expect((await broker.createTopic({ name: 'a' })).partitionCount).toBe(4);
    expect((await broker.topic('b', { autoCreate: true })).partitionCount).toBe(4);
    expect(await broker.describePartitions('a')).toHaveLength(4);
  });

  test('a name that is taken is refused and its topic stays', async () => {
    const { broker } = await Scene.open(createBroker);
    const first = await broker.createTopic({ name: 'a' });
    const error = await refusal(broker.createTopic({ name: 'a', partitionCount: 2 }));
    expect(error.code).toBe('TOPIC_ALREADY_EXISTS');
    expect(await broker.topic('a')).toEqual(first);
  });

  test('of two creations of one name at once, one wins', async () => {
    const { broker } = await Scene.open(createBroker);
    const both = [1, 2].map((partitionCount) => broker.createTopic({ name: 'a', partitionCount }));
    const outcomes = await Promise.allSettled(both);
    const refused = outcomes.filter((each) => each.status === 'rejected');
    expect(refused.map((each) => each.reason.code)).toEqual(['TOPIC_ALREADY_EXISTS']);
    const [winner] = outcomes.filter((each) => each.status === 'fulfilled');
    expect(await broker.listTopics()).toEqual([winner?.value]);
  });

  test.each(['', '.', '..', 'a/b', 'a b', 'ü', 'a\n', `${LONGEST_NAME}x`])(
    'the name %j is refused',
    async (name) => {
      const { broker } = await Scene.open(createBroker);
      expect((await refusal(broker.createTopic({ name }))).code).toBe('INVALID_TOPIC_EXCEPTION');
      const asked = await refusal(broker.topic(name, { autoCreate: true }));
      expect(asked.code).toBe('INVALID_TOPIC_EXCEPTION');
      expect((await refusal(broker.topic(name))).code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    },
  );

  test.each(['__proto__', 'constructor', '...', '-', LONGEST_NAME])(
    '%j is just a name',
    async (name) => {
      const { broker } = await Scene.open(createBroker);
      expect((await refusal(broker.topic(name))).code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
      const topic = await broker.createTopic({ name });
      expect(await broker.topic(name)).toEqual(topic);
    },
  );

  test('partition counts that make no sense are refused', async () => {
    const { broker } = await Scene.open(createBroker);
    for (const partitionCount of [0, -1, 1.5, Number.NaN]) {
      const error = await refusal(broker.createTopic({ name: 'a', partitionCount }));
      expect(error.code).toBe('INVALID_PARTITIONS');
    }
    const partitionCount = PARTITIONS_PER_TOPIC_MAX + 1;
    const error = await refusal(broker.createTopic({ name: 'a', partitionCount }));
    expect(error.code).toBe('POLICY_VIOLATION');
    expect(await broker.listTopics()).toEqual([]);
  });

  test('unknown configs and values out of range are refused by name, and no topic is made', async () => {
    const { broker } = await Scene.open(createBroker);
    for (const [config, text] of [
      ['min.compaction.lag.ms', '1'],
      ['__proto__', '1'],
      ['retention.ms', '-2'],
      ['cleanup.policy', 'compact'],
    ] as const) {
      const configOverrides = new Map([[config, text]]);
      const error = await refusal(broker.createTopic({ name: 'a', configOverrides }));
      expect(error).toMatchObject({ code: 'INVALID_CONFIG', details: { config, received: text } });
    }
    expect(await broker.listTopics()).toEqual([]);
  });

  test('a missing topic is made when it is asked for with autoCreate, and only then', async () => {
    const { broker } = await Scene.open(createBroker);
    const error = await refusal(broker.topic('a'));
    expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', details: { topic: 'a' } });
    expect(error.details).not.toHaveProperty('partition');
    const made = await broker.topic('a', { autoCreate: true });
    expect(await broker.topic('a', { autoCreate: true })).toEqual(made);
    expect(await broker.listTopics()).toEqual([made]);
  });

  test('autoCreate makes nothing where the setting is off', async () => {
    const { broker } = await Scene.open(createBroker, { autoCreateTopics: false });
    const error = await refusal(broker.topic('a', { autoCreate: true }));
    expect(error.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await broker.listTopics()).toEqual([]);
  });

  test('all who ask for a missing topic at once get the same one', async () => {
    const { broker } = await Scene.open(createBroker);
    const asked = Array.from({ length: 5 }, () => broker.topic('a', { autoCreate: true }));
    const ids = new Set((await Promise.all(asked)).map((topic) => topic.topicId));
    expect(ids.size).toBe(1);
  });
}
