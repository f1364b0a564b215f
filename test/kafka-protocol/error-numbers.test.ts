import { protocolErrors } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { KAFKA_ERROR } from '../../src/kafka-protocol/error-numbers.ts';

/** As a client knows them, which calls two of them otherwise. */
const NUMBERS = new Map<string, number>(
  Object.values(protocolErrors).map(({ id, code }) => [id, code]),
);

test.each(Object.entries(KAFKA_ERROR))('%s is %i to clients, too', (name, number) => {
  expect(name === 'NONE' ? 0 : NUMBERS.get(name)).toBe(number);
});
