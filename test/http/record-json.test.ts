import { describe, expect, test } from 'vitest';
import { jsonFormat, jsonRecords } from '../../src/http/record-json.ts';
import {
  storedBatch,
  storedValues,
  valued,
  writtenBytes,
  writtenRecord,
} from '../support/stored-records.ts';

const PLACE = { topic: 't', partition: 3 };
const HEADERS = [{ key: 'h', value: Buffer.from('v') }];

describe('a record in JSON', () => {
  test('has its members in this order, with a comma before it', async () => {
    const record = valued('{"a":1}', { key: Buffer.from('k'), headers: HEADERS });
    expect(await writtenRecord(jsonRecords(PLACE, 'json'), record)).toBe(
      ',{"topic":"t","partition":3,"offset":0,"timestamp":1000,"key":"k","value":{"a":1},' +
        '"headers":[{"key":"h","value":"v"}]}',
    );
  });

  test('is shown in the format asked for', async () => {
    const record = valued('1', { key: Buffer.from('k'), headers: HEADERS });
    const shown = async (format: 'json' | 'text' | 'base64') => {
      const [one] = JSON.parse(
        `[${(await writtenRecord(jsonRecords(PLACE, format), record)).slice(1)}]`,
      );
      const { topic: _t, partition: _p, offset: _o, timestamp: _s, ...rest } = one;
      return rest as unknown;
    };
    const headers = [{ key: 'h', value: 'v' }];
    expect(await shown('json')).toEqual({ key: 'k', value: 1, headers });
    expect(await shown('text')).toEqual({ key: 'k', value: '1', headers });
    expect(await shown('base64')).toEqual({
      key_base64: 'aw==',
      value_base64: 'MQ==',
      headers: [{ key: 'h', value_base64: 'dg==' }],
    });
  });

  test('shows an empty key as a key and null as null', async () => {
    const format = jsonRecords(PLACE, 'text');
    expect(await writtenRecord(format, valued('', { key: Buffer.alloc(0) }))).toContain(
      '"key":"","value":"",',
    );
    expect(await writtenRecord(format, valued(null))).toContain('"key":null,"value":null,');
  });

  test('shows each timestamp, also where they change and come back', async () => {
    const records = [5, 5, 7, 5, -1].map((timestamp) => valued('1', { timestamp }));
    const bytes = await writtenBytes(jsonRecords(PLACE, 'json'), { batches: storedBatch(records) });
    const shown = JSON.parse(`[${bytes.toString().slice(1)}]`) as { timestamp: number }[];
    expect(shown.map((each) => each.timestamp)).toEqual([5, 5, 7, 5, -1]);
  });
});

test('a stored value that is not UTF-8 spoils neither its neighbours nor the answer', async () => {
  const values = ['"é"', '"a"'].map((value) => valued(value));
  const broken = valued(Buffer.from([0x22, 0xe9, 0x22]), { key: Buffer.from([0xff]) });
  const batches = storedBatch([...values, broken, ...values]);
  const bytes = await writtenBytes(jsonRecords(PLACE, 'json'), { batches });
  const shown = JSON.parse(`[${bytes.toString().slice(1)}]`) as { [name: string]: unknown }[];
  expect(shown.map((each) => each['value'] ?? each['value_base64'])).toEqual([
    'é',
    'a',
    'Iuki',
    'é',
    'a',
  ]);
  expect(shown[2]?.['key_base64']).toBe('/w==');
});

test('what surrounds a record is free, and on one line means one line', async () => {
  const format = jsonFormat({
    ...PLACE,
    format: 'json',
    before: ({ offset }) => `<${offset}>`,
    after: '\n',
    oneLine: true,
  });
  const bytes = await writtenBytes(format, { batches: storedValues(['[\n1]', '\r\n2']) });
  const lines = bytes.toString().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^<0>\{.*"value":\[ 1\],.*\}$/);
  expect(lines[1]).toMatch(/^<1>\{.*"value": {2}2,.*\}$/);
});
