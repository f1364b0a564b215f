import { expect, test } from 'vitest';
import {
  shuttingDown,
  staleProducerEpoch,
  tooMany,
  topicExists,
  unknownPartition,
  unknownTopic,
} from '../../src/broker/refusals.ts';

test('a missing topic and a missing partition are told apart by details.partition', () => {
  expect(unknownTopic('t').details).toEqual({ topic: 't' });
  const place = { partition: 3, partitionCount: 2 };
  expect(unknownPartition('t', place).details).toEqual({
    topic: 't',
    partition: 3,
    partition_count: 2,
  });
});

test('only a refusal of a write says that nothing was written', () => {
  expect(unknownTopic('t').written).toBeUndefined();
  expect(unknownTopic('t', { written: 'no' }).written).toBe('no');
  expect(shuttingDown().written).toBeUndefined();
  expect(shuttingDown({ written: 'no' }).written).toBe('no');
});

test('a server that stops may be asked again later, the rest is for good', () => {
  expect(shuttingDown().retriable).toBe(true);
  for (const error of [
    unknownTopic('t'),
    topicExists('t'),
    tooMany('topics', { received: 2, allowed: 1 }),
    staleProducerEpoch({ producerId: 1, producerEpoch: 0 }, 1),
  ]) {
    expect(error.retriable).toBe(false);
  }
});

test('each names what disagreed', () => {
  const many = tooMany('topics', { received: 2, allowed: 1 });
  expect(many.message).toBe('2 topics; at most 1 are allowed');
  expect(many.details).toEqual({ received: 2, allowed: 1 });
  const stale = staleProducerEpoch({ producerId: 7, producerEpoch: 1 }, 2);
  expect(stale.details).toEqual({ producer_id: 7, current: 2, received: 1 });
  expect(topicExists('a"b').message).toBe('topic "a\\"b" exists already');
});
