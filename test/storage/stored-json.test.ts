import { expect, test } from 'vitest';
import { parseStoredJson } from '../../src/storage/stored-json.ts';

test('what was written is read back', () => {
  expect(parseStoredJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
  expect(parseStoredJson('null')).toBeNull();
});

test.each(['', '{', '{"a":1}x', 'undefined', '\0\0'])('%j is no JSON', (text) => {
  expect(parseStoredJson(text)).toBeUndefined();
});

test('however deep a damaged file nests, it is read or is no JSON', () => {
  const depth = 1_000_000;
  expect(parseStoredJson('['.repeat(depth))).toBeUndefined();
});
