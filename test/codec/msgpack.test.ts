import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMsgpack, encodeMsgpack } from '../../src/codec/msgpack.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function encoded(value: unknown): string {
  return encodeMsgpack(value).toString('hex');
}

test('the library is loaded by the first body, and not before', () => {
  const { cache } = createRequire(import.meta.url);
  const isLoaded = (): boolean =>
    Object.keys(cache).some((path) => path.includes('/node_modules/msgpackr/'));
  expect(isLoaded()).toBe(false);
  expect(refusalOf(() => decodeMsgpack(hex('c1'))).code).toBe('INVALID_REQUEST');
  expect(isLoaded()).toBe(false);
  expect(decodeMsgpack(hex('c0'))).toBeNull();
  expect(isLoaded()).toBe(true);
});

describe('decoding', () => {
  test('gives maps, arrays, buffers, texts and numbers', () => {
    const bytes = hex('83 a161 92 01 c0 a162 c4 02 ff00 a163 d9 02 c3a9');
    expect(decodeMsgpack(bytes)).toEqual(
      new Map<string, unknown>([
        ['a', [1, null]],
        ['b', Buffer.from([255, 0])],
        ['c', 'é'],
      ]),
    );
  });

  test('takes plain bytes, and gives binaries as views of them', () => {
    const bytes = new Uint8Array([0xff, 0xc4, 2, 7, 8]).subarray(1);
    const value = decodeMsgpack(bytes) as Buffer;
    expect(Buffer.isBuffer(value)).toBe(true);
    expect([...value]).toEqual([7, 8]);
    expect(value.buffer).toBe(bytes.buffer);
  });

  test('leaves no trace on the bytes it was given', () => {
    const bytes = hex('90');
    decodeMsgpack(bytes);
    expect(Object.keys(bytes)).toEqual(['0']);
  });

  test.each(['__proto__', 'constructor', 'toString', ''])(
    '"%s" is a name like any other',
    (name) => {
      const key = Buffer.concat([Buffer.from([0xa0 | name.length]), Buffer.from(name)]);
      const value = decodeMsgpack(Buffer.concat([hex('81'), key, hex('81 a178 01')]));
      expect(value).toEqual(new Map([[name, new Map([['x', 1]])]]));
      expect(({} as { x?: number }).x).toBeUndefined();
    },
  );

  test('of equal keys takes the last', () => {
    expect(decodeMsgpack(hex('82 a161 01 a161 02'))).toEqual(new Map([['a', 2]]));
  });

  test.each([
    ['cf 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['d3 ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['cf 0000018bcfe56800', 1_700_000_000_000],
    ['d3 ffffffff7fffffff', -2_147_483_649],
    ['cb 3ff8000000000000', 1.5],
    ['ca 3fc00000', 1.5],
    ['40', 64],
    ['7f', 127],
    ['d0 80', -128],
  ])('%s is %s', (bytes, value) => {
    expect(decodeMsgpack(hex(bytes))).toBe(value);
  });

  test('text comes back to the letter, short and long', () => {
    for (const text of [
      '',
      'a',
      'ä',
      '🐟'.repeat(15),
      'x'.repeat(70_000),
      'ä\0\u2028'.repeat(40),
    ]) {
      expect(decodeMsgpack(encodeMsgpack(text))).toBe(text);
    }
  });

  test('never gives live objects of the library’s own extensions', () => {
    // Its Error, RegExp, Set, Date, typed array, record definition and references.
    for (const type of ['65', '78', '73', 'ff', '74', '72', '69', '70', '62']) {
      for (const head of ['d4', 'd6', 'd7', 'c7 04', 'c7 0c']) {
        const bytes = Buffer.concat([hex(head), hex(type), Buffer.alloc(12)]);
        expect(refusalOf(() => decodeMsgpack(bytes)).details['expected']).toBe(
          'a plain type, no extension',
        );
      }
    }
  });
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
    expect(decodeMsgpack(encodeMsgpack(value))).toEqual(
      new Map<string, unknown>([
        ['at', 2 ** 40],
        ['list', [new Map()]],
      ]),
    );
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
    expect(decodeMsgpack(encodeMsgpack(value))).toEqual(value);
  };
  fc.assert(fc.property(anyValue, check), RUNS);
});

test('what the scan lets through, the library reads', () => {
  const check = (bytes: Uint8Array): void => {
    try {
      decodeMsgpack(bytes);
    } catch (error) {
      expect(error).toMatchObject({ name: 'MillraceError', code: 'INVALID_REQUEST' });
    }
  };
  // Small types and counts, so that many of them are whole.
  const byte = fc.constantFrom(
    0,
    1,
    0x80,
    0x81,
    0x90,
    0x92,
    0xa0,
    0xa1,
    0x61,
    0xc0,
    0xc3,
    0xc4,
    0xd9,
  );
  const any = fc.oneof(
    fc.array(byte, { maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 60 }),
  );
  fc.assert(fc.property(any, check), { ...RUNS, numRuns: 2_000 });
});
