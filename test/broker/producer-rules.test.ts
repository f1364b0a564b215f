import { expect, test } from 'vitest';
import { checkProducerName } from '../../src/broker/producer-rules.ts';
import { PRODUCER_NAME_LENGTH_MAX } from '../../src/model/limits.ts';

test('any text of a sensible length is a producer name', () => {
  for (const name of ['a', '__proto__', 'Ä\n', 'x'.repeat(PRODUCER_NAME_LENGTH_MAX)]) {
    checkProducerName(name);
  }
});

test.each([0, PRODUCER_NAME_LENGTH_MAX + 1])('a name of %i characters is refused', (length) => {
  expect(() => checkProducerName('x'.repeat(length))).toThrow(
    expect.objectContaining({
      code: 'INVALID_REQUEST',
      details: { field: 'name', length, allowed_max: PRODUCER_NAME_LENGTH_MAX },
    }),
  );
});
