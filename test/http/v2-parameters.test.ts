import { expect, test } from 'vitest';
import {
  FETCH_BYTES_DEFAULT,
  FETCH_BYTES_MAX,
  FETCH_WAIT_MS_MAX,
  V2_WAIT_MS_DEFAULT,
} from '../../src/model/limits.ts';
import { TOPIC_QUERY, v2BytesMax, v2WaitMs } from '../../src/http/v2-parameters.ts';
import { refusalOf } from '../support/refusal.ts';

test.each([
  [undefined, undefined, V2_WAIT_MS_DEFAULT],
  [-1, undefined, V2_WAIT_MS_DEFAULT],
  [0, 20, 20],
  [undefined, 0, 0],
  [30_000, undefined, 30_000],
  [10, 20, 10],
  [30, 20, 20],
  [FETCH_WAIT_MS_MAX + 1, undefined, FETCH_WAIT_MS_MAX],
])('asked for %s of an instance with %s, a read waits %s ms', (asked, configured, expected) => {
  expect(v2WaitMs({ asked, configured })).toBe(expected);
});

test.each([
  [undefined, FETCH_BYTES_DEFAULT],
  [-1, FETCH_BYTES_DEFAULT],
  [1, 1],
  [FETCH_BYTES_MAX + 1, FETCH_BYTES_MAX],
])('asked for %s, an answer is made of %s bytes', (asked, expected) => {
  expect(v2BytesMax(asked)).toBe(expected);
});

test('a topic in the query is held against the rules of names', () => {
  expect(TOPIC_QUERY.read({})).toBeUndefined();
  expect(TOPIC_QUERY.read({ topic: 't' })).toBe('t');
  expect(refusalOf(() => TOPIC_QUERY.read({ topic: '..' })).code).toBe('INVALID_TOPIC_EXCEPTION');
});
