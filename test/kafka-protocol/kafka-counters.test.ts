import { expect, test } from 'vitest';
import { KafkaCounters } from '../../src/kafka-protocol/kafka-counters.ts';

test('requests are counted by API', () => {
  const counters = new KafkaCounters();
  for (const api of ['Produce', 'Fetch', 'Produce']) counters.countRequest(api);
  expect([...counters.requests]).toEqual([
    ['Produce', 2],
    ['Fetch', 1],
  ]);
});
