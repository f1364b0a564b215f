import { expect, test } from 'vitest';
import {
  DONE,
  KafkaRefusal,
  namedTwice,
  outcomeOf,
  refusalOutcome,
} from '../../src/kafka-protocol/outcome.ts';
import { MillraceError } from '../../src/model/errors.ts';

test('what was done has no message', async () => {
  expect(await outcomeOf(async () => 'anything')).toBe(DONE);
  expect(DONE).toEqual({ error: 0, message: null });
});

test('a refusal of the broker has the number that Kafka has for it', () => {
  const refusal = new MillraceError('INVALID_CONFIG', 'config x is "y"');
  expect(refusalOutcome(refusal)).toEqual({ error: 40, message: 'config x is "y"' });
});

test('a refusal of this protocol alone brings its number', async () => {
  const refusal = new KafkaRefusal(38, 'too few');
  expect(refusalOutcome(refusal)).toEqual({ error: 38, message: 'too few' });
  expect(await outcomeOf(() => Promise.reject(refusal))).toEqual({ error: 38, message: 'too few' });
});

test('whatever else is thrown is a mistake, and thrown on', async () => {
  const mistake = new TypeError('x is not a function');
  expect(() => refusalOutcome(mistake)).toThrow(mistake);
  await expect(outcomeOf(() => Promise.reject(mistake))).rejects.toBe(mistake);
});

test('names that are there twice or more are found', () => {
  expect(namedTwice(['a', 'b', 'a', '__proto__', 'a', 'c', 'c'])).toEqual(new Set(['a', 'c']));
  expect(namedTwice([])).toEqual(new Set());
});
