import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanMsgpack } from '../../src/codec/msgpack-scan.ts';
import {
  BODY_DEPTH_MAX,
  MSGPACK_CONTAINERS_MAX,
  MSGPACK_ITEMS_MAX,
} from '../../src/model/limits.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function refusal(bytes: Buffer): ReturnType<typeof refusalOf> {
  return refusalOf(() => scanMsgpack(bytes));
}

describe('a value passes', () => {
  test.each([
    ['small integers', '00'],
    ['', '7f'],
    ['', 'e0'],
    ['', 'ff'],
    ['nil and booleans', 'c0'],
    ['', 'c2'],
    ['', 'c3'],
    ['floats', 'ca 00000000'],
    ['', 'cb 7ff8000000000000'],
    ['unsigned integers', 'cc ff'],
    ['', 'cd ffff'],
    ['', 'ce ffffffff'],
    ['', 'cf 001fffffffffffff'],
    ['signed integers', 'd0 80'],
    ['', 'd1 8000'],
    ['', 'd2 80000000'],
    ['', 'd3 ffe0000000000001'],
    ['strings', 'a0'],
    ['', 'a3 616263'],
    ['', 'd9 02 c3a9'],
    ['', 'da 0001 61'],
    ['', 'db 00000001 61'],
    ['binaries', 'c4 00'],
    ['', 'c4 02 ffff'],
    ['', 'c5 0001 80'],
    ['', 'c6 00000001 c1'],
    ['arrays', '90'],
    ['', '92 01 90'],
    ['', 'dc 0002 01 02'],
    ['', 'dd 00000001 c0'],
    ['maps', '80'],
    ['', '81 a161 01'],
    ['', '82 a161 81 a162 c0 a0 90'],
    ['', 'de 0001 d9 01 61 c0'],
    ['', 'df 00000001 da 0001 61 c0'],
  ])('%s %s', (_, bytes) => {
    scanMsgpack(hex(bytes));
  });

  test('whose text is long, with and without letters beyond ASCII', () => {
    for (const text of ['x'.repeat(128), 'x'.repeat(129), 'ä'.repeat(30), 'ä'.repeat(90)]) {
      const bytes = Buffer.from(text);
      scanMsgpack(Buffer.concat([hex('d9'), Buffer.from([bytes.length]), bytes]));
    }
  });

  test('whose text begins with a byte order mark, which is a letter like any other', () => {
    scanMsgpack(hex('a3 efbbbf'));
    scanMsgpack(Buffer.concat([hex('d9 ff efbbbf'), Buffer.alloc(252, 'x')]));
  });
});

describe('a value is refused', () => {
  test.each([
    ['nothing', '', 0, 'one more value', 'the end'],
    ['the type that is never used', 'c1', 0, 'a plain type, no extension', 'type 0xc1'],
    ['a fixext', 'd4 00 00', 0, 'a plain type, no extension', 'type 0xd4'],
    ['a timestamp', 'd6 ff 00000000', 0, 'a plain type, no extension', 'type 0xd6'],
    ['an ext 8', 'c7 01 05 00', 0, 'a plain type, no extension', 'type 0xc7'],
    ['an ext 32 within', '91 c9 00000001 05 00', 1, 'a plain type, no extension', 'type 0xc9'],
    ['a second value', '01 02', 1, 'the end', '1 more bytes'],
    ['an array that ends early', '92 a161', 3, 'one more value', 'the end'],
    ['a map that ends early', '82 a161 01 a162', 6, 'one more value', 'the end'],
    [
      'a count beyond the end',
      'dd ffffffff',
      0,
      '4294967295 or more bytes for 4294967295 items',
      '0',
    ],
    ['entries beyond the end', 'df 00000002 a0 00 a0', 0, '4 or more bytes for 2 items', '3'],
    ['a number that is cut off', 'cb 00000000', 0, '9 bytes', '5'],
    ['a length that is cut off', 'db 0000', 0, '5 bytes', '3'],
    ['a string that is cut off', 'a3 6161', 0, '3 bytes of payload', '2'],
    ['a binary of an absurd length', 'c6 ffffffff 00', 0, '4294967295 bytes of payload', '1'],
    ['a number as key', '81 01 01', 1, 'a string as map key', '0x1'],
    ['a binary as key', '81 c4 01 61 01', 1, 'a string as map key', '0xc4'],
    ['a map as key', '81 80 01', 1, 'a string as map key', '0x80'],
    ['nil as the second key', '82 a161 01 c0 01', 4, 'a string as map key', '0xc0'],
    ['text that is not UTF-8', '91 a2 c328', 1, 'a string of valid UTF-8', 'other bytes'],
    ['a key that is not UTF-8', '81 a1 ff 01', 1, 'a string of valid UTF-8', 'other bytes'],
  ] as const)('%s', (_, bytes, position, expected, found) => {
    expect(refusal(hex(bytes))).toMatchObject({
      code: 'INVALID_REQUEST',
      details: { position, expected, found },
    });
  });

  test.each([
    ['cf 0020000000000000', '9007199254740992'],
    ['cf ffffffffffffffff', '18446744073709551615'],
    ['d3 7fffffffffffffff', '9223372036854775807'],
    ['d3 ffe0000000000000', '-9007199254740992'],
  ])('%s: an integer that would be rounded is named', (bytes, value) => {
    expect(refusal(hex(bytes)).message).toBe(
      `MessagePack at byte 0: expected an integer within +-(2^53 - 1), found ${value}`,
    );
  });

  test('msgpackr’s own extensions, of which a decoder would make live objects', () => {
    // Its Error, RegExp, Set, Date, typed array, record definition and references.
    for (const type of ['65', '78', '73', 'ff', '74', '72', '69', '70', '62']) {
      for (const head of ['d4', 'd6', 'd7', 'c7 04', 'c7 0c']) {
        const bytes = Buffer.concat([hex(head), hex(type), Buffer.alloc(12)]);
        expect(refusal(bytes).details['expected']).toBe('a plain type, no extension');
      }
    }
  });

  test('integers by their exact value, wherever they stand', () => {
    const check = (value: bigint, isSigned: boolean): void => {
      const bytes = Buffer.alloc(10, 0x91);
      bytes[1] = isSigned ? 0xd3 : 0xcf;
      bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 2);
      const sent = isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      if (Number.isSafeInteger(Number(sent))) scanMsgpack(bytes);
      else expect(refusal(bytes).details).toMatchObject({ position: 1, found: String(sent) });
    };
    const near = fc.tuple(fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 63n, 0n), fc.integer());
    const any = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      near.map(([edge, by]) => edge + BigInt(by % 10)),
    );
    fc.assert(fc.property(any, fc.boolean(), check), RUNS);
  });

  test('a broken letter anywhere in text of any length', () => {
    for (const length of [1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 129, 255]) {
      for (let index = 0; index < length; index++) {
        const text = Buffer.alloc(length, 'x').fill(0xc3, index, index + 1);
        const bytes = Buffer.concat([hex('d9'), Buffer.of(length), text]);
        expect(refusal(bytes).details['expected']).toBe('a string of valid UTF-8');
      }
    }
  });
});

describe('bounds', () => {
  test('on the depth: as many levels as are allowed, and not one more', () => {
    scanMsgpack(Buffer.concat([Buffer.alloc(BODY_DEPTH_MAX - 1, 0x91), hex('90')]));
    const deeper = Buffer.concat([Buffer.alloc(BODY_DEPTH_MAX, 0x91), hex('90')]);
    expect(refusal(deeper).details).toMatchObject({
      position: BODY_DEPTH_MAX,
      expected: `at most ${BODY_DEPTH_MAX} levels`,
    });
    scanMsgpack(Buffer.concat([Buffer.alloc(BODY_DEPTH_MAX, 0x91), hex('01')]));
  });

  test('on the depth hold for a nest without an end', () => {
    expect(refusal(Buffer.alloc(1_000_000, 0x91)).code).toBe('INVALID_REQUEST');
  });

  test('on the depth begin anew behind each value', () => {
    const one = hex('91 91 90');
    scanMsgpack(Buffer.concat([hex('dc 03e8'), ...Array.from({ length: 1000 }, () => one)]), {
      depthMax: 4,
      containersMax: 10_000,
      itemsMax: 10_000,
    });
  });

  test('on the number of arrays and maps, each of which is an object', () => {
    const count = Buffer.alloc(5, 0xdd);
    count.writeUInt32BE(MSGPACK_CONTAINERS_MAX, 1);
    const bytes = Buffer.concat([count, Buffer.alloc(MSGPACK_CONTAINERS_MAX, 0x80)]);
    expect(refusal(bytes).details['expected']).toBe(
      `at most ${MSGPACK_CONTAINERS_MAX} arrays and maps`,
    );
    count.writeUInt32BE(MSGPACK_CONTAINERS_MAX - 1, 1);
    scanMsgpack(Buffer.concat([count, bytes.subarray(6)]));
  });

  test('on all that stands in them, which is one byte each and eight or more in memory', () => {
    const half = MSGPACK_ITEMS_MAX / 2;
    const count = Buffer.alloc(5, 0xdd);
    count.writeUInt32BE(half - 1, 1);
    const list = (items: number) => {
      const inner = Buffer.alloc(5, 0xdd);
      inner.writeUInt32BE(items, 1);
      return Buffer.concat([count, Buffer.alloc(half - 2, 0xc0), inner, Buffer.alloc(items, 0xc0)]);
    };
    scanMsgpack(list(half + 1));
    expect(refusal(list(half + 2)).details['expected']).toBe(
      `at most ${MSGPACK_ITEMS_MAX} items in all`,
    );
  });
});

test('any bytes pass or are refused', () => {
  const check = (bytes: Uint8Array): void => {
    try {
      scanMsgpack(Buffer.from(bytes));
    } catch (error) {
      expect(error).toMatchObject({ name: 'MillraceError', code: 'INVALID_REQUEST' });
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), check), { ...RUNS, numRuns: 2_000 });
});
