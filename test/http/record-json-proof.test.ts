import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { isJson } from '../../src/http/record-json-proof.ts';
import { BODY_DEPTH_MAX } from '../../src/model/limits.ts';
import { damaged, jsonText } from '../support/json-arbitraries.ts';

describe('JSON that may be copied', () => {
  test.each([
    '{}',
    '[]',
    '"a"',
    '""',
    '0',
    '-0.0e-1',
    '12345678901234567890',
    '1.0',
    'true',
    'false',
    'null',
    ' \t\r\n{ "a" : [ 1 , 2 ] } \n',
    '"\u00e2\u0080\u00a8"', // U+2028 as byte text
    '{"a":1,"a":2}',
    '{"__proto__":1}',
  ])('%j', (text) => expect(isJson(text)).toBe(true));
});

describe('text that would break or forge an answer', () => {
  test.each([
    '',
    ' ',
    '\n',
    '1},{"offset":99',
    '1,"value":2',
    '"a","b"',
    '1 2',
    '{}{}',
    '{} x',
    'x {}',
    '"a',
    'a"',
    '"a\n"',
    '"\\"',
    '{"a":1,}',
    '[1,]',
    "{'a':1}",
    'NaN',
    'Infinity',
    '-Infinity',
    'undefined',
    '+1',
    '01',
    '.5',
    '1.',
    '0x10',
    'nul',
    'truely',
    '// a\n1',
    '/**/1',
    '1/**/',
    '\ufeff1',
    '\u00ef\u00bb\u00bf1', // a byte order mark as byte text
    '\u00a01',
    '\v1',
    '\f1',
    '1\0',
    ']',
    '}',
  ])('%j', (text) => expect(isJson(text)).toBe(false));
});

test('whatever it lets pass is one JSON value: an answer made of it has exactly that member', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '1',
    'a',
    ' ',
    '\n',
    'null',
  );
  const text = fc.oneof(
    fc.json(),
    fc.array(piece, { maxLength: 12 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      if (!isJson(value)) return;
      const answer = JSON.parse(`[{"value":${value},"end":0}]`) as unknown;
      expect(answer).toEqual([{ value: JSON.parse(value) as unknown, end: 0 }]);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

describe('nesting', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test('is allowed as deep as a body of this server may be, and no deeper', () => {
    expect(isJson(nested(BODY_DEPTH_MAX))).toBe(true);
    expect(isJson(nested(BODY_DEPTH_MAX + 1))).toBe(false);
    expect(isJson(`${' '.repeat(9)}${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBe(false);
  });

  test('counts depth, not brackets, and no brackets in strings', () => {
    expect(isJson(`[${'[],{},'.repeat(500)}1]`)).toBe(true);
    expect(isJson(`["${'[{'.repeat(500)}","\\"[[[["]`)).toBe(true);
    expect(isJson(`["\\\\",${nested(BODY_DEPTH_MAX)}]`)).toBe(false);
  });

  test('is counted in long text as in short', () => {
    const long = `"${'x'.repeat(100_000)}"`;
    for (const depth of [BODY_DEPTH_MAX - 1, BODY_DEPTH_MAX]) {
      expect(isJson(`[${nested(depth)},${long}]`), String(depth)).toBe(depth < BODY_DEPTH_MAX);
    }
  });

  test('is looked at before parsing, so a megabyte of brackets costs no more than a look', () => {
    expect(isJson('['.repeat(1_000_000))).toBe(false);
    expect(isJson('{"a":'.repeat(1_000_000))).toBe(false);
  });
});

test('of long text no object is made', () => {
  const parse = vi.spyOn(JSON, 'parse');
  expect(isJson(`[${'[],'.repeat(30_000)}1]`)).toBe(true);
  expect(parse).not.toHaveBeenCalled();
  parse.mockRestore();
});

test('long text is judged as short text is', () => {
  const padding = ' '.repeat(70_000);
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    damaged(jsonText).map((bytes) => bytes.toString('latin1')),
  );
  fc.assert(
    fc.property(text, (value) => {
      expect(isJson(value + padding)).toBe(isJson(value));
    }),
    { seed: 3, numRuns: 2_000 },
  );
});
