import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { KafkaWriter } from '../../src/codec/kafka-writer.ts';
import { bytesOf } from '../support/damaged-bytes.ts';
import { RUNS } from '../support/record-arbitraries.ts';

function written(isFlexible: boolean, write: (writer: KafkaWriter) => void): Buffer {
  const writer = new KafkaWriter();
  writer.isFlexible = isFlexible;
  write(writer);
  return writer.written();
}

type Write = (writer: KafkaWriter) => void;

const BOTH: readonly (readonly [string, Write, string, string])[] = [
  ['a boolean', (w) => w.writeBoolean(true), '01', '01'],
  ['another boolean', (w) => w.writeBoolean(false), '00', '00'],
  ['an int8', (w) => w.writeInt8(-128), '80', '80'],
  ['an int16', (w) => w.writeInt16(-32_768), '8000', '8000'],
  ['an int32', (w) => w.writeInt32(-2), 'fffffffe', 'fffffffe'],
  ['an int64', (w) => w.writeInt64(1_700_000_000_000), '0000018bcfe56800', '0000018bcfe56800'],
  [
    'a uuid',
    (w) => w.writeUuid('01234567-89ab-cdef-0011-223344556677'),
    '0123456789abcdef0011223344556677',
    '0123456789abcdef0011223344556677',
  ],
  ['a string', (w) => w.writeString('aü'), '0003 "aü"', '04 "aü"'],
  ['an empty string', (w) => w.writeString(''), '0000', '01'],
  ['no string', (w) => w.writeNullableString(null), 'ffff', '00'],
  ['a string that could be null', (w) => w.writeNullableString('a'), '0001 "a"', '02 "a"'],
  ['bytes', (w) => w.writeBytes(new Uint8Array([1, 2])), '00000002 0102', '03 0102'],
  ['no bytes', (w) => w.writeNullableBytes(null), 'ffffffff', '00'],
  [
    'many bytes',
    (w) => w.writeNullableBytes(Buffer.alloc(300, 7)),
    `0000012c ${'07'.repeat(300)}`,
    `ad02 ${'07'.repeat(300)}`,
  ],
  [
    'an array',
    (w) => w.writeArray([1, -1], (n) => w.writeInt16(n)),
    '00000002 0001 ffff',
    '03 0001 ffff',
  ],
  ['an empty array', (w) => w.writeArray([], () => {}), '00000000', '01'],
  ['no array', (w) => w.writeNullableArray(null, () => {}), 'ffffffff', '00'],
  [
    'an array that could be null',
    (w) => w.writeNullableArray([1], (n) => w.writeInt16(n)),
    '00000001 0001',
    '02 0001',
  ],
  ['no tags', (w) => w.writeTags(), '', '00'],
  [
    'tags',
    (w) =>
      w.writeTags([
        { tag: 0, bytes: Buffer.from('ab') },
        { tag: 129, bytes: Buffer.alloc(0) },
      ]),
    '',
    '02 00 02 "ab" 8101 00',
  ],
];

describe('writing', () => {
  test.each(BOTH)('%s in the plain form', (_what, write, plain) => {
    expect(written(false, write)).toEqual(bytesOf(plain));
  });

  test.each(BOTH)('%s in the flexible form', (_what, write, _plain, flexible) => {
    expect(written(true, write)).toEqual(bytesOf(flexible));
  });

  test.each<[string, Write, RegExp]>([
    ['an int16 that is none', (w) => w.writeInt16(32_768), /32768 is not an int16/],
    ['an int8 that is none', (w) => w.writeInt8(128), /128 is not an int8/],
    ['an int32 that is none', (w) => w.writeInt32(1.5), /1.5 is not an int32/],
    ['an int64 that is no safe integer', (w) => w.writeInt64(Number.NaN), /not a safe integer/],
    ['a UUID that is none', (w) => w.writeUuid('01234567'), /01234567 is not a UUID/],
    [
      'a string of too many bytes',
      (w) => w.writeString('ü'.repeat(16_384)),
      /32768 bytes, and 32767/,
    ],
  ])('%s is a mistake of the caller', (_what, write, message) => {
    expect(() => written(false, write)).toThrow(message);
  });
});

/** One value of each type, read as it was written. */
const anyValues = fc.record({
  isFlexible: fc.boolean(),
  boolean: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  uuid: fc.uuid(),
  string: fc.string({ unit: 'grapheme', maxLength: 300 }),
  nullableString: fc.option(fc.string({ unit: 'grapheme' })),
  bytes: fc.uint8Array({ maxLength: 1_000 }).map((each) => Buffer.from(each)),
  nullableBytes: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
  strings: fc.array(fc.string()),
  nullableStrings: fc.option(fc.array(fc.string())),
});

test('any values come back, in either form', () => {
  fc.assert(
    fc.property(anyValues, ({ isFlexible, ...values }) => {
      const bytes = written(isFlexible, (writer) => {
        writer.writeBoolean(values.boolean);
        writer.writeInt8(values.int8);
        writer.writeInt16(values.int16);
        writer.writeInt32(values.int32);
        writer.writeInt64(values.int64);
        writer.writeUuid(values.uuid);
        writer.writeString(values.string);
        writer.writeNullableString(values.nullableString);
        writer.writeBytes(values.bytes);
        writer.writeNullableBytes(values.nullableBytes);
        writer.writeArray(values.strings, (each) => writer.writeString(each));
        writer.writeNullableArray(values.nullableStrings, (each) => writer.writeString(each));
        writer.writeTags([{ tag: 300, bytes: values.bytes }]);
      });
      const reader = new KafkaReader(bytes, 'INVALID_REQUEST');
      reader.isFlexible = isFlexible;
      const elements = { field: 'x', elementBytesMin: 1 };
      const back = {
        boolean: reader.readBoolean('x'),
        int8: reader.readInt8('x'),
        int16: reader.readInt16('x'),
        int32: reader.readInt32('x'),
        int64: reader.readInt64('x'),
        uuid: reader.readUuid('x'),
        string: reader.readString('x'),
        nullableString: reader.readNullableString('x'),
        bytes: reader.readBytes('x'),
        nullableBytes: reader.readNullableBytes('x'),
        strings: reader.readArray(elements, () => reader.readString('x')),
        nullableStrings: reader.readNullableArray(elements, () => reader.readString('x')),
      };
      reader.readTags('x', (tag) => expect([tag, reader.left]).toEqual([300, values.bytes.length]));
      reader.readEnd('x');
      expect(back).toEqual(values);
    }),
    RUNS,
  );
});

test('bytes in pieces stay where they are when they are large, and are copied when small', () => {
  const writer = new KafkaWriter();
  const [large, small] = [Buffer.alloc(4_097, 1), Buffer.alloc(4_096, 2)];
  writer.writeInt8(7);
  writer.writeSharedBytes([large, small]);
  writer.writeSharedBytes([]);
  writer.writeInt8(8);
  expect(() => writer.written()).toThrow(/several parts/);
  const [before, shared, after] = writer.writtenParts();
  expect(before).toEqual(Buffer.from([7, 0, 0, 32, 1]));
  expect(shared).toBe(large);
  expect(after).toEqual(Buffer.concat([small, Buffer.from([0, 0, 0, 0, 8])]));
});

test('a message of one part is that part', () => {
  const writer = new KafkaWriter();
  writer.isFlexible = true;
  writer.writeSharedBytes([Buffer.from('ab'), Buffer.from('c')]);
  expect(writer.writtenParts()).toEqual([Buffer.from('\u0004abc', 'latin1')]);
  expect(writer.written()).toEqual(Buffer.from('\u0004abc', 'latin1'));
});
