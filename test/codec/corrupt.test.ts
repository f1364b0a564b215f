import { expect, test } from 'vitest';
import { corrupt, faultError, tooLarge } from '../../src/codec/corrupt.ts';

test('a fault is told in words and, for programs, in details', () => {
  const cause = new Error('below');
  const error = corrupt({ field: 'magic', expected: '2', found: '7' }, cause);
  expect(error.code).toBe('CORRUPT_MESSAGE');
  expect(error.message).toBe('magic: expected 2, found 7');
  expect(error.details).toEqual({ field: 'magic', expected: '2', found: '7' });
  expect(error.cause).toBe(cause);
});

test('another code tells it the same way', () => {
  const fault = { field: 'recordCount', expected: 'at most 3', found: '4' };
  const error = faultError('MESSAGE_TOO_LARGE', fault);
  expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', details: fault });
});

test('too much output names the bound', () => {
  expect(tooLarge('gzip data', 12).message).toBe(
    'gzip data: expected at most 12 bytes decompressed, found more',
  );
});
