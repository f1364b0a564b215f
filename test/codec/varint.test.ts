import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { varintBytes, VarintCursor, writeVarint } from '../../src/codec/varint.ts';
import type { MillraceError } from '../../src/model/errors.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** The format by its definition, in exact integers. */
function zigZag(value: number): string {
  const wide = BigInt(value);
  let rest = wide >= 0n ? wide * 2n : -wide * 2n - 1n;
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes).toString('hex');
}

function written(value: number): string {
  const buffer = Buffer.alloc(12, 0xee);
  const end = writeVarint(buffer, value, 1);
  expect(buffer[0]).toBe(0xee);
  expect(buffer[end]).toBe(0xee);
  return buffer.toString('hex', 1, end);
}

function cursorOver(hex: string): VarintCursor {
  const bytes = Buffer.from(hex, 'hex');
  return new VarintCursor(bytes, 0, bytes.length);
}

const EDGES = [
  [0, '00'],
  [-1, '01'],
  [1, '02'],
  [63, '7e'],
  [-64, '7f'],
  [64, '8001'],
  [-65, '8101'],
  [8_191, 'fe7f'],
  [-8_192, 'ff7f'],
  [8_192, '808001'],
  [-1_048_576, 'ffff7f'],
  [INT32_MAX, 'feffffff0f'],
  [INT32_MIN, 'ffffffff0f'],
  [INT32_MAX + 1, '8080808010'],
  [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
  [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
] as const;

describe('writing', () => {
  test.each(EDGES)('%s is %s', (value, hex) => {
    expect(written(value)).toBe(hex);
    expect(varintBytes(value)).toBe(hex.length / 2);
  });

  test('any safe integer follows the definition, and its size is known before', () => {
    const near = fc.integer({ min: -20_000, max: 20_000 });
    const any = fc.oneof(near, fc.integer(), fc.maxSafeInteger());
    const check = (value: number): void => {
      expect(written(value)).toBe(zigZag(value));
      expect(varintBytes(value)).toBe(zigZag(value).length / 2);
    };
    fc.assert(fc.property(any, check), RUNS);
  });

  test('so does every power of two, and what lies beside it', () => {
    for (let power = 1; power <= 2 ** 52; power *= 2) {
      for (const value of [power - 1, power, power + 1, -power - 1, -power, 1 - power]) {
        expect([value, written(value)]).toEqual([value, zigZag(value)]);
        expect(varintBytes(value)).toBe(zigZag(value).length / 2);
      }
    }
  });

  test('a number that is no safe integer is a mistake of the caller', () => {
    expect(() => varintBytes(2 ** 53)).toThrow(/not a safe integer/);
    expect(() => writeVarint(Buffer.alloc(10), Number.NaN, 0)).toThrow(/not a safe integer/);
  });
});

describe('reading', () => {
  test.each(EDGES)('%s comes back from %s', (value, hex) => {
    const cursor = cursorOver(hex);
    expect(cursor.varlong('x')).toBe(value);
    expect(cursor.at).toBe(cursor.end);
    if (Math.abs(value) > INT32_MAX && value !== INT32_MIN) return;
    expect(cursorOver(hex).varint('x')).toBe(value);
  });

  test('any int32 and any safe integer come back', () => {
    fc.assert(
      fc.property(fc.integer(), (v) => cursorOver(zigZag(v)).varint('x') === v),
      RUNS,
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (v) => cursorOver(zigZag(v)).varlong('x') === v),
      RUNS,
    );
  });

  test('several stand behind one another', () => {
    const cursor = cursorOver('02d80401');
    expect([cursor.varint('a'), cursor.varint('b'), cursor.varlong('c')]).toEqual([1, 300, -1]);
  });

  test('padding is accepted within the length of the type, as Kafka does', () => {
    expect(cursorOver('8000').varint('x')).toBe(0);
    expect(cursorOver('8280808000').varint('x')).toBe(1);
    expect(cursorOver('82808080808080808000').varlong('x')).toBe(1);
  });

  test.each([
    ['varint', '', 'at least 1 more byte'],
    ['varint', '80', 'at least 1 more byte'],
    ['varint', 'ffffffff10', 'a varint of 32 bits'],
    ['varint', '808080808001', 'a varint of 32 bits'],
    ['varlong', 'ff', 'at least 1 more byte'],
    ['varlong', '8080808080808020', 'a varlong within +-(2^53 - 1)'],
    ['varlong', 'ffffffffffffffffff01', 'a varlong within +-(2^53 - 1)'],
    ['varlong', '8080808080808080808000', 'a varlong within +-(2^53 - 1)'],
  ] as const)('a %s of bytes "%s" is corrupt', (type, hex, expected) => {
    expect(refusalOf(() => cursorOver(hex)[type]('the field'))).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field: 'the field', expected },
    });
  });

  test('nothing behind the end is read, even when bytes are there', () => {
    const cursor = new VarintCursor(Buffer.from([0x80, 0x01]), 0, 1);
    expect(refusalOf(() => cursor.varint('x')).code).toBe('CORRUPT_MESSAGE');
  });

  test('bytes are skipped only when they are there', () => {
    const cursor = cursorOver('00112233');
    expect(cursor.skip(3, 'x')).toBe(0);
    expect(cursor.at).toBe(3);
    expect(refusalOf(() => cursor.skip(2, 'x')).details['expected']).toBe('0 to 1 bytes');
    expect(refusalOf(() => cursor.skip(-1, 'x')).details['found']).toBe('-1 bytes');
  });

  test('any bytes give a number or CORRUPT_MESSAGE', () => {
    const check = (bytes: Uint8Array, isLong: boolean): void => {
      const cursor = new VarintCursor(Buffer.from(bytes), 0, bytes.length);
      try {
        const value = isLong ? cursor.varlong('x') : cursor.varint('x');
        expect(Number.isSafeInteger(value)).toBe(true);
      } catch (error) {
        expect((error as MillraceError).code).toBe('CORRUPT_MESSAGE');
      }
      expect(cursor.at).toBeLessThanOrEqual(bytes.length);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), check), RUNS);
  });
});
