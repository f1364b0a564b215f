import { expect, test } from 'vitest';
import type { MillraceError } from '../../src/model/errors.ts';
import { PARTITIONS_PER_TOPIC_MAX } from '../../src/model/limits.ts';
import { refusal, Scene } from './scene.ts';
import type { CreateBroker } from './scene.ts';

export function describeTopicChanges(createBroker: CreateBroker): void {
  test('a deleted topic is gone', async () => {
    const scene = await Scene.withTopic(createBroker);
    const { broker } = scene;
    await scene.produce(['one']);
    await broker.deleteTopic('t');
    expect(await broker.listTopics()).toEqual([]);
    for (const call of [
      broker.topic('t'),
      broker.deleteTopic('t'),
      broker.addPartitions('t', 2),
      broker.alterConfigs('t', new Map()),
      broker.describePartitions('t'),
      broker.listOffset('t', 0, 'latest'),
      broker.deleteRecords('t', 0, -1),
      scene.produce(['two']),
    ]) {
      expect((await refusal(call)).code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    }
    expect((await scene.fetch()).error?.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(broker.stats()).toMatchObject({ topics: 0, partitions: 0 });
  });

  test('a topic made again under the same name is another one and empty', async () => {
    const scene = await Scene.withTopic(createBroker);
    const { broker } = scene;
    const before = await broker.topic('t');
    await scene.produce(['one']);
    await broker.deleteTopic('t');
    const after = await broker.createTopic({ name: 't' });
    expect(after.topicId).not.toBe(before.topicId);
    expect(await scene.values()).toEqual([]);
    expect(await scene.produce(['two'])).toMatchObject({ baseOffset: 0 });
  });

  test('those at work in a topic that is deleted end with UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 2 });
    const writing = Array.from({ length: 20 }, (_, n) =>
      scene.produce([String(n)], { partition: n % 2 }).then(
        (outcome) => outcome.error,
        (error: MillraceError) => error,
      ),
    );
    const reading = scene.fetch({ minBytes: 1_000_000, maxBytes: 2_000_000, maxWaitMs: 1000 });
    const lookingUp = scene.broker.listOffset('t', 0, { timestamp: 0 }).then(
      () => undefined,
      (error: MillraceError) => error,
    );
    await scene.broker.deleteTopic('t');
    const gone = { code: 'UNKNOWN_TOPIC_OR_PARTITION' };
    for (const error of await Promise.all(writing)) {
      if (error !== undefined) expect(error).toMatchObject({ ...gone, written: 'no' });
    }
    // Whoever only reads is told nothing of writing.
    expect((await reading).error).toMatchObject({ ...gone, written: undefined });
    const lookup = await lookingUp;
    if (lookup !== undefined) expect(lookup).toMatchObject(gone);
  });

  test('a name can be taken again while its topic is being deleted', async () => {
    const scene = await Scene.withTopic(createBroker);
    const [, made] = await Promise.all([
      scene.broker.deleteTopic('t'),
      scene.broker.createTopic({ name: 't', partitionCount: 2 }),
    ]);
    expect(await scene.broker.listTopics()).toEqual([made]);
  });

  test('a topic deleted by name and id is no other one that has its name', async () => {
    const { broker } = await Scene.withTopic(createBroker);
    const { topicId } = await broker.topic('t');
    const [, made, late] = await Promise.all([
      broker.deleteTopic('t', { topicId }),
      broker.createTopic({ name: 't' }),
      refusal(broker.deleteTopic('t', { topicId })),
    ]);
    expect(late.code).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await broker.listTopics()).toEqual([made]);
    await broker.deleteTopic('t', { topicId: made.topicId });
    expect(await broker.listTopics()).toEqual([]);
  });

  test('partitions can be added; the records of the others stay', async () => {
    const scene = await Scene.withTopic(createBroker, { configs: { 'max.message.bytes': '200' } });
    await scene.produce(['one']);
    const topic = await scene.broker.addPartitions('t', 3);
    expect(topic.partitionCount).toBe(3);
    expect(await scene.broker.topic('t')).toEqual(topic);
    expect(await scene.values(0)).toEqual(['one']);
    expect(await scene.produce(['two'], { partition: 2 })).toMatchObject({ baseOffset: 0 });
    const error = await refusal(scene.produce(['x'.repeat(200)], { partition: 2 }));
    expect(error.code).toBe('MESSAGE_TOO_LARGE');
    expect(scene.broker.stats()).toMatchObject({ topics: 1, partitions: 3 });
  });

  test('partitions never become fewer', async () => {
    const { broker } = await Scene.withTopic(createBroker, { partitions: 2 });
    for (const partitions of [1, 0, -1, 2.5]) {
      expect((await refusal(broker.addPartitions('t', partitions))).code).toBe(
        'INVALID_PARTITIONS',
      );
    }
    const error = await refusal(broker.addPartitions('t', PARTITIONS_PER_TOPIC_MAX + 1));
    expect(error.code).toBe('POLICY_VIOLATION');
    expect((await broker.addPartitions('t', 2)).partitionCount).toBe(2);
  });

  test('configs are set, and with null go back to their defaults', async () => {
    const { broker } = await Scene.withTopic(createBroker, {
      configs: { 'retention.ms': '1000', 'segment.ms': '2000' },
    });
    const changes = new Map([
      ['retention.ms', null],
      ['retention.bytes', '5000'],
    ]);
    const topic = await broker.alterConfigs('t', changes);
    expect(Object.fromEntries(topic.configOverrides)).toEqual({
      'retention.bytes': '5000',
      'segment.ms': '2000',
    });
    expect(topic.config).toMatchObject({
      retentionMs: 604_800_000,
      retentionBytes: 5000,
      segmentMs: 2000,
    });
    expect(await broker.topic('t')).toEqual(topic);
  });

  test('a changed config holds from then on', async () => {
    const scene = await Scene.withTopic(createBroker);
    await scene.produce(['x'.repeat(200)]);
    await scene.broker.alterConfigs('t', new Map([['max.message.bytes', '200']]));
    const error = await refusal(scene.produce(['x'.repeat(200)]));
    expect(error.code).toBe('MESSAGE_TOO_LARGE');
  });

  test('of several config changes all are made or none', async () => {
    const { broker } = await Scene.withTopic(createBroker);
    const before = await broker.topic('t');
    for (const bad of [
      ['segment.ms', 'soon'],
      ['no.such.config', '1'],
      ['no.such.config', null],
    ] as const) {
      const changes = new Map<string, string | null>([['retention.ms', '1'], bad]);
      const error = await refusal(broker.alterConfigs('t', changes));
      expect(error).toMatchObject({ code: 'INVALID_CONFIG', details: { config: bad[0] } });
    }
    expect(await broker.topic('t')).toEqual(before);
  });

  test('a change that is only tried is answered and refused alike, and changes nothing', async () => {
    const { broker } = await Scene.withTopic(createBroker, { partitions: 2 });
    const before = await broker.topic('t');
    const only = { validateOnly: true };
    const changes = new Map([['retention.ms', '1000']]);
    const spec = { name: 'new', partitionCount: 3, configOverrides: changes };
    expect(await broker.createTopic(spec, only)).toMatchObject(spec);
    expect(await broker.addPartitions('t', 5, only)).toEqual({ ...before, partitionCount: 5 });
    expect(await broker.alterConfigs('t', changes, only)).toMatchObject({
      topicId: before.topicId,
      config: { retentionMs: 1000 },
      configOverrides: changes,
    });
    expect(await broker.listTopics()).toEqual([before]);
    expect(await broker.describePartitions('t')).toHaveLength(2);

    const partitionCount = PARTITIONS_PER_TOPIC_MAX + 1;
    for (const [call, code] of [
      [broker.createTopic({ name: 't' }, only), 'TOPIC_ALREADY_EXISTS'],
      [broker.createTopic({ name: 'new', partitionCount }, only), 'POLICY_VIOLATION'],
      [broker.addPartitions('t', 1, only), 'INVALID_PARTITIONS'],
      [broker.addPartitions('new', 1, only), 'UNKNOWN_TOPIC_OR_PARTITION'],
      [broker.alterConfigs('t', new Map([['x', '1']]), only), 'INVALID_CONFIG'],
    ] as const) {
      expect((await refusal(call)).code).toBe(code);
    }
  });

  test('partitions are described in order, with their offsets', async () => {
    const scene = await Scene.withTopic(createBroker, { partitions: 3 });
    await scene.produce(['one', 'two'], { partition: 1 });
    await scene.broker.deleteRecords('t', 1, 1);
    const descriptions = await scene.broker.describePartitions('t');
    const empty = {
      logStartOffset: 0,
      highWatermark: 0,
      durableOffset: 0,
      bytes: 0,
      segmentCount: 1,
    };
    expect(descriptions).toMatchObject([
      { partition: 0, ...empty, state: 'online' },
      { partition: 1, logStartOffset: 1, highWatermark: 2, durableOffset: 2, state: 'online' },
      { partition: 2, ...empty, state: 'online' },
    ]);
    expect(descriptions[1]?.bytes).toBeGreaterThan(61);
    expect(descriptions[1]?.reason).toBeUndefined();
  });
}
