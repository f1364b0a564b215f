import { expect, test } from 'vitest';
import { BEFORE, TIMESTAMP } from '../../src/http/partition-parameters.ts';
import { INT64_SAFE_MAX } from '../../src/model/limits.ts';
import { refusalOf } from '../support/refusal.ts';

test('before is an offset, or -1 for all, which is the default', () => {
  expect(BEFORE.read({})).toBe(-1);
  expect(BEFORE.read({ before: '-1' })).toBe(-1);
  expect(BEFORE.read({ before: String(INT64_SAFE_MAX) })).toBe(INT64_SAFE_MAX);
  for (const before of ['-2', String(INT64_SAFE_MAX + 1), 'all', '']) {
    expect(refusalOf(() => BEFORE.read({ before })).code).toBe('INVALID_REQUEST');
  }
});

test('timestamp is a number or a time, and may be left out', () => {
  expect(TIMESTAMP.read({})).toBeUndefined();
  expect(TIMESTAMP.read({ timestamp: '5' })).toBe(5);
  expect(TIMESTAMP.read({ timestamp: '1970-01-01T00:00:01Z' })).toBe(1000);
  expect(refusalOf(() => TIMESTAMP.read({ timestamp: 'now' })).message).toContain('RFC 3339');
});
