import { expect, test } from 'vitest';
import type { LocalBroker } from '../../../src/broker/local/local-broker.ts';
import { PARTITIONS_MAX, RETENTION_INTERVAL_MS, TOPICS_MAX } from '../../../src/model/limits.ts';
import type { TopicChangesMeans } from '../../../src/broker/local/topic-changes.ts';
import { TopicChanges } from '../../../src/broker/local/topic-changes.ts';
import { Topics } from '../../../src/broker/local/topics.ts';
import { silentLog } from '../../../src/model/log.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { Catalogue } from '../../../src/storage/catalogue.ts';
import { fakePartition } from '../../support/fake-partition.ts';
import { FaultyFiles } from '../../support/faulty-files.ts';
import type { Fault } from '../../support/faulty-files.ts';
import { SimulatedMachine } from '../../support/simulated-machine.ts';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Changes on topics without files. */
function changesOf(topics: Topics, more: Partial<TopicChangesMeans['data']> = {}): TopicChanges {
  const catalogue = Catalogue.open(':memory:', 'x'.repeat(22));
  const data: TopicChangesMeans['data'] = {
    catalogue,
    createTopic: async (topic) => {
      catalogue.addTopic(topic);
      catalogue.setTopicState(topic.topicId, 'live');
    },
    createPartitions: async () => {},
    deleteTopic: async (topicId) => catalogue.removeTopic(topicId),
    ...more,
  };
  let made = 0;
  return new TopicChanges({
    data,
    topics,
    opener: { openNew: async (places) => places.map(() => fakePartition()) },
    log: silentLog,
    randomBytes: (count) => Buffer.alloc(count, (made += 1)),
    defaultPartitions: 1,
  });
}

function fill(topics: Topics, count: number, partitionCount: number): void {
  const config = parseTopicConfig(new Map());
  const partitions = Array.from({ length: partitionCount }, () => fakePartition());
  for (let n = 0; n < count; n += 1) {
    const name = `filler-${n}`;
    topics.add({
      topic: { name, topicId: name, partitionCount, config, configOverrides: new Map() },
      partitions,
    });
  }
}

test('no more topics than the bound', async () => {
  const topics = new Topics();
  fill(topics, TOPICS_MAX - 1, 1);
  const changes = changesOf(topics);
  await changes.create({ name: 'last' });
  for (const refused of [changes.create({ name: 'more' }), changes.ensure('more')]) {
    await expect(refused).rejects.toMatchObject({
      code: 'POLICY_VIOLATION',
      details: { received: TOPICS_MAX + 1, allowed: TOPICS_MAX },
    });
  }
  expect(await changes.ensure('last')).toMatchObject({ name: 'last' });
  await changes.delete('last');
  await changes.create({ name: 'more' });
});

test('no more partitions than the bound, over all topics', async () => {
  const topics = new Topics();
  fill(topics, 1, PARTITIONS_MAX - 3);
  const changes = changesOf(topics);
  await expect(changes.create({ name: 'a', partitionCount: 4 })).rejects.toMatchObject({
    code: 'POLICY_VIOLATION',
    details: { received: PARTITIONS_MAX + 1, allowed: PARTITIONS_MAX },
  });
  await changes.create({ name: 'a', partitionCount: 2 });
  await changes.addPartitions('a', 3);
  await expect(changes.addPartitions('a', 4)).rejects.toMatchObject({ code: 'POLICY_VIOLATION' });
});

test('bounds hold for changes that come at once', async () => {
  const topics = new Topics();
  fill(topics, TOPICS_MAX - 1, 1);
  const changes = changesOf(topics);
  const both = await Promise.allSettled(['a', 'b'].map((name) => changes.create({ name })));
  expect(both.map((each) => each.status)).toEqual(['fulfilled', 'rejected']);
});

test('a topic that the catalogue does not let go stays as it was', async () => {
  const topics = new Topics();
  let discarded = 0;
  fill(topics, 1, 0);
  topics
    .find('filler-0')
    ?.partitions.push(fakePartition({ discard: async () => void discarded++ }));
  // It knows no such topic, and says so.
  await expect(changesOf(topics).delete('filler-0')).rejects.toThrow('filler-0');
  expect({ isThere: topics.find('filler-0') !== undefined, discarded }).toEqual({
    isThere: true,
    discarded: 0,
  });
});

test('after close changes are refused, and the one on its way is waited for', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const topics = new Topics();
  const changes = changesOf(topics, { createTopic: () => promise });
  const creating = changes.create({ name: 'a' });
  await nextTurn();
  let isClosed = false;
  const closing = changes.close().then(() => (isClosed = true));
  const late = expect(changes.create({ name: 'b' })).rejects.toMatchObject({
    code: 'SHUTTING_DOWN',
  });
  await nextTurn();
  expect(isClosed).toBe(false);
  resolve();
  await Promise.all([creating, closing, late]);
  expect(topics.list().map(({ topic }) => topic.name)).toEqual(['a']);
});

/** Runs `change` with one fault at its n-th call, for n = 1, 2, ... until it passes untouched. */
async function atEveryFault(
  kind: Fault['kind'],
  change: (broker: LocalBroker) => Promise<unknown>,
  check: (broker: LocalBroker, error: unknown, machine: SimulatedMachine) => Promise<void>,
): Promise<number> {
  for (let at = 1; ; at += 1) {
    const machine = new SimulatedMachine(at);
    const files = new FaultyFiles(machine.disk);
    const broker = await machine.start(files);
    await broker.createTopic({ name: 'kept', partitionCount: 2 });
    files.setFault({ kind, at });
    const [outcome] = await Promise.allSettled([change(broker)]);
    const wasSpoiled = files.spoiledCount > 0;
    files.setFault(undefined);
    await check(broker, outcome.status === 'rejected' ? outcome.reason : undefined, machine);
    await broker.close();
    if (!wasSpoiled) return at - 1;
  }
}

test.each(['EIO', 'ENOSPC', 'short-write'] as const)(
  'a creation that fails with %s says so, leaves nothing, and can be tried again',
  async (kind) => {
    const faults = await atEveryFault(
      kind,
      (broker) => broker.createTopic({ name: 't', partitionCount: 2 }),
      async (broker, error) => {
        if (error !== undefined) {
          const code = kind === 'EIO' ? 'KAFKA_STORAGE_ERROR' : 'DISK_FULL';
          expect(error).toMatchObject({ code, written: 'no', retriable: true });
          expect((await broker.listTopics()).map(({ name }) => name)).toEqual(['kept']);
          await broker.createTopic({ name: 't', partitionCount: 2 });
        }
        expect(await broker.describePartitions('t')).toHaveLength(2);
      },
    );
    expect(faults).toBeGreaterThan(kind === 'short-write' ? 2 : 10);
  },
);

test.each(['EIO', 'ENOSPC'] as const)(
  'adding partitions that fails with %s changes nothing, and can be tried again',
  async (kind) => {
    const faults = await atEveryFault(
      kind,
      (broker) => broker.addPartitions('kept', 4),
      async (broker, error) => {
        if (error !== undefined) {
          expect(error).toMatchObject({ written: 'no', retriable: true });
          expect((await broker.topic('kept')).partitionCount).toBe(2);
          expect(await broker.describePartitions('kept')).toHaveLength(2);
          await broker.addPartitions('kept', 4);
        }
        expect(await broker.describePartitions('kept')).toHaveLength(4);
        expect(broker.health().notOnline.length).toBeLessThanOrEqual(error === undefined ? 2 : 0);
      },
    );
    expect(faults).toBeGreaterThan(5);
  },
);

test('a deletion is one, whatever becomes of the files; they go later', async () => {
  const directories = async ({ disk }: SimulatedMachine): Promise<number> =>
    (await disk.list('/data/topics')).length;
  const faults = await atEveryFault(
    'EIO',
    (broker) => broker.deleteTopic('kept'),
    async (broker, error, machine) => {
      expect(error).toBeUndefined();
      expect(await broker.listTopics()).toEqual([]);
      await broker.createTopic({ name: 'kept' });
      expect(await directories(machine)).toBeLessThanOrEqual(2);
      machine.clock.advance(RETENTION_INTERVAL_MS);
      while ((await directories(machine)) > 1) await nextTurn();
    },
  );
  expect(faults).toBeGreaterThan(1);
});
