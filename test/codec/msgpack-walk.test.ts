import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanMsgpack } from '../../src/codec/msgpack-scan.ts';
import { MsgpackWalk } from '../../src/codec/msgpack-walk.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { unpackedMaps } from '../support/unpacked.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** At the first value of scanned bytes. */
function walkOf(bytes: Buffer): MsgpackWalk {
  scanMsgpack(bytes);
  return new MsgpackWalk(bytes);
}

/** A type byte and the big-endian field behind it. */
function head(type: number, fieldBytes: number, field: number | bigint): Buffer {
  const digits = BigInt.asUintN(fieldBytes * 8, BigInt(field)).toString(16);
  return hex(type.toString(16) + (fieldBytes === 0 ? '' : digits.padStart(fieldBytes * 2, '0')));
}

/** Each of them, in any width that holds it. */
const integer = fc.oneof(
  fc.integer({ min: 0, max: 127 }).map((value) => Buffer.of(value)),
  fc.integer({ min: -32, max: -1 }).map((value) => Buffer.of(value)),
  fc.integer({ min: 0, max: 0xff }).map((value) => head(0xcc, 1, value)),
  fc.integer({ min: 0, max: 0xffff }).map((value) => head(0xcd, 2, value)),
  fc.integer({ min: 0, max: 0xffff_ffff }).map((value) => head(0xce, 4, value)),
  fc.maxSafeNat().map((value) => head(0xcf, 8, value)),
  fc.integer({ min: -128, max: 127 }).map((value) => head(0xd0, 1, value)),
  fc.integer({ min: -0x8000, max: 0x7fff }).map((value) => head(0xd1, 2, value)),
  fc.integer().map((value) => head(0xd2, 4, value)),
  fc.maxSafeInteger().map((value) => head(0xd3, 8, value)),
);

const float = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.of(0xca, ...bytes)),
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.of(0xcb, ...bytes)),
);

/** As many `items` as the count says; a width of 0 bytes has its count in the type byte. */
function counted(type: number, widths: readonly number[], count: number, items: Buffer) {
  const max = type === 0xa0 ? 31 : 15;
  return fc
    .constantFrom(...[0, 1, 2, 4].filter((width) => widths.includes(width)))
    .filter((width) => width > 0 || count <= max)
    .map((width) => {
      const first = width === 0 ? type | count : wideType(type, width);
      return Buffer.concat([head(first, width, count), items]);
    });
}

/** The type that has a field of so many bytes. */
function wideType(type: number, width: number): number {
  const types: { [narrow: number]: readonly number[] } = {
    0xa0: [0, 0xd9, 0xda, 0, 0xdb],
    0xc4: [0, 0xc4, 0xc5, 0, 0xc6],
    0x90: [0, 0, 0xdc, 0, 0xdd],
    0x80: [0, 0, 0xde, 0, 0xdf],
  };
  return types[type]?.[width] as number;
}

const str = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  // msgpackr takes a byte order mark off.
  .filter((text) => !text.startsWith('\ufeff') && Buffer.byteLength(text) < 256)
  .chain((text) => counted(0xa0, [0, 1, 2, 4], Buffer.byteLength(text), Buffer.from(text)));

const bin = fc
  .uint8Array({ maxLength: 60 })
  .chain((bytes) => counted(0xc4, [1, 2, 4], bytes.length, Buffer.from(bytes)));

const { value: anyValue } = fc.letrec<{ value: Buffer }>((again) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('c0', 'c2', 'c3').map(hex),
    integer,
    float,
    str,
    bin,
    fc
      .array(again('value'), { maxLength: 20 })
      .chain((items) => counted(0x90, [0, 2, 4], items.length, Buffer.concat(items))),
    fc
      .array(fc.tuple(str, again('value')), { maxLength: 20 })
      .chain((entries) => counted(0x80, [0, 2, 4], entries.length, Buffer.concat(entries.flat()))),
  ),
}));

/** The value at the position, as msgpackr makes it. */
function take(walk: MsgpackWalk): unknown {
  switch (walk.kind) {
    case 'nil':
      walk.skip();
      return null;
    case 'boolean': {
      const { at } = walk;
      walk.skip();
      expect(walk.at).toBe(at + 1);
      return 'boolean';
    }
    case 'number':
      return walk.takeNumber();
    case 'str':
      return walk.takeText();
    case 'bin':
      return walk.takeBytes();
    case 'list':
      return Array.from({ length: walk.takeCount() }, () => take(walk));
    case 'map': {
      const count = walk.takeCount();
      return new Map(Array.from({ length: count }, () => [take(walk), take(walk)] as const));
    }
  }
}

/** What the walk can tell of booleans: that they are. */
function withoutBooleans(value: unknown): unknown {
  if (typeof value === 'boolean') return 'boolean';
  if (Array.isArray(value)) return value.map(withoutBooleans);
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([name, each]) => [name, withoutBooleans(each)]));
}

describe('any plain value, in any width,', () => {
  test('is what msgpackr makes of it', () => {
    const check = (bytes: Buffer): void => {
      const walk = walkOf(bytes);
      expect(take(walk)).toEqual(withoutBooleans(unpackedMaps(bytes)));
      expect(walk.at).toBe(bytes.length);
    };
    fc.assert(fc.property(anyValue, check), { ...RUNS, numRuns: 1_000 });
  });

  test('is moved over as a whole', () => {
    const check = (bytes: Buffer): void => {
      const walk = walkOf(Buffer.concat([hex('93 c0'), bytes, hex('2a')]));
      expect(walk.takeCount()).toBe(3);
      walk.skip();
      walk.skip();
      expect(walk.takeNumber()).toBe(42);
    };
    fc.assert(fc.property(anyValue, check), { ...RUNS, numRuns: 1_000 });
  });
});

describe('a number', () => {
  test.each([
    ['00', 0],
    ['7f', 127],
    ['ff', -1],
    ['e0', -32],
    ['cc ff', 255],
    ['cd ffff', 65_535],
    ['ce ffffffff', 4_294_967_295],
    ['cf 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['cf 0000018bcfe56800', 1_700_000_000_000],
    ['d0 80', -128],
    ['d1 8000', -32_768],
    ['d2 80000000', -2_147_483_648],
    ['d3 ffffffff7fffffff', -2_147_483_649],
    ['d3 ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['d3 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['ca 3fc00000', 1.5],
    ['cb 3ff8000000000000', 1.5],
    ['cb 7ff0000000000000', Infinity],
    ['cb 7ff8000000000000', Number.NaN],
  ])('%s is %s', (bytes, value) => {
    const walk = walkOf(hex(bytes));
    expect(walk.kind).toBe('number');
    expect(walk.takeNumber()).toBe(value);
    expect(walk.at).toBe(hex(bytes).length);
  });
});

describe('bytes', () => {
  test.each(['a2 0708', 'd9 02 0708', 'da 0002 0708', 'db 00000002 0708', 'c4 02 0708'])(
    'of %s are a view',
    (text) => {
      const bytes = hex(text);
      const taken = walkOf(bytes).takeBytes();
      expect([...taken]).toEqual([7, 8]);
      bytes[bytes.length - 1] = 9;
      expect([...taken]).toEqual([7, 9]);
    },
  );

  test('keep a byte order mark, as bytes and as text, short and long', () => {
    for (const text of ['\ufeff', `\ufeff${'x'.repeat(100)}`]) {
      const sent = Buffer.from(text);
      const bytes = Buffer.concat([head(0xd9, 1, sent.length), sent]);
      expect(walkOf(bytes).takeBytes()).toEqual(sent);
      expect(walkOf(bytes).takeText()).toBe(text);
    }
  });
});

describe('a name', () => {
  const names = ['key', 'value', 'keys'];

  test.each([
    ['a3 6b6579', 0],
    ['d9 05 76616c7565', 1],
    ['da 0004 6b657973', 2],
    ['db 00000003 6b6579', 0],
    ['a0', -1],
    ['a2 6b65', -1],
    ['a3 4b6579', -1],
    ['a3 6b657a', -1],
    ['a4 c3a96579', -1],
  ])('%s is number %s of those known', (bytes, index) => {
    const walk = walkOf(hex(bytes));
    expect(walk.takeName(names)).toBe(index);
    expect(walk.at).toBe(hex(bytes).length);
  });
});

test('a deep and a wide value are moved over without recursion', () => {
  const limits = { depthMax: 100_001, containersMax: 200_000, itemsMax: 300_000 };
  const deep = Buffer.concat([Buffer.alloc(100_000, 0x91), hex('c0')]);
  const wide = Buffer.concat([hex('dd 00010000'), Buffer.alloc(0x10000, 0x80)]);
  for (const bytes of [deep, wide]) {
    scanMsgpack(bytes, limits);
    const walk = new MsgpackWalk(bytes);
    walk.skip();
    expect(walk.at).toBe(bytes.length);
  }
});
