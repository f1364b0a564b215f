import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asBuffer, readInt64, writeInt64 } from '../../src/codec/bytes.ts';
import { RUNS } from '../support/record-arbitraries.ts';

describe('asBuffer', () => {
  test('answers a buffer itself', () => {
    const buffer = Buffer.from('abc');
    expect(asBuffer(buffer)).toBe(buffer);
  });

  test('shares the memory of other bytes, of a part of them too', () => {
    const bytes = Uint8Array.from([1, 2, 3, 4]);
    const buffer = asBuffer(bytes.subarray(1, 3));
    expect(Buffer.isBuffer(buffer)).toBe(true);
    expect([...buffer]).toEqual([2, 3]);
    bytes[1] = 9;
    expect(buffer[0]).toBe(9);
  });
});

describe('int64', () => {
  test('is big-endian', () => {
    const buffer = Buffer.alloc(10);
    writeInt64(buffer, 0x1_2345_6789_abcd, 1);
    expect(buffer.toString('hex')).toBe('00000123456789abcd00');
    writeInt64(buffer, -2, 1);
    expect(buffer.toString('hex')).toBe('00fffffffffffffffe00');
  });

  test('any safe integer comes back as the platform reads it', () => {
    const buffer = Buffer.alloc(8);
    const edges = [0, -1, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const check = (value: number): void => {
      writeInt64(buffer, value, 0);
      expect(buffer.readBigInt64BE(0)).toBe(BigInt(value));
      expect(readInt64(buffer, 0)).toBe(value);
    };
    edges.forEach(check);
    fc.assert(fc.property(fc.maxSafeInteger(), check), RUNS);
  });

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])(
    '%s is no safe integer and is read as NaN',
    (value) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64BE(value);
      expect(readInt64(buffer, 0)).toBeNaN();
    },
  );

  test.each([2 ** 53, 1.5, Number.NaN, Infinity])('%s is not written', (value) => {
    expect(() => writeInt64(Buffer.alloc(8), value, 0)).toThrow(/not a safe integer/);
  });
});
