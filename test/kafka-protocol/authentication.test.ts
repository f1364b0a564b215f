import { expect, test } from 'vitest';
import { authenticateAll } from '../../src/kafka-protocol/authentication.ts';

test('everybody may ask everything, as nobody in particular', () => {
  const authentication = authenticateAll();
  expect(authentication.principal).toBe('User:ANONYMOUS');
  expect([0, 3, 18, 36].every((key) => authentication.mayAsk(key))).toBe(true);
});
