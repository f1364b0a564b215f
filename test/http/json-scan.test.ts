import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPlainText, skipSpace, skipValue } from '../../src/http/json-scan.ts';
import { BODY_DEPTH_MAX } from '../../src/model/limits.ts';
import { damaged, jsonText } from '../support/json-arbitraries.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

/** Whether all of `bytes` is one value to the scan, in the way that fits the bytes. */
function isOneValue(bytes: Buffer, isPlain = isPlainText(bytes)): boolean {
  try {
    return skipSpace(bytes, skipValue(bytes, skipSpace(bytes, 0), 0, isPlain)) === bytes.length;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
    return false;
  }
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}

function messageOf(text: string): string {
  return refusalOf(() => skipValue(Buffer.from(text), 0, 0, false)).message;
}

describe('the scan agrees with JSON.parse', () => {
  test('about texts that are JSON, whether looked at byte by byte or not', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const bytes = Buffer.from(text);
        expect(isJson(bytes)).toBe(true);
        expect(isOneValue(bytes)).toBe(true);
        expect(isOneValue(bytes, false)).toBe(true);
      }),
      { ...RUNS, numRuns: 2_000 },
    );
  });

  test('about texts that were damaged', () => {
    let refused = 0;
    fc.assert(
      fc.property(damaged(jsonText), (bytes) => {
        fc.pre(isUtf8(bytes));
        const expected = isJson(bytes);
        if (!expected) refused++;
        expect(isOneValue(bytes), bytes.toString()).toBe(expected);
        expect(isOneValue(bytes, false), bytes.toString()).toBe(expected);
      }),
      { ...RUNS, numRuns: 10_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });

  test('about short texts of the characters that matter', () => {
    const unit = fc.constantFrom(...'"\\{}[]:,-+.eE01 \n\tnull true false u0041'.split(''));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 8 }), (text) => {
        const bytes = Buffer.from(text);
        expect(isOneValue(bytes), text).toBe(isJson(bytes));
      }),
      { ...RUNS, numRuns: 20_000 },
    );
  });

  test('about every single byte, alone, in a string and behind a backslash', () => {
    for (let byte = 0; byte < 128; byte++) {
      for (const text of [[byte], [0x22, byte, 0x22], [0x22, 0x5c, byte, 0x22], [0x31, byte]]) {
        const bytes = Buffer.from(text);
        expect(isOneValue(bytes), bytes.toString('hex')).toBe(isJson(bytes));
      }
    }
  });
});

describe('plain text', () => {
  test('has neither escapes nor control characters', () => {
    expect(isPlainText(Buffer.from('{"a": "ü€𝄞"}'))).toBe(true);
    for (const text of ['"\\n"', '{\n}', '"\u0000"', '\t1']) {
      expect(isPlainText(Buffer.from(text))).toBe(false);
    }
  });

  test('has none of them at any place, wherever it begins in memory', () => {
    const memory = Buffer.alloc(32);
    for (let start = 0; start < 4; start += 1) {
      for (let length = 1; length <= 13; length += 1) {
        const bytes = memory.subarray(start, start + length);
        for (let at = 0; at < length; at += 1) {
          for (let byte = 0; byte < 256; byte += 1) {
            // What lies around it is no part of it.
            memory.fill(0);
            bytes.fill(byte % 2 === 0 ? 0x20 : 0xff);
            bytes[at] = byte;
            if (isPlainText(bytes) !== (byte >= 0x20 && byte !== 0x5c)) {
              expect.fail(`${byte} at ${at} of ${length}, ${start} bytes from a word`);
            }
          }
        }
      }
    }
  });

  test('ends a string at the next quote, however long it is', () => {
    for (const length of [0, 1, 14, 15, 16, 17, 1_000]) {
      const bytes = Buffer.from(`["${'x'.repeat(length)}",1]`);
      expect(skipValue(bytes, 1, 0, true)).toBe(length + 3);
      expect(isOneValue(bytes.subarray(0, -4))).toBe(false);
    }
  });
});

describe('depth', () => {
  const nested = (levels: number): Buffer => Buffer.from('['.repeat(levels) + ']'.repeat(levels));

  test(`ends at ${BODY_DEPTH_MAX} levels, those around the value included`, () => {
    expect(isOneValue(nested(BODY_DEPTH_MAX))).toBe(true);
    expect(isOneValue(nested(BODY_DEPTH_MAX + 1))).toBe(false);
    expect(skipValue(nested(2), 0, BODY_DEPTH_MAX - 2, true)).toBe(4);
    const deeper = refusalOf(() => skipValue(nested(2), 0, BODY_DEPTH_MAX - 1, true));
    expect(deeper).toMatchObject({ details: { depth_max: BODY_DEPTH_MAX } });
    expect(isOneValue(Buffer.from('{"a":'.repeat(33)))).toBe(false);
  });

  test('is refused at once, however much follows', () => {
    const bytes = Buffer.alloc(4_000_000, '[');
    expect(refusalOf(() => skipValue(bytes, 0, 0, true)).message).toContain('nested deeper');
  });
});

test.each([
  ['{"a":1', 'at byte 6 the body ends; expected "," or "}"'],
  ['{"a"', 'at byte 4 the body ends; expected ":"'],
  ['{a:1}', 'at byte 1 there is "a:1}"; expected a member name in quotes'],
  ['[1,]', 'at byte 3 there is "]"; expected a value'],
  ['"abc', 'at byte 4 the body ends; expected the end of a string'],
  ['"a\nb"', 'at byte 2 there is "\\nb\\""; expected no raw control character in a string'],
  ['"\\x"', 'expected one of " \\ / b f n r t u'],
  ['"\\u00g0"', 'at byte 5 there is "g0\\""; expected a hexadecimal digit'],
  ['tru', 'expected true'],
  ['-', 'at byte 1 the body ends; expected a digit'],
  ['1.e3', 'expected a digit'],
  ["{'a': 1}", 'expected a member name in quotes'],
])('%s is refused with its place', (text, expected) => {
  expect(messageOf(text)).toContain(expected);
});
