import { expect, it } from 'vitest';
import { NO_HEADERS, NO_TIMESTAMP } from '../../src/model/record.ts';

it('the headers that all records without headers share cannot be changed', () => {
  expect(() =>
    (NO_HEADERS as { key: string; value: null }[]).push({ key: 'a', value: null }),
  ).toThrow(TypeError);
});

it("a missing timestamp is Kafka's -1, which no clock gives", () => {
  expect(NO_TIMESTAMP).toBe(-1);
});
