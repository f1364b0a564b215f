import { describe, expect, test } from 'vitest';
import { KafkaReader } from '../../src/codec/kafka-reader.ts';
import { bytesOf } from '../support/damaged-bytes.ts';
import { refusalOf } from '../support/refusal.ts';

function plain(text: string): KafkaReader {
  return new KafkaReader(bytesOf(text), 'INVALID_REQUEST');
}

function flexible(text: string): KafkaReader {
  const reader = plain(text);
  reader.isFlexible = true;
  return reader;
}

type Read = (reader: KafkaReader) => unknown;

const boolean: Read = (reader) => reader.readBoolean('x');
const int8: Read = (reader) => reader.readInt8('x');
const int16: Read = (reader) => reader.readInt16('x');
const int32: Read = (reader) => reader.readInt32('x');
const int64: Read = (reader) => reader.readInt64('x');
const uuid: Read = (reader) => reader.readUuid('x');
const string: Read = (reader) => reader.readString('x');
const nullableString: Read = (reader) => reader.readNullableString('x');
const bytes: Read = (reader) => reader.readBytes('x');
const nullableBytes: Read = (reader) => reader.readNullableBytes('x');
const int16s: Read = (reader) =>
  reader.readArray({ field: 'x', elementBytesMin: 2 }, () => reader.readInt16('each'));
const nullableInt16s: Read = (reader) =>
  reader.readNullableArray({ field: 'x', elementBytesMin: 2 }, () => reader.readInt16('each'));
const oneInt16: Read = (reader) =>
  reader.readArray({ field: 'x', elementBytesMin: 2, countMax: 1 }, () => reader.readInt16('each'));

describe('reading', () => {
  test.each([
    ['boolean', boolean, '00', false],
    ['boolean', boolean, '02', true],
    ['int8', int8, 'ff', -1],
    ['int16', int16, '8000', -32_768],
    ['int32', int32, 'fffffffe', -2],
    ['int64', int64, '0000018bcfe56800', 1_700_000_000_000],
    ['int64', int64, 'ffffffffffffffff', -1],
    ['uuid', uuid, '0123456789abcdef 0011223344556677', '01234567-89ab-cdef-0011-223344556677'],
    ['string', string, '0003 "aü"', 'aü'],
    ['string', string, '0000', ''],
    // Like Kafka: what is not UTF-8 becomes the replacement character.
    ['string', string, '0001 ff', '\uFFFD'],
    ['nullable string', nullableString, '0001 "a"', 'a'],
    ['nullable string', nullableString, 'ffff', null],
    ['bytes', bytes, '00000002 0102', Buffer.from([1, 2])],
    ['nullable bytes', nullableBytes, '00000000', Buffer.alloc(0)],
    ['nullable bytes', nullableBytes, 'ffffffff', null],
    ['array', int16s, '00000002 0001 ffff', [1, -1]],
    ['array', int16s, '00000000', []],
    ['array as long as it may be', oneInt16, '00000001 0007', [7]],
    ['nullable array', nullableInt16s, '00000001 0001', [1]],
    ['nullable array', nullableInt16s, 'ffffffff', null],
  ])('%s in the plain form (%#)', (_type, read, text, expected) => {
    const reader = plain(text);
    expect(read(reader)).toEqual(expected);
    expect(reader.left).toBe(0);
  });

  test.each([
    ['int16', int16, '0001', 1],
    ['string', string, '04 "aü"', 'aü'],
    ['string', string, '01', ''],
    ['nullable string', nullableString, '00', null],
    ['nullable string', nullableString, '02 "a"', 'a'],
    ['bytes', bytes, '03 0102', Buffer.from([1, 2])],
    ['bytes of more than 127', bytes, `8101 ${'07'.repeat(128)}`, Buffer.alloc(128, 7)],
    ['nullable bytes', nullableBytes, '00', null],
    ['array', int16s, '03 0001 ffff', [1, -1]],
    ['array', int16s, '01', []],
    ['nullable array', nullableInt16s, '02 0001', [1]],
    ['nullable array', nullableInt16s, '00', null],
    ['the longest string', string, `808002 ${'61'.repeat(32_767)}`, 'a'.repeat(32_767)],
    // Padding is no fault for Kafka either.
    ['a padded length', string, '8280808000 "a"', 'a'],
  ])('%s in the flexible form (%#)', (_type, read, text, expected) => {
    const reader = flexible(text);
    expect(read(reader)).toEqual(expected);
    expect(reader.left).toBe(0);
  });

  test('goes from one to the next', () => {
    const reader = plain('0001 "a" 00000007');
    expect([reader.readString('s'), reader.left, reader.readInt32('n')]).toEqual(['a', 4, 7]);
    reader.readEnd('all');
  });

  test('passes over bytes, but not beyond the end', () => {
    const reader = plain('0102 0003');
    reader.skip(2, 'x');
    expect(reader.readInt16('x')).toBe(3);
    expect(refusalOf(() => reader.skip(1, 'x')).details).toMatchObject({ expected: '1 bytes' });
  });

  test('shows bytes where they are, without a copy', () => {
    const memory = Buffer.from([0, 0, 0, 1, 5]);
    const read = new KafkaReader(memory, 'INVALID_REQUEST').readBytes('x');
    memory[4] = 6;
    expect(read[0]).toBe(6);
  });

  test('takes any Uint8Array', () => {
    const within = new Uint8Array([9, 9, 0, 1, 9]).subarray(2, 4);
    const reader = new KafkaReader(within, 'INVALID_REQUEST');
    expect([reader.readInt16('x'), reader.left]).toEqual([1, 0]);
  });
});

describe('tags', () => {
  test('are nothing in the plain form', () => {
    const reader = plain('01');
    reader.readTags('tags');
    expect(reader.left).toBe(1);
  });

  test('that are not known are passed over', () => {
    const reader = flexible('02 00 02 "ab" 8101 00 07');
    reader.readTags('tags');
    expect(reader.left).toBe(1);
  });

  test('are shown one after the other, each within its own bytes', () => {
    const reader = flexible('03 00 02 0007 05 03 0008ff 8101 00 07');
    const seen: unknown[] = [];
    reader.readTags('tags', (tag) => {
      seen.push([tag, reader.left, tag === 129 ? undefined : reader.readInt16('each')]);
    });
    expect(seen).toEqual([
      [0, 2, 7],
      [5, 3, 8],
      [129, 0, undefined],
    ]);
    expect(reader.left).toBe(1);
  });

  test('are not read beyond their own end', () => {
    const reader = flexible('01 00 01 00 0007');
    const refusal = refusalOf(() => reader.readTags('tags', () => reader.readInt16('content')));
    expect(refusal.details).toEqual({
      field: 'content',
      expected: '2 bytes',
      found: '1 bytes to the end',
    });
  });
});

describe('refused, and the field named:', () => {
  test.each([
    ['a number cut off', int16, '00', '2 bytes', '1 bytes to the end'],
    [
      'an int64 that is no safe integer',
      int64,
      '0020000000000000',
      'an integer within +-(2^53 - 1)',
      '9007199254740992',
    ],
    ['a string longer than the rest', string, '0004 "abc"', '4 bytes', '3 bytes to the end'],
    ['a string of a negative length', string, 'fffe', 'a length of at least -1', '-2'],
    ['a null string', string, 'ffff', 'a value', 'null'],
    ['bytes longer than the rest', bytes, '7fffffff 00', '2147483647 bytes', '1 bytes to the end'],
    [
      'bytes of a negative length',
      nullableBytes,
      '80000000',
      'a length of at least -1',
      '-2147483648',
    ],
    ['null bytes', bytes, 'ffffffff', 'a value', 'null'],
    [
      'more elements than fit',
      int16s,
      '00000002 000000',
      '0 to 1 elements for the 3 bytes left',
      '2',
    ],
    [
      'an absurd count',
      int16s,
      '7fffffff 0000',
      '0 to 1 elements for the 2 bytes left',
      '2147483647',
    ],
    ['a null array', int16s, 'ffffffff', '0 to 0 elements for the 0 bytes left', '-1'],
    ['a negative count', nullableInt16s, 'fffffffe', '-1 to 0 elements for the 0 bytes left', '-2'],
    ['a longer array than allowed', oneInt16, '00000002 00010002', 'at most 1 elements', '2'],
    [
      'a string that would grow too long by being mended',
      string,
      `2aab ${'ff'.repeat(10_923)}`,
      'at most 32767 bytes',
      '10923 bytes',
    ],
  ])('%s', (_what, read, text, expected, found) => {
    const refusal = refusalOf(() => read(plain(text)));
    expect(refusal).toEqual({
      code: 'INVALID_REQUEST',
      message: `x: expected ${expected}, found ${found}`,
      details: { field: 'x', expected, found },
    });
  });

  test.each([
    ['a string longer than the rest', string, '05 "abc"', '4 bytes', '3 bytes to the end'],
    ['a null string', string, '00', 'a value', 'null'],
    [
      'a string that is too long',
      string,
      `818002 ${'61'.repeat(32_768)}`,
      'at most 32767 bytes',
      '32768 bytes',
    ],
    ['a null array', int16s, '00', '0 to 0 elements for the 0 bytes left', '-1'],
    ['the largest length', bytes, 'ffffffff0f', '4294967294 bytes', '0 bytes to the end'],
    [
      'a length beyond 32 bits',
      bytes,
      'ffffffff10',
      'an unsigned varint of 32 bits',
      'a longer one',
    ],
    ['a length cut off', bytes, '80', '1 bytes', '0 bytes to the end'],
    [
      'more tags than fit',
      (r: KafkaReader) => r.readTags('x'),
      '02 0000',
      'at most 1 for the 2 bytes left',
      '2',
    ],
    [
      'a tag longer than the rest',
      (r: KafkaReader) => r.readTags('x'),
      '01 0002 00',
      '2 bytes',
      '1 bytes to the end',
    ],
  ])('%s in the flexible form', (_what, read, text, expected, found) => {
    const { details } = refusalOf(() => read(flexible(text)));
    expect(details).toEqual({ field: 'x', expected, found });
  });

  test('bytes left over where nothing may follow', () => {
    expect(refusalOf(() => plain('00').readEnd('x')).details).toEqual({
      field: 'x',
      expected: 'no bytes left over',
      found: '1 left over',
    });
  });

  test('with the code that the caller chose', () => {
    const reader = new KafkaReader(Buffer.alloc(0), 'CORRUPT_MESSAGE');
    expect(refusalOf(() => reader.readInt16('x')).code).toBe('CORRUPT_MESSAGE');
  });
});

test('no element is read of an array that cannot be whole', () => {
  const reader = plain('00000003 0001 0002');
  let reads = 0;
  const field = { field: 'x', elementBytesMin: 2 };
  expect(() => reader.readArray(field, () => (reads += 1))).toThrow(/elements/);
  expect(reads).toBe(0);
});
