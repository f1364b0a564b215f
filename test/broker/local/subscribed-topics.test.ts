import { expect, test } from 'vitest';
import { sameInterest, subscribedTopics } from '../../../src/broker/local/subscribed-topics.ts';
import { encodeSubscription } from '../../../src/codec/consumer-protocol.ts';
import { subscription } from '../../support/coordinator-scene.ts';

test('a consumer subscribes to topics; of others and of foreign bytes nothing is known', () => {
  expect(subscribedTopics('consumer', subscription('t', 'u'))).toEqual(['t', 'u']);
  expect(subscribedTopics('connect', subscription('t'))).toBeUndefined();
  expect(subscribedTopics('consumer', Buffer.from('?'))).toBeUndefined();
});

test('the interest is the same while the topics are, whatever else is said', () => {
  const owning = encodeSubscription({
    topics: ['u', 't'],
    userData: Buffer.from('sticky'),
    ownedPartitions: [{ topic: 't', partitions: [1] }],
    generation: 5,
    rackId: null,
  });
  expect(sameInterest('consumer', subscription('t', 'u'), owning)).toBe(true);
  expect(sameInterest('consumer', subscription('t'), owning)).toBe(false);
  expect(sameInterest('consumer', subscription('t', 'u', 'v'), owning)).toBe(false);
});

test('bytes that are not understood must be the same', () => {
  expect(sameInterest('connect', Buffer.from('a'), Buffer.from('a'))).toBe(true);
  expect(sameInterest('connect', Buffer.from('a'), Buffer.from('b'))).toBe(false);
});
