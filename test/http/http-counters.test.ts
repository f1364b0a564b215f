import { expect, test } from 'vitest';
import { DURATION_BUCKETS_S, HttpCounters, countAnswer } from '../../src/http/http-counters.ts';

test('an answer falls into the class of its status and the bucket of its duration', () => {
  const counter = new HttpCounters().route('GET', '/x');
  countAnswer(counter, 200, 0);
  countAnswer(counter, 204, 0.5);
  countAnswer(counter, 404, 0.6);
  countAnswer(counter, 503, 60_000);
  countAnswer(counter, 200, 60_001);
  expect(counter.answers).toEqual([0, 0, 3, 0, 1, 1]);
  expect(counter.durations[0], 'bounds belong to their bucket').toBe(2);
  expect(counter.durations[1]).toBe(1);
  expect(counter.durations.at(-2)).toBe(1);
  expect(counter.durations.at(-1)).toBe(1);
  expect(counter.durations).toHaveLength(DURATION_BUCKETS_S.length + 1);
  expect(counter.durationSumS).toBeCloseTo(120.0021, 6);
});
