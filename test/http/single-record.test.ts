import { unpack } from 'msgpackr';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Record } from '../../src/model/record.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';
import type { TestApp } from '../support/http-app.ts';
import { valued } from '../support/stored-records.ts';

const RECORDS = '/topics/t/partitions/0/records';
let server: TestApp;
let ask: Ask;

beforeEach(async () => {
  server = testApp();
  ask = conformingAsk(server.app);
  await server.broker.createTopic({ name: 't' });
});

async function produce(...records: Record[]): Promise<void> {
  await server.broker.produce([
    { topic: 't', partition: 0, payload: { kind: 'records', records } },
  ]);
}

function typed(value: string | Buffer | null, contentType: string): Record {
  return valued(value, { headers: [{ key: 'content-type', value: Buffer.from(contentType) }] });
}

describe('one record', () => {
  test('is that of the offset, in the middle of a batch too', async () => {
    await produce(valued('0'), valued('1', { key: Buffer.from('k') }), valued('2'));
    const answer = await ask(`${RECORDS}/1`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['vary']).toBe('accept');
    expect(answer.json()).toEqual({
      topic: 't',
      partition: 0,
      offset: 1,
      timestamp: 1_000,
      key: 'k',
      value: 1,
      headers: [],
    });
  });

  test('is shown in the format asked for, what does not fit as base64', async () => {
    await produce(valued('{"a":1}'), valued(Buffer.from([0xff])));
    const value = async (offset: number, format: string) => {
      const record = (await ask(`${RECORDS}/${offset}?format=${format}`)).json();
      return record.value ?? record.value_base64;
    };
    expect(await value(0, 'json')).toEqual({ a: 1 });
    expect(await value(0, 'text')).toBe('{"a":1}');
    expect(await value(0, 'base64')).toBe('eyJhIjoxfQ==');
    for (const format of ['json', 'text', 'base64']) expect(await value(1, format)).toBe('/w==');
  });

  test('is MessagePack where that is accepted, and 406 names both', async () => {
    await produce(valued('0'));
    const packed = await ask({ url: `${RECORDS}/0`, headers: { accept: 'application/msgpack' } });
    expect(unpack(packed.rawPayload)).toMatchObject({ offset: 0, value: Buffer.from('0') });
    const refused = await ask({ url: `${RECORDS}/0`, headers: { accept: 'text/event-stream' } });
    expect(refused.statusCode).toBe(406);
    expect(refused.json()).toMatchObject({
      error_code: 40601,
      details: { offered: ['application/json', 'application/msgpack'] },
    });
  });
});

describe('the raw value', () => {
  test('has its bytes and its stored type, and must not run in a browser', async () => {
    await produce(valued('x'), typed('<script>alert(1)</script>', 'text/html; charset=utf-8'));
    const answer = await server.app.inject(`${RECORDS}/1?format=raw`);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('<script>alert(1)</script>');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-disposition': 'attachment; filename="t-0-1"',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
  });

  test('is plain bytes without a valid type, and any bytes come back', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await produce(valued(bytes), typed('a', 'text/html\r\nset-cookie: a=b'));
    const answer = await ask(`${RECORDS}/0?format=raw`);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.rawPayload.equals(bytes)).toBe(true);
    const other = await ask(`${RECORDS}/1?format=raw`);
    expect(other.headers['content-type']).toBe('application/octet-stream');
    expect(other.headers['set-cookie']).toBeUndefined();
  });

  test('of null is 204, of no bytes 200', async () => {
    await produce(typed(null, 'text/html'), valued(''));
    const tombstone = await ask(`${RECORDS}/0?format=raw`);
    expect([tombstone.statusCode, tombstone.body]).toEqual([204, '']);
    const empty = await ask(`${RECORDS}/1?format=raw`);
    expect([empty.statusCode, empty.body, empty.headers['content-length']]).toEqual([200, '', '0']);
  });

  test('can be asked for its size alone', async () => {
    await produce(valued('12345'));
    const answer = await server.app.inject({ method: 'HEAD', url: `${RECORDS}/0?format=raw` });
    expect([answer.statusCode, answer.body, answer.headers['content-length']]).toEqual([
      200,
      '',
      '5',
    ]);
  });
});

describe('an offset without a record', () => {
  test('is 416 with both bounds: not written yet, beyond, and trimmed', async () => {
    await produce(valued('0'), valued('1'), valued('2'));
    await server.broker.deleteRecords('t', 0, 1);
    for (const offset of [0, 3, 4, Number.MAX_SAFE_INTEGER]) {
      for (const query of ['', '?format=raw']) {
        const answer = await ask(`${RECORDS}/${offset}${query}`);
        expect(answer.statusCode).toBe(416);
        expect(answer.json()).toMatchObject({
          error_code: 41600,
          code: 'OFFSET_OUT_OF_RANGE',
          details: { offset, log_start_offset: 1, high_watermark: 3 },
        });
      }
    }
  });

  test('that is no number is 400, and an unknown place 404', async () => {
    for (const offset of ['x', '-1', '1.5', 'latest']) {
      expect((await ask(`${RECORDS}/${offset}`)).json()).toMatchObject({ error_code: 40002 });
    }
    expect((await ask('/topics/u/partitions/0/records/0')).json()).toMatchObject({
      error_code: 40401,
    });
    expect((await ask('/topics/t/partitions/7/records/0')).json()).toMatchObject({
      error_code: 40402,
    });
  });
});
