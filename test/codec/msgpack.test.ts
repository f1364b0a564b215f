import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { unpackedMaps } from '../support/unpacked.ts';

function encoded(value: unknown): string {
  return encodeMsgpack(value).toString('hex');
}

test('the library is loaded by the first value, and not before', () => {
  const { cache } = createRequire(import.meta.url);
  const isLoaded = (): boolean =>
    Object.keys(cache).some((path) => path.includes('/node_modules/msgpackr/dist/index-no-eval'));
  expect(isLoaded()).toBe(false);
  expect(encoded(null)).toBe('c0');
  expect(isLoaded()).toBe(true);
});

describe('encoding', () => {
  test.each<[string, unknown, string]>([
    ['bytes as binary', new Uint8Array([1, 2]), 'c4020102'],
    ['buffers as binary', Buffer.from('a'), 'c40161'],
    ['members without those undefined', { a: 1, b: undefined }, '81a16101'],
    ['maps', new Map([['__proto__', null]]), '81a95f5f70726f746f5f5fc0'],
    ['wide integers as integers', 1_700_000_000_000, 'd30000018bcfe56800'],
    ['negative ones too', -(2 ** 40), 'd3ffffff0000000000'],
    ['32-bit integers', [4_294_967_295, -2_147_483_648], '92ceffffffffd280000000'],
    ['fractions as floats', 0.5, 'cb3fe0000000000000'],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 'b' }), '81a161a162'],
  ])('writes %s', (_, value, expected) => {
    expect(encoded(value)).toBe(expected);
  });

  test('leaves the value alone', () => {
    const value = Object.freeze({ at: 2 ** 40, list: Object.freeze([{ x: undefined }]) });
    expect(unpackedMaps(encodeMsgpack(value))).toEqual(
      new Map<string, unknown>([
        ['at', 2 ** 40],
        ['list', [new Map()]],
      ]),
    );
  });

  test('keeps text to the letter, short and long', () => {
    for (const text of [
      '',
      'a',
      'ä',
      '🐟'.repeat(15),
      'x'.repeat(70_000),
      'ä\0\u2028'.repeat(40),
    ]) {
      expect(unpackedMaps(encodeMsgpack(text))).toBe(text);
    }
  });
});

test('any plain value comes back', () => {
  const leaf = fc.oneof(
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.string({ unit: 'grapheme' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  const { value: anyValue } = fc.letrec((again) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(again('value')),
      fc
        .array(fc.tuple(fc.string({ unit: 'grapheme' }), again('value')))
        .map((entries) => new Map(entries)),
    ),
  }));
  const check = (value: unknown): void => {
    expect(unpackedMaps(encodeMsgpack(value))).toEqual(value);
  };
  fc.assert(fc.property(anyValue, check), RUNS);
});
