import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TakeBytes } from '../../src/http/json-values.ts';
import {
  decodeBase64,
  kindOfJson,
  readString,
  takeBase64,
  takeInteger,
  takeJson,
  takeText,
} from '../../src/http/json-values.ts';
import { INT64_SAFE_MAX } from '../../src/model/limits.ts';
import { jsonText, stringText } from '../support/json-arbitraries.ts';
import { RUNS } from '../support/record-arbitraries.ts';

/** What is taken from `text`, which stands between other bytes: as text, null, or why not. */
function taken(take: TakeBytes, text: string): { value?: string | null; fault?: string } {
  const bytes = Buffer.from(`[${text}]`);
  const result = take(bytes, 1, bytes.length - 1);
  if (typeof result === 'string') return { fault: result };
  return { value: result === null ? null : Buffer.from(result).toString() };
}

function integer(text: string, max = INT64_SAFE_MAX): number | undefined {
  const bytes = Buffer.from(`[${text}]`);
  return takeInteger(bytes, 1, bytes.length - 1, max);
}

describe('JSON', () => {
  test('is taken byte for byte, and null as null', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(taken(takeJson, text)).toEqual({ value: text === 'null' ? null : text });
      }),
      RUNS,
    );
  });
});

describe('text', () => {
  test('is the UTF-8 of what a string says, unless that is half a character', () => {
    fc.assert(
      fc.property(stringText, (text) => {
        const value = JSON.parse(text) as string;
        const expected = value.isWellFormed()
          ? { value }
          : { fault: expect.stringContaining('has a lone surrogate') };
        expect(taken(takeText, text)).toEqual(expected);
      }),
      { ...RUNS, numRuns: 1_000 },
    );
  });

  test.each([
    ['1', 'is a number; send it as a string'],
    ['true', 'is a boolean; send it as a string'],
    ['{}', 'is an object; send it as a string'],
    ['[]', 'is an array; send it as a string'],
    [
      '"\\ud800"',
      'has a lone surrogate (an escape such as \\ud800 without its other half), which UTF-8 cannot hold',
    ],
  ])('%s is none', (text, fault) => {
    expect(taken(takeText, text)).toEqual({ fault });
  });

  test('null is null, and an empty string is not', () => {
    expect(taken(takeText, 'null')).toEqual({ value: null });
    expect(taken(takeText, '""')).toEqual({ value: '' });
  });

  test('is read with and without escapes', () => {
    for (const text of ['"ü"', '"\\u00fc"']) {
      expect(readString(Buffer.from(text), 0, Buffer.byteLength(text))).toBe('ü');
    }
  });
});

describe('base64', () => {
  test('comes back as the bytes it was made of, in either alphabet, padded or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const padded = Buffer.from(bytes).toString('base64');
        const texts = [padded, padded.replace(/=+$/, ''), Buffer.from(bytes).toString('base64url')];
        for (const text of texts) expect(decodeBase64(text)).toEqual(Buffer.from(bytes));
      }),
      RUNS,
    );
  });

  test.each([
    'Q',
    'QQ=',
    'QQ===',
    'Q=Q=',
    '=',
    '====',
    'QQ==QQ==',
    'Q Q=',
    'QÄ==',
    'QU\nI=',
    '%%%%',
  ])('%j is none', (text) => {
    expect(decodeBase64(text)).toBeUndefined();
    expect(taken(takeBase64, JSON.stringify(text))).toEqual({ fault: 'is not base64' });
  });

  test('is a string, in which a slash may be escaped, or null', () => {
    expect(taken(takeBase64, '"Pz8\\/"')).toEqual({ value: '???' });
    expect(taken(takeBase64, 'null')).toEqual({ value: null });
    expect(taken(takeBase64, '1')).toEqual({ fault: 'is a number; send a base64 string' });
  });
});

describe('an integer', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['7', 7],
    ['1.0', 1],
    ['1e3', 1_000],
    ['1763000000000', 1_763_000_000_000],
    ['9007199254740991', INT64_SAFE_MAX],
  ])('%s is one', (text, value) => {
    expect(integer(text)).toBe(value);
  });

  test.each([
    ['-1'],
    ['0.5'],
    ['9007199254740992'],
    ['9007199254740993'],
    ['1e400'],
    ['12345678901234567890123'],
    ['"1"'],
    ['true'],
    ['[1]'],
    ['{}'],
    ['null'],
  ])('%s is none', (text) => {
    expect(integer(text)).toBeUndefined();
  });

  test('ends at its bound', () => {
    expect(integer('2147483647', 2_147_483_647)).toBe(2_147_483_647);
    expect(integer('2147483648', 2_147_483_647)).toBeUndefined();
  });
});

test('kinds are named for people', () => {
  const kinds = ['"a"', '{}', '[]', 'null', 'true', 'false', '-1'].map((text) =>
    kindOfJson(Buffer.from(text), 0),
  );
  expect(kinds).toEqual([
    'a string',
    'an object',
    'an array',
    'null',
    'a boolean',
    'a boolean',
    'a number',
  ]);
});
