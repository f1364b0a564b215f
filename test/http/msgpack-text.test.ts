import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import {
  msgpackArray,
  msgpackInteger,
  msgpackMap,
  msgpackText,
} from '../../src/http/msgpack-text.ts';

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
