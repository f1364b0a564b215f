import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { readMsgpackRecords } from '../../src/http/msgpack-produce.ts';
import {
  HEADERS_PER_RECORD_MAX,
  HEADERS_PER_REQUEST_MAX,
  INT64_SAFE_MAX,
  RECORDS_PER_REQUEST_MAX,
} from '../../src/model/limits.ts';
import { RUNS, anyRecords } from '../support/record-arbitraries.ts';
import type { Refusal } from '../support/refusal.ts';
import { refusalOf } from '../support/refusal.ts';

const NOW = 1_780_000_000_000;

function read(body: unknown) {
  return readMsgpackRecords(encodeMsgpack(body), NOW);
}

function readOne(record: unknown) {
  const { records, partitions } = read({ records: [record] });
  return { ...records[0], partition: partitions?.[0] };
}

function refusal(body: unknown): Refusal {
  return refusalOf(() => read(body));
}

/** A map with these names in this order, which may be equal; names and values are short. */
function mapOf(...entries: readonly (readonly [string, unknown])[]): Buffer {
  return Buffer.concat([
    Buffer.of(0x80 | entries.length),
    ...entries.map(([name, value]) => Buffer.concat([bytesOf(name), bytesOf(value)])),
  ]);
}

/** Buffers are MessagePack already. */
function bytesOf(value: unknown): Buffer {
  return Buffer.isBuffer(value) ? value : encodeMsgpack(value);
}

/** `{records: [record]}` with these bytes for the record. */
function bodyOf(record: Buffer): Buffer {
  return mapOf(['records', Buffer.concat([Buffer.of(0x91), record])]);
}

function readBytes(record: Buffer) {
  const { records, partitions } = readMsgpackRecords(bodyOf(record), NOW);
  return { ...records[0], partition: partitions?.[0] };
}

function refusalOfBytes(record: Buffer): Refusal {
  return refusalOf(() => readMsgpackRecords(bodyOf(record), NOW));
}

describe('a record', () => {
  test('comes back as it was, whatever its bytes', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        expect(read({ records })).toMatchObject({ records, partitions: undefined });
      }),
      RUNS,
    );
  });

  test('may have text where bytes are meant: its UTF-8', () => {
    expect(readOne({ key: 'kü', value: 'v', headers: [{ key: 'a', value: 'b' }] })).toEqual({
      key: Buffer.from('kü'),
      value: Buffer.from('v'),
      headers: [{ key: 'a', value: Buffer.from('b') }],
      timestamp: NOW,
      partition: undefined,
    });
  });

  test('may leave out or say nil for all but its value', () => {
    const bare = { key: null, value: null, headers: [], timestamp: NOW, partition: undefined };
    expect(readOne({ value: null })).toEqual(bare);
    expect(
      readOne({ value: null, key: null, headers: null, timestamp: null, partition: null }),
    ).toEqual(bare);
  });

  test('says its timestamp and partition as integers', () => {
    expect(readOne({ value: '', timestamp: INT64_SAFE_MAX, partition: 3 })).toMatchObject({
      timestamp: INT64_SAFE_MAX,
      partition: 3,
    });
  });

  test.each([
    ['07', 7],
    ['cc 07', 7],
    ['cd 0007', 7],
    ['ce 7fffffff', 2_147_483_647],
    ['cf 0000000000000007', 7],
    ['d0 07', 7],
    ['d1 0007', 7],
    ['d2 7fffffff', 2_147_483_647],
    ['d3 0000000000000007', 7],
    ['ca 40e00000', 7],
    ['cb 401c000000000000', 7],
  ])('may say them in any width: %s is %s', (hex, expected) => {
    const sent = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(
      readBytes(mapOf(['timestamp', sent], ['value', null], ['partition', sent])),
    ).toMatchObject({ timestamp: expected, partition: expected });
  });

  test.each([
    ['ff', '-1'],
    ['d0 80', '-128'],
    ['d1 8000', '-32768'],
    ['d2 80000000', '-2147483648'],
    ['d3 ffe0000000000001', '-9007199254740991'],
    ['ca 3fc00000', '1.5'],
    ['cb 3ff8000000000000', '1.5'],
    ['cb 4340000000000000', '9007199254740992'],
    ['cb 7ff0000000000000', 'Infinity'],
    ['cb 7ff8000000000000', 'NaN'],
  ])('cannot say %s, which is %s', (hex, shown) => {
    const sent = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const { code, details } = refusalOfBytes(
      mapOf(['value', null], ['partition', sent], ['timestamp', sent]),
    );
    expect(code).toBe('INVALID_RECORD');
    expect(details['bad_records']).toMatchObject([
      { field: 'records[0].timestamp', message: expect.stringContaining(`is ${shown}; it must`) },
      { field: 'records[0].partition', message: expect.stringContaining(`is ${shown}; it must`) },
    ]);
  });

  test('may have members in any order, and their names in any width', () => {
    const wide = (name: string): Buffer =>
      Buffer.concat([Buffer.of(0xda, 0, name.length), Buffer.from(name)]);
    const members = [wide('partition'), 1, wide('value'), 'v', wide('key'), 'k'].map(bytesOf);
    expect(readBytes(Buffer.concat([Buffer.of(0x83), ...members]))).toMatchObject({
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      partition: 1,
    });
  });

  test('is a view of the body, text and bytes alike', () => {
    const body = encodeMsgpack({
      records: [{ key: 'text', value: Buffer.of(1, 2), headers: [{ key: 'a', value: 'text' }] }],
    });
    const [record] = readMsgpackRecords(body, NOW).records;
    body.fill(0x7a);
    expect(record).toMatchObject({
      key: Buffer.from('zzzz'),
      value: Buffer.from('zz'),
      headers: [{ key: 'a', value: Buffer.from('zzzz') }],
    });
  });

  test('keeps a byte order mark in text, short and long', () => {
    for (const text of ['\ufeff', `\ufeff${'ä'.repeat(100)}`]) {
      expect(readOne({ key: text, value: text, headers: [{ key: text, value: text }] })).toEqual({
        key: Buffer.from(text),
        value: Buffer.from(text),
        headers: [{ key: text, value: Buffer.from(text) }],
        timestamp: NOW,
        partition: undefined,
      });
      expect(readOne({ value: '', headers: { [text]: text } }).headers).toEqual([
        { key: text, value: Buffer.from(text) },
      ]);
    }
  });

  test('may repeat a header in a list, and have none in either form', () => {
    const twice = [
      { key: 'a', value: '1' },
      { key: 'a', value: null },
    ];
    expect(readOne({ value: '', headers: twice }).headers).toEqual([
      { key: 'a', value: Buffer.from('1') },
      { key: 'a', value: null },
    ]);
    expect(readOne({ value: '', headers: [] }).headers).toEqual([]);
    expect(readOne({ value: '', headers: {} }).headers).toEqual([]);
  });

  test('may have its headers as a map, in its order', () => {
    const headers = new Map<string, unknown>([
      ['b', 'x'],
      ['1', null],
      ['__proto__', Buffer.of(255)],
    ]);
    expect(readOne({ value: '', headers }).headers).toEqual([
      { key: 'b', value: Buffer.from('x') },
      { key: '1', value: null },
      { key: '__proto__', value: Buffer.of(255) },
    ]);
  });

  test.each([
    [{}, 'INVALID_RECORD', 'records[0].value is missing'],
    [{ value: 1 }, 'INVALID_RECORD', 'records[0].value is a number; send bin, str or nil'],
    [{ value: [1] }, 'INVALID_RECORD', 'records[0].value is a list'],
    [{ value: { a: 1 } }, 'INVALID_RECORD', 'records[0].value is a map'],
    [
      { value: '', key: true },
      'INVALID_RECORD',
      'records[0].key is a boolean; send bin, str or nil',
    ],
    [{ value: '', valeu: 1 }, 'INVALID_REQUEST', 'records[0] has unknown members: "valeu"'],
    [{ value: '', key_base64: '' }, 'INVALID_REQUEST', 'has unknown members: "key_base64"'],
    [{ value: '', timestamp: -1 }, 'INVALID_RECORD', 'records[0].timestamp is -1; it must be'],
    [{ value: '', timestamp: 1.5 }, 'INVALID_RECORD', 'records[0].timestamp is 1.5'],
    [{ value: '', timestamp: '1' }, 'INVALID_RECORD', 'records[0].timestamp is a str'],
    [
      { value: '', partition: 2_147_483_648 },
      'INVALID_RECORD',
      'records[0].partition is 2147483648',
    ],
    [{ value: '', headers: 'a' }, 'INVALID_RECORD', 'records[0].headers is a str'],
    [
      { value: '', headers: ['a'] },
      'INVALID_RECORD',
      'records[0].headers[0] is a str; it must be a map',
    ],
    [
      { value: '', headers: [{ value: 'a' }] },
      'INVALID_RECORD',
      'records[0].headers[0].key is missing; it must be a str',
    ],
    [
      { value: '', headers: [{ key: 'a' }] },
      'INVALID_RECORD',
      'records[0].headers[0].value is missing',
    ],
    [
      { value: '', headers: [{ key: 'a', value: 1 }] },
      'INVALID_RECORD',
      'records[0].headers[0].value is a number',
    ],
    [
      { value: '', headers: [{ key: 'a', value: '', x: 1 }] },
      'INVALID_RECORD',
      'records[0].headers[0] has unknown members',
    ],
    [
      { value: '', headers: [{ key: Buffer.of(1), value: '' }] },
      'INVALID_RECORD',
      'records[0].headers[0].key is bin; it must be a str',
    ],
    [
      { value: '', headers: [{ key: 'a', value: '' }, null] },
      'INVALID_RECORD',
      'records[0].headers[1] is nil; it must be a map',
    ],
    [
      { value: '', headers: [{ key: 'x'.repeat(1_025), value: '' }] },
      'INVALID_RECORD',
      'records[0].headers[0].key has 1025 bytes; at most 1024 are allowed',
    ],
    [
      { value: '', headers: { a: 1 } },
      'INVALID_RECORD',
      'records[0].headers["a"].value is a number',
    ],
    [
      { value: '', headers: { a: null, ['ä'.repeat(513)]: '' } },
      'INVALID_RECORD',
      '..."].key has 1026 bytes; at most 1024 are allowed',
    ],
    [
      Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`n${index}`, index])),
      'INVALID_REQUEST',
      '"n9" and 2 more; known are key, value, headers, timestamp, partition',
    ],
    ['a', 'INVALID_REQUEST', 'records[0] is a str; it must be a map'],
    [null, 'INVALID_REQUEST', 'records[0] is nil; it must be a map'],
    [Buffer.of(1), 'INVALID_REQUEST', 'records[0] is bin; it must be a map'],
  ])('%j is refused by name', (record, code, message) => {
    expect(refusal({ records: [record] })).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    [
      mapOf(['value', 'a'], ['key', null], ['value', 'b'], ['key', null]),
      'INVALID_REQUEST',
      'records[0] has members given twice: "value", "key"',
    ],
    [
      mapOf(['value', 'a'], ['x', 1], ['value', 'b']),
      'INVALID_REQUEST',
      'records[0] has unknown members: "x"; known are key, value, headers, timestamp, partition; it has members given twice: "value"',
    ],
    [
      mapOf(['value', ''], ['headers', [new Map([['key', 'a']])]], ['headers', null]),
      'INVALID_REQUEST',
      'records[0] has members given twice: "headers"',
    ],
    [
      mapOf(
        ['value', ''],
        [
          'headers',
          Buffer.concat([Buffer.of(0x91), mapOf(['key', 'a'], ['value', ''], ['value', ''])]),
        ],
      ),
      'INVALID_RECORD',
      'records[0].headers[0] has members given twice: "value"',
    ],
    [
      mapOf(['value', ''], ['headers', mapOf(['a', '1'], ['b', null], ['a', '2'])]),
      'INVALID_RECORD',
      'records[0].headers["a"] is given twice; a list of {key, value} can repeat a header',
    ],
  ])('with something given twice is refused (%#)', (record, code, message) => {
    const refused = refusalOfBytes(record);
    expect(refused.code).toBe(code);
    expect(refused.message.startsWith(message)).toBe(true);
  });

  test('has so many headers and no more', () => {
    const headers = (count: number) =>
      Array.from({ length: count }, () => ({ key: 'a', value: '' }));
    expect(readOne({ value: '', headers: headers(HEADERS_PER_RECORD_MAX) }).headers).toHaveLength(
      64,
    );
    const { message } = refusal({ records: [{ value: '', headers: headers(65) }] });
    expect(message).toContain('records[0].headers[64].key is one header too many');
    const named = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`h${index}`, '']));
    expect(refusal({ records: [{ value: '', headers: named }] }).message).toContain(
      'records[0].headers["h64"].key is one header too many',
    );
  });

  test('that is bad is named by its place among the others, up to ten of them', () => {
    const kinds = [{ value: '' }, { value: 1 }, 'a', { value: '', headers: [{ key: 'a' }] }];
    const records = Array.from({ length: 30 }, (_, index) => kinds[index % kinds.length]);
    const bad = refusal({ records }).details['bad_records'] as { field: string }[];
    expect(bad.map(({ field }) => field)).toEqual([
      'records[1].value',
      'records[2]',
      'records[3].headers[0].value',
      'records[5].value',
      'records[6]',
      'records[7].headers[0].value',
      'records[9].value',
      'records[10]',
      'records[11].headers[0].value',
      'records[13].value',
    ]);
  });

  test('is named with all that is wrong with it, in one order', () => {
    const record = { partition: 'a', timestamp: [], headers: 1, x: 1, key: {} };
    const bad = refusal({ records: [record] }).details['bad_records'];
    expect(bad).toMatchObject([
      { field: 'records[0]', message: expect.stringContaining('unknown members: "x"') },
      { field: 'records[0].key', message: 'is a map; send bin, str or nil' },
      { field: 'records[0].value', message: 'is missing; send null for a tombstone' },
      {
        field: 'records[0].headers',
        message: 'is a number; send a list of {key, value} or a map',
      },
      { field: 'records[0].timestamp', message: expect.stringContaining('is a list; it must') },
      { field: 'records[0].partition', message: expect.stringContaining('is a str; it must') },
    ]);
  });
});

describe('a body', () => {
  test.each([
    [[], 'the body is a list; it must be a map {"records": [...]}'],
    [null, 'the body is nil'],
    [{}, 'the body has no records'],
    [{ records: [{ value: '' }], topic: 't' }, 'the body has unknown members: "topic"'],
    [{ records: { value: '' } }, 'records is a map; it must be a list of records'],
    [{ records: null }, 'records is nil'],
  ])('%j is malformed', (body, message) => {
    expect(refusal(body)).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    });
  });

  test('has its records once', () => {
    const list = encodeMsgpack([{ value: '' }]);
    const body = mapOf(['records', list], ['records', list]);
    expect(refusalOf(() => readMsgpackRecords(body, NOW))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'the body has members given twice: "records"',
    });
  });

  test('has so many headers altogether and no more', () => {
    const headers = Array.from({ length: 50 }, () => ({ key: 'a', value: null }));
    const records = Array.from({ length: HEADERS_PER_REQUEST_MAX / 50 }, () => ({
      value: null,
      headers,
    }));
    expect(read({ records }).records).toHaveLength(HEADERS_PER_REQUEST_MAX / 50);
    expect(
      refusal({ records: [...records, { value: null, headers: headers.slice(0, 1) }] }).code,
    ).toBe('BODY_TOO_LARGE');
  });

  test('must have a record, and not too many', () => {
    expect(refusal({ records: [] }).code).toBe('INVALID_RECORD');
    const records = Array.from({ length: RECORDS_PER_REQUEST_MAX + 1 }, () => ({ value: null }));
    expect(refusal({ records }).code).toBe('BODY_TOO_LARGE');
    expect(read({ records: records.slice(1) }).records).toHaveLength(RECORDS_PER_REQUEST_MAX);
  });

  test('of other bytes is refused with the place', () => {
    const body = encodeMsgpack({ records: [{ value: '' }] });
    expect(refusalOf(() => readMsgpackRecords(body.subarray(0, -1), NOW)).code).toBe(
      'INVALID_REQUEST',
    );
    expect(refusalOf(() => readMsgpackRecords(Buffer.of(0xc1), NOW)).message).toContain('byte 0');
  });
});
