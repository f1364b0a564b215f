import { beforeEach, describe, expect, test } from 'vitest';
import type { Cursor } from '../../src/membership/cursor.ts';
import { fingerprintOf } from '../../src/membership/cursor.ts';
import {
  checkStillFits,
  subscribedTopics,
  topicsNamed,
} from '../../src/membership/subscribed-topics.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';

let broker: MemoryBroker;

beforeEach(async () => {
  broker = createMemoryBroker({ clock: new ManualClock() });
  await broker.createTopic({ name: 'orders-eu', partitionCount: 2 });
  await broker.createTopic({ name: 'orders-us', partitionCount: 3 });
  await broker.createTopic({ name: 'users' });
});

describe('a subscription', () => {
  test('by names means those that are there, and tells which are not', async () => {
    const topics = ['nothing', 'users', 'orders-us'];
    const subscribed = await subscribedTopics(broker, { kind: 'topics', topics });
    expect([...subscribed.topics.keys()]).toEqual(['users', 'orders-us']);
    expect(subscribed.missing).toEqual(['nothing']);
    const { topicId } = await broker.topic('orders-us');
    expect(subscribed.topics.get('orders-us')).toEqual({ topicId, partitionCount: 3 });
  });

  test('creates no topic by looking for it', async () => {
    await topicsNamed(broker, ['nothing']);
    expect((await broker.listTopics()).map(({ name }) => name)).not.toContain('nothing');
  });

  test('by a pattern means whatever matches as a whole, and misses nothing', async () => {
    const subscribed = await subscribedTopics(broker, { kind: 'pattern', pattern: 'orders-..' });
    expect([...subscribed.topics.keys()]).toEqual(['orders-eu', 'orders-us']);
    expect(subscribed.missing).toEqual([]);
    const none = await subscribedTopics(broker, { kind: 'pattern', pattern: 'orders' });
    expect(none.topics.size).toBe(0);
  });

  test('by something that is no pattern is refused', async () => {
    await expect(subscribedTopics(broker, { kind: 'pattern', pattern: '(' })).rejects.toMatchObject(
      { code: 'INVALID_REQUEST' },
    );
  });

  test('is no reason to take a closing broker for one without topics', async () => {
    await broker.close();
    await expect(topicsNamed(broker, ['users'])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('a member joins again', () => {
  async function cursor(subscription: Cursor['subscription']): Promise<Cursor> {
    const { topics } = await subscribedTopics(broker, subscription);
    const fingerprint = fingerprintOf(topics);
    const rest = { fingerprint, assigned: [], generation: 1, positions: [] };
    return { group: 'g', subscription, autoOffsetReset: 'earliest', ...rest };
  }

  const named = { kind: 'topics', topics: ['users', 'later'] } as const;
  const pattern = { kind: 'pattern', pattern: 'orders-.*' } as const;

  test.each<[string, Cursor['subscription'], () => Promise<unknown>]>([
    ['a topic got more partitions', named, () => broker.addPartitions('users', 2)],
    ['a topic was deleted', named, () => broker.deleteTopic('users')],
    ['a missing topic came', named, () => broker.createTopic({ name: 'later' })],
    [
      'a topic was created anew',
      named,
      async () => {
        await broker.deleteTopic('users');
        await broker.createTopic({ name: 'users' });
      },
    ],
    ['a new topic matches', pattern, () => broker.createTopic({ name: 'orders-br' })],
    ['one that matched is gone', pattern, () => broker.deleteTopic('orders-eu')],
  ])('when %s', async (_, subscription, change) => {
    const joined = await cursor(subscription);
    await checkStillFits(broker, joined);
    await change();
    await expect(checkStillFits(broker, joined)).rejects.toMatchObject({
      code: 'REBALANCE_IN_PROGRESS',
      retriable: true,
      details: { group: 'g' },
    });
  });

  test.each([named, pattern])('but not for topics that it does not read: %j', async (each) => {
    const joined = await cursor(each);
    await broker.createTopic({ name: 'other' });
    await broker.addPartitions('other', 4);
    await expect(checkStillFits(broker, joined)).resolves.toBeUndefined();
  });
});
