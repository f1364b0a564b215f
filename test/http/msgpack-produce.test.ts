import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { readMsgpackRecords } from '../../src/http/msgpack-produce.ts';
import {
  HEADERS_PER_RECORD_MAX,
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
      { value: '', headers: { a: 1 } },
      'INVALID_RECORD',
      'records[0].headers["a"].value is a number',
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

  test('has so many headers and no more', () => {
    const headers = (count: number) =>
      Array.from({ length: count }, () => ({ key: 'a', value: '' }));
    expect(readOne({ value: '', headers: headers(HEADERS_PER_RECORD_MAX) }).headers).toHaveLength(
      64,
    );
    const { message } = refusal({ records: [{ value: '', headers: headers(65) }] });
    expect(message).toContain('records[0].headers[64].key is one header too many');
  });

  test('that is bad is named by its place, up to ten of them', () => {
    const records = Array.from({ length: 30 }, () => ({ value: 1 }));
    expect(refusal({ records }).details['bad_records']).toHaveLength(10);
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
