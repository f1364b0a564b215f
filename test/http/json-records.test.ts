import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonForm } from '../../src/http/json-records.ts';
import { NATIVE_FORMS, V2_FORMS, readJsonRecords } from '../../src/http/json-records.ts';
import { BODY_DEPTH_MAX, RECORDS_PER_REQUEST_MAX } from '../../src/model/limits.ts';
import { jsonText, stringText } from '../support/json-arbitraries.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import type { Refusal } from '../support/refusal.ts';
import { refusalOf } from '../support/refusal.ts';

const NOW = 1_780_000_000_000;
const { json, text, base64 } = NATIVE_FORMS;

interface Shown {
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly [string, string | null][];
  readonly timestamp: number;
  readonly partition: number | undefined;
}

function read(body: string | Buffer, form: JsonForm = json): Shown[] {
  const { records, partitions } = readJsonRecords(Buffer.from(body), form, NOW);
  return records.map(({ key, value, headers, timestamp }, index) => ({
    key: shown(key),
    value: shown(value),
    headers: headers.map((header) => [header.key, shown(header.value)]),
    timestamp,
    partition: partitions?.[index],
  }));
}

function shown(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

/** The one record of `record`'s text. */
function readOne(record: string, form?: JsonForm): Shown {
  const [only] = read(`{"records":[${record}]}`, form);
  return only as Shown;
}

function refusal(body: string | Buffer, form?: JsonForm): Refusal {
  return refusalOf(() => read(body, form));
}

function recordRefusal(record: string, form?: JsonForm): Refusal {
  return refusal(`{"records":[${record}]}`, form);
}

describe('a native record', () => {
  test('keeps any JSON value byte for byte', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { minLength: 1, maxLength: 5 }), (values) => {
        const body = `{"records":[${values.map((value) => `{"value":${value}}`).join(',')}]}`;
        const expected = values.map((value) => (value === 'null' ? null : value));
        expect(read(body).map((each) => each.value)).toEqual(expected);
      }),
      { ...RUNS, numRuns: 1_000 },
    );
  });

  test('keeps numbers beyond 2^53, trailing zeros and white space inside', () => {
    for (const value of ['12345678901234567890', '1.0', '{ "a" :  1.50 }', '"\\u0041\\/"', '-0']) {
      expect(readOne(`{"value": ${value} }`).value).toBe(value);
    }
  });

  test('has a key that is text or null, stored as its UTF-8', () => {
    fc.assert(
      fc.property(stringText, (key) => {
        fc.pre((JSON.parse(key) as string).isWellFormed());
        expect(readOne(`{"key":${key},"value":1}`).key).toBe(JSON.parse(key));
      }),
      RUNS,
    );
    expect(readOne('{"key":null,"value":1}').key).toBeNull();
    expect(readOne('{"value":1}').key).toBeNull();
    expect(readOne('{"key":"","value":1}').key).toBe('');
  });

  test('has bytes as base64 under names of their own', () => {
    const { key, value } = readOne('{"key_base64":"YQ==","value_base64":"Yg=="}');
    expect([key, value]).toEqual(['a', 'b']);
    expect(readOne('{"value_base64":null}').value).toBeNull();
  });

  test('has headers, a timestamp and a partition if it says so', () => {
    expect(
      readOne('{"value":1,"headers":[{"key":"a","value":"b"}],"timestamp":17,"partition":3}'),
    ).toEqual({ key: null, value: '1', headers: [['a', 'b']], timestamp: 17, partition: 3 });
    expect(readOne('{"value":1}')).toMatchObject({ timestamp: NOW, headers: [] });
  });

  test('may say null for what it leaves out', () => {
    expect(
      readOne('{"value":1,"key":null,"headers":null,"timestamp":null,"partition":null}'),
    ).toEqual({ key: null, value: '1', headers: [], timestamp: NOW, partition: undefined });
  });

  test('may stand in any order and have escaped names', () => {
    expect(read('{"\\u0072ecords":[{"\\u0076alue":"a","key":"k"}]}')[0]).toMatchObject({
      key: 'k',
      value: '"a"',
    });
  });

  test.each([
    ['{}', 'INVALID_RECORD', 'records[0].value is missing; send null for a tombstone'],
    ['{"key":"a"}', 'INVALID_RECORD', 'records[0].value is missing'],
    ['{"key":1,"value":1}', 'INVALID_RECORD', 'records[0].key is a number; send it as a string'],
    ['{"key":{},"value":1}', 'INVALID_RECORD', 'records[0].key is an object'],
    ['{"key":true,"value":1}', 'INVALID_RECORD', 'records[0].key is a boolean'],
    ['{"key":["a"],"value":1}', 'INVALID_RECORD', 'records[0].key is an array'],
    ['{"key":"\\ud800","value":1}', 'INVALID_RECORD', 'records[0].key has a lone surrogate'],
    ['{"key_base64":"%","value":1}', 'INVALID_RECORD', 'records[0].key_base64 is not base64'],
    [
      '{"value":1,"valeu":2}',
      'INVALID_REQUEST',
      'records[0] has unknown members: "valeu"; known are',
    ],
    ['{"value":1,"value":2}', 'INVALID_REQUEST', 'records[0] has members given twice: "value"'],
    [
      '{"value":1,"value_base64":""}',
      'INVALID_REQUEST',
      'records[0] has both value and value_base64',
    ],
    [
      '{"value":1,"key":"a","key_base64":""}',
      'INVALID_REQUEST',
      'records[0] has both key and key_base64',
    ],
    ['{"value":1,"headers":7}', 'INVALID_RECORD', 'records[0].headers is a number'],
    [
      '{"value":1,"headers":[{"key":"a"}]}',
      'INVALID_RECORD',
      'records[0].headers[0].value is missing',
    ],
    [
      '{"value":1,"timestamp":-1}',
      'INVALID_RECORD',
      'records[0].timestamp is "-1"; it must be an integer from 0',
    ],
    ['{"value":1,"timestamp":1.5}', 'INVALID_RECORD', 'records[0].timestamp is "1.5"'],
    ['{"value":1,"timestamp":"2026-11-21"}', 'INVALID_RECORD', 'records[0].timestamp is'],
    ['{"value":1,"timestamp":1e400}', 'INVALID_RECORD', 'records[0].timestamp is "1e400"'],
    ['{"value":1,"timestamp":9007199254740992}', 'INVALID_RECORD', 'records[0].timestamp is'],
    [
      '{"value":1,"partition":2147483648}',
      'INVALID_RECORD',
      'records[0].partition is "2147483648"; it must be an integer from 0 to 2147483647',
    ],
    ['{"value":1,"partition":"0"}', 'INVALID_RECORD', 'records[0].partition is'],
    ['"a"', 'INVALID_REQUEST', 'records[0] is a string; it must be an object'],
    ['null', 'INVALID_REQUEST', 'records[0] is null; it must be an object'],
    ['[1]', 'INVALID_REQUEST', 'records[0] is an array; it must be an object'],
  ])('%s is refused by name', (record, code, message) => {
    const refused = recordRefusal(record);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
    expect(refused.details['bad_records']).toHaveLength(1);
  });

  test('that is bad is named by its place among the others, up to ten of them', () => {
    const records = Array.from({ length: 30 }, (_, index) =>
      index % 2 === 0 ? '{"value":1}' : '{"key":1,"value":1}',
    );
    const { message, details } = refusal(`{"records":[${records.join(',')}]}`);
    expect(message).toMatch(/^records\[1\]\.key is a number.*and 9 more/);
    const bad = details['bad_records'] as { record: number; field: string }[];
    expect(bad.map((each) => each.record)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    expect(bad[1]?.field).toBe('records[3].key');
  });
});

describe('the values of a native body', () => {
  test('are strings with format=text, stored without their quotes', () => {
    expect(readOne('{"value":"a\\n\\u00fc"}', text).value).toBe('a\nü');
    expect(readOne('{"value":null}', text).value).toBeNull();
    expect(recordRefusal('{"value":{"a":1}}', text).message).toBe(
      'records[0].value is an object; send it as a string',
    );
    expect(recordRefusal('{"value":"\\udc00"}', text).message).toContain('lone surrogate');
  });

  test('are base64 by name with format=base64, and under no other', () => {
    expect(readOne('{"key_base64":"YQ==","value_base64":"Yg=="}', base64)).toMatchObject({
      key: 'a',
      value: 'b',
    });
    expect(readOne('{"key":null,"value":null}', base64)).toMatchObject({ key: null, value: null });
    const refused = recordRefusal('{"key":"YQ==","value":"Yg=="}', base64);
    expect(refused.message).toContain('send key_base64');
    expect(JSON.stringify(refused.details)).toContain('send value_base64');
  });
});

describe('a body', () => {
  test.each([
    ['', 'the body is not JSON: at byte 0 the body ends'],
    ['  ', 'the body is not JSON: at byte 2 the body ends'],
    ['{"records":[{"value":1}]', 'the body is not JSON: at byte 24 the body ends'],
    ['{"records":[{"value":1},]}', 'expected a value'],
    ['{"records":[{"value":1}],}', 'expected a member name in quotes'],
    ['{"records":[{"value":1}]} x', 'expected the end of the body'],
    ['{"records":[{"value":1}{"value":2}]}', 'expected "," or "]"'],
    ['{"records":[{"value":1 "key":"a"}]}', 'expected "," or "}"'],
    ['\ufeff{"records":[{"value":1}]}', 'the body is not JSON'],
    ['null', 'the body is null; it must be an object {"records": [...]}'],
    ['[{"value":1}]', 'the body is an array; it must be an object'],
    ['"a"', 'the body is a string'],
    ['1', 'the body is a number'],
    ['{}', 'the body has no records'],
    ['{"record":[]}', 'the body has unknown members: "record"; known is records'],
    ['{"records":[{"value":1}],"topic":"t"}', 'the body has unknown members: "topic"'],
    ['{"records":[],"records":[]}', 'the body has records twice'],
    ['{"records":null}', 'records is null; it must be a list of records'],
    ['{"records":{"value":1}}', 'records is an object; it must be a list of records'],
  ])('%j is malformed', (body, message) => {
    expect(refusal(body)).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(message),
    });
  });

  test('must be valid UTF-8', () => {
    const body = Buffer.from('{"records":[{"value":"\xff"}]}', 'latin1');
    expect(refusal(body)).toMatchObject({
      code: 'INVALID_REQUEST',
      message: 'the body is not valid UTF-8',
    });
  });

  test('must have a record', () => {
    expect(refusal('{"records":[]}')).toMatchObject({
      code: 'INVALID_RECORD',
      message: 'records is empty; send at least one record',
    });
  });

  test('that is no JSON is said to be so before its records are judged', () => {
    expect(refusal('{"records":[{"key":1}').message).toContain('the body is not JSON');
  });

  test('may be written over many lines', () => {
    expect(
      read('\n{ "records" : [\n\t{ "value" : "a" } ,\r\n { "value" : 2 }\n] }\n'),
    ).toHaveLength(2);
  });

  test(`is nested ${BODY_DEPTH_MAX} deep at the most, its own levels included`, () => {
    const value = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(readOne(`{"value":${value(BODY_DEPTH_MAX - 3)}}`).value).toHaveLength(58);
    expect(recordRefusal(`{"value":${value(BODY_DEPTH_MAX - 2)}}`).message).toContain(
      'nested deeper',
    );
  });

  test('holds so many records and no more', () => {
    const body = (count: number): string =>
      `{"records":[${Array.from({ length: count }, () => '{"value":1}').join(',')}]}`;
    expect(read(body(RECORDS_PER_REQUEST_MAX))).toHaveLength(RECORDS_PER_REQUEST_MAX);
    expect(refusal(body(RECORDS_PER_REQUEST_MAX + 1)).code).toBe('BODY_TOO_LARGE');
  });
});

describe('a v2 record', () => {
  test('keeps a JSON key as it was sent, quotes and all', () => {
    expect(readOne('{"key":"a","value":{"b": 1.0}}', V2_FORMS.json)).toMatchObject({
      key: '"a"',
      value: '{"b": 1.0}',
    });
    expect(readOne('{"key":{"id":7},"value":"x"}', V2_FORMS.json).key).toBe('{"id":7}');
    expect(readOne('{"key":null,"value":null}', V2_FORMS.json)).toMatchObject({
      key: null,
      value: null,
    });
  });

  test('is base64 in the binary form and strings in the text form', () => {
    expect(readOne('{"key":"YQ==","value":"Yg=="}', V2_FORMS.binary)).toMatchObject({
      key: 'a',
      value: 'b',
    });
    expect(readOne('{"key":"a","value":"b"}', V2_FORMS.text)).toMatchObject({
      key: 'a',
      value: 'b',
    });
    expect(recordRefusal('{"value":"%"}', V2_FORMS.binary).message).toBe(
      'records[0].value is not base64',
    );
    expect(recordRefusal('{"value":1}', V2_FORMS.text).message).toBe(
      'records[0].value is a number; send it as a string',
    );
  });

  test('takes a missing value as null', () => {
    expect(readOne('{"key":"a"}', V2_FORMS.json).value).toBeNull();
    expect(readOne('{}', V2_FORMS.json).value).toBeNull();
  });

  test('has a partition and a timestamp, and none of our own members', () => {
    expect(readOne('{"value":1,"partition":2,"timestamp":5}', V2_FORMS.json)).toMatchObject({
      partition: 2,
      timestamp: 5,
    });
    for (const member of ['headers', 'value_base64', 'key_base64']) {
      expect(recordRefusal(`{"${member}":null}`, V2_FORMS.json)).toMatchObject({
        code: 'INVALID_REQUEST',
        message: expect.stringContaining(
          `unknown members: "${member}"; known are key, value, partition, timestamp`,
        ),
      });
    }
  });

  test('comes in a body whose schema members are ignored', () => {
    const schemas = '"key_schema":"{}","key_schema_id":1,"value_schema":null,"value_schema_id":[2]';
    expect(read(`{${schemas},"records":[{"value":1}]}`, V2_FORMS.json)).toHaveLength(1);
    expect(refusal(`{${schemas},"records":[{"value":1}]}`).message).toContain('unknown members');
  });
});
