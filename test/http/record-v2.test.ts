import { expect, test } from 'vitest';
import { v2Records } from '../../src/http/record-v2.ts';
import type { V2Format } from '../../src/http/record-v2.ts';
import type { Record } from '../../src/model/record.ts';
import { valued, writtenRecord } from '../support/stored-records.ts';

const PLACE = { topic: 't', partition: 3 };

async function shown(format: V2Format, record: Record): Promise<object> {
  const text = await writtenRecord(v2Records(PLACE, format), record);
  expect(text.startsWith(',')).toBe(true);
  return JSON.parse(text.slice(1)) as object;
}

const COMMON = { topic: 't', partition: 3, offset: 0, timestamp: 1_000, headers: [] };

test('keys are in the embedded format too', async () => {
  const record = valued('{"a":1}', { key: Buffer.from('"k"') });
  expect(await shown('json', record)).toEqual({ ...COMMON, key: 'k', value: { a: 1 } });
  expect(await shown('text', record)).toEqual({ ...COMMON, key: '"k"', value: '{"a":1}' });
  expect(await shown('binary', record)).toEqual({ ...COMMON, key: 'Imsi', value: 'eyJhIjoxfQ==' });
});

test('the members stand in the order of v2, ours behind them', async () => {
  const text = await writtenRecord(v2Records(PLACE, 'json'), valued('1'));
  expect(text).toBe(
    ',{"topic":"t","key":null,"value":1,"partition":3,"offset":0,"timestamp":1000,"headers":[]}',
  );
});

test('null is null in every format', async () => {
  for (const format of ['json', 'text', 'binary'] as const) {
    expect(await shown(format, valued(null))).toEqual({ ...COMMON, key: null, value: null });
  }
});

test('what the format cannot say comes as base64 under another name', async () => {
  const record = valued(Buffer.from([0xff]), { key: Buffer.from('k') });
  expect(await shown('json', record)).toEqual({
    ...COMMON,
    key_base64: 'aw==',
    value_base64: '/w==',
  });
  expect(await shown('text', record)).toEqual({ ...COMMON, key: 'k', value_base64: '/w==' });
});
