import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import {
  msgpackArray,
  msgpackInteger,
  msgpackMap,
  msgpackRecords,
  msgpackText,
} from '../../src/http/record-msgpack.ts';
import { storedBatch, valued, writtenBytes } from '../support/stored-records.ts';

const decode = (text: string): unknown => unpack(Buffer.from(text, 'latin1'));
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

describe('an integer', () => {
  test.each([
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_535, 'cdffff'],
    [65_536, 'ce00010000'],
    [4_294_967_295, 'ceffffffff'],
    [4_294_967_296, 'cf0000000100000000'],
    [Number.MAX_SAFE_INTEGER, 'cf001fffffffffffff'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd3ffffffffffffffdf'],
    [-4_294_967_297, 'd3fffffffeffffffff'],
  ])('%d is the %s of the specification', (value, bytes) => {
    expect(hex(msgpackInteger(value))).toBe(bytes);
    expect(Number(decode(msgpackInteger(value)))).toBe(value);
  });
});

test.each([0, 1, 31, 32, 255, 256, 65_535, 65_536])('a text of %d bytes comes back', (length) => {
  const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1);
  expect(decode(msgpackText(text)) === text).toBe(true);
});

test.each([0, 15, 16, 65_535, 65_536])('an array of %d comes back', (count) => {
  expect(decode(msgpackArray(count) + '\x00'.repeat(count))).toHaveLength(count);
});

test('a map has so many pairs', () => {
  expect(decode(msgpackMap(2) + msgpackText('a') + '\x01' + msgpackText('b') + '\x02')).toEqual({
    a: 1,
    b: 2,
  });
});

describe('a record', () => {
  const format = msgpackRecords({ topic: 'é', partition: 300 });
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

  test('has the members of the JSON one, keys and values as bytes', async () => {
    const record = valued(everyByte, {
      key: Buffer.from('k'),
      timestamp: 1_780_000_000_000,
      headers: [
        { key: 'é', value: everyByte },
        { key: '', value: null },
      ],
    });
    const bytes = await writtenBytes(format, { batches: storedBatch([record]) });
    expect(unpack(bytes)).toEqual({
      topic: 'é',
      partition: 300,
      offset: 0,
      timestamp: expect.anything() as unknown,
      key: Buffer.from('k'),
      value: everyByte,
      headers: [
        { key: 'é', value: everyByte },
        { key: '', value: null },
      ],
    });
    expect(Number((unpack(bytes) as { timestamp: bigint }).timestamp)).toBe(1_780_000_000_000);
  });

  test('tells null from empty', async () => {
    const records = [valued(null), valued('', { key: Buffer.alloc(0) })];
    const [first, second] = await Promise.all(
      [0, 1].map(async (from) => {
        const span = { batches: storedBatch(records), from, recordsMax: 1 };
        return unpack(await writtenBytes(format, span)) as { key: unknown; value: unknown };
      }),
    );
    expect([first?.key, first?.value]).toEqual([null, null]);
    expect([second?.key, second?.value]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  });

  test.each([255, 256, 65_535, 65_536])('may have a value of %d bytes', async (length) => {
    const value = Buffer.alloc(length, 0xab);
    const bytes = await writtenBytes(format, { batches: storedBatch([valued(value)]) });
    expect((unpack(bytes) as { value: Buffer }).value.equals(value)).toBe(true);
  });
});
