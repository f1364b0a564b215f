import { expect, test } from 'vitest';
import { NO_TRANSACTIONS } from '../../src/kafka-protocol/no-transactions.ts';

test('whoever asks for a transaction is told what to leave out', () => {
  expect(NO_TRANSACTIONS).toEqual({
    error: 53,
    message: expect.stringMatching(/transactional\.id/),
  });
});
