import { expect, test } from 'vitest';
import { headerFault } from '../../src/http/header-rules.ts';
import { HEADERS_PER_RECORD_MAX, HEADER_KEY_BYTES_MAX } from '../../src/model/limits.ts';

test('a record has so many headers and no more', () => {
  expect(headerFault(HEADERS_PER_RECORD_MAX - 1, 'a')).toBeUndefined();
  expect(headerFault(HEADERS_PER_RECORD_MAX, 'a')).toBe(
    'is one header too many; a record has at most 64',
  );
});

test('a key is measured in bytes of UTF-8, and may be empty', () => {
  expect(headerFault(0, '')).toBeUndefined();
  expect(headerFault(0, 'ü'.repeat(HEADER_KEY_BYTES_MAX / 2))).toBeUndefined();
  expect(headerFault(0, `${'ü'.repeat(HEADER_KEY_BYTES_MAX / 2)}a`)).toBe(
    'has 1025 bytes; at most 1024 are allowed',
  );
});

test('half a character is no key', () => {
  expect(headerFault(0, '\ud800')).toContain('lone surrogate');
});
