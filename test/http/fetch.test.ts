import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { unpack } from 'msgpackr';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { batchFault, leaderEpochAt } from '../../src/codec/batch-header.ts';
import { FETCH_IN_FLIGHT_BYTES_MAX } from '../../src/model/limits.ts';
import type { Record } from '../../src/model/record.ts';
import { batchesIn, recordsIn, textsOf } from '../support/batches.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { listeningApp, testApp } from '../support/http-app.ts';
import type { TestApp } from '../support/http-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { anyRecords, RUNS } from '../support/record-arbitraries.ts';
import { valued } from '../support/stored-records.ts';

const RECORDS = '/topics/t/partitions/0/records';
let clock: ManualClock;
let server: TestApp;
let ask: Ask;

beforeEach(async () => {
  clock = new ManualClock();
  server = testApp({ clock });
  ask = conformingAsk(server.app);
  await server.broker.createTopic({ name: 't' });
});

async function produce(...values: (string | Record)[]): Promise<void> {
  const records = values.map((value) => (typeof value === 'string' ? valued(value) : value));
  await server.broker.produce([
    { topic: 't', partition: 0, payload: { kind: 'records', records } },
  ]);
}

function accepting(accept: string, query = ''): Promise<LightMyRequestResponse> {
  return ask({ url: `${RECORDS}${query}`, headers: { accept } });
}

async function parked(count = 1): Promise<void> {
  while (server.broker.stats().parkedFetches !== count) await nextTurn();
}

test('pages that are read at the same time share the bytes that all readers may have', async () => {
  await produce('1');
  const fetch = vi.spyOn(server.broker, 'fetch');
  const asked = Array.from({ length: 20 }, () => ask(`${RECORDS}?max_bytes=67108864`));
  for (const { statusCode } of await Promise.all(asked)) expect(statusCode).toBe(200);
  const bytes = fetch.mock.calls.reduce((sum, [{ maxBytes }]) => sum + maxBytes, 0);
  expect(bytes).toBeLessThanOrEqual(FETCH_IN_FLIGHT_BYTES_MAX);
  expect(server.app.fetchBudget.heldBytes).toBe(0);
});

describe('a page', () => {
  test('holds the records, where to go on, and the bounds', async () => {
    await produce('{"a":1}', valued(null, { key: Buffer.from('k') }));
    const answer = await ask(RECORDS);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'millrace-next-offset': '2',
      'millrace-log-start-offset': '0',
      'millrace-high-watermark': '2',
      vary: 'accept',
    });
    const common = { topic: 't', partition: 0, timestamp: 1_000, headers: [] };
    expect(answer.json()).toEqual({
      records: [
        { ...common, offset: 0, key: null, value: { a: 1 } },
        { ...common, offset: 1, key: 'k', value: null },
      ],
      next_offset: 2,
      log_start_offset: 0,
      high_watermark: 2,
    });
  });

  test('copies stored JSON byte for byte', async () => {
    await produce('12345678901234567890', '1.0', ' { "b" : 1, "a" : [ ] } ');
    const { body } = await ask(RECORDS);
    for (const value of ['12345678901234567890', '1.0', ' { "b" : 1, "a" : [ ] } ']) {
      expect(body).toContain(`"value":${value},"headers"`);
    }
  });

  test.each([
    ['', [0, 1, 2, 3]],
    ['?offset=earliest', [0, 1, 2, 3]],
    ['?offset=2', [2, 3]],
    ['?offset=4', []],
    ['?offset=latest', []],
    ['?offset=-1', [3]],
    ['?offset=-99', [0, 1, 2, 3]],
    ['?offset=@1002', [2, 3]],
    ['?offset=@1970-01-01T00:00:01.003Z', [3]],
    ['?offset=@1970-01-01T02:00:01.003+02:00', [3]],
    ['?offset=@1004', []],
    ['?max_records=3', [0, 1, 2]],
    ['?offset=1&max_records=1', [1]],
    ['?max_bytes=1', [0, 1]],
    ['?offset=1&max_bytes=1', [1]],
  ])('of %s has the offsets %j', async (query, offsets) => {
    const at = (timestamp: number): Record => valued('1', { timestamp });
    await produce(at(1_000), at(1_001));
    await produce(at(1_002), at(1_003));
    const { records, next_offset } = (await ask(`${RECORDS}${query}`)).json();
    expect(records.map(({ offset }: { offset: number }) => offset)).toEqual(offsets);
    expect(next_offset).toBe(offsets.length === 0 ? 4 : (offsets.at(-1) as number) + 1);
  });

  test('has 500 records when nothing is said, and 10,000 at the most', async () => {
    await produce(...Array.from({ length: 10_001 }, () => valued('1')));
    const count = async (query: string) => (await ask(`${RECORDS}${query}`)).json().records.length;
    expect(await count('')).toBe(500);
    expect(await count('?max_records=10000')).toBe(10_000);
    const refused = await ask(`${RECORDS}?max_records=10001`);
    expect(refused.json()).toMatchObject({ error_code: 40002, details: { allowed: 10_000 } });
  });

  test('can be asked for its head alone', async () => {
    await produce('1');
    const answer = await server.app.inject({ method: 'HEAD', url: RECORDS });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
    expect(answer.headers['millrace-next-offset']).toBe('1');
  });

  test('keeps the Vary of an answer to a web page', async () => {
    const { app, broker } = testApp({ settings: { corsOrigins: ['https://a.example'] } });
    await broker.createTopic({ name: 't' });
    const answer = await app.inject({ url: RECORDS, headers: { origin: 'https://a.example' } });
    expect(answer.headers['vary']).toBe('origin, accept');
    expect(answer.headers['access-control-expose-headers']).toContain('millrace-log-start-offset');
  });
});

describe('stored bytes cannot forge an answer', () => {
  test.each([
    '1},{"offset":99',
    '1,"offset":99',
    '\ufeff1',
    '\r',
    '\n',
    '1\n',
    '"\u2028"',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    'NaN',
    '{"a":1}}',
    '{} junk',
    'junk {}',
    '',
    '"\\',
    '],"next_offset":0}',
    '"}],"records":[{"',
  ])('%#', async (value) => {
    await produce('1', valued(value, { key: Buffer.from(value) }), '2');
    for (const type of ['application/json', 'application/vnd.kafka.json.v2+json']) {
      const answer = (await accepting(type)).json();
      const records = answer.records ?? answer;
      expect(records.map((each: { offset: number }) => each.offset)).toEqual([0, 1, 2]);
    }
    for (const type of ['application/x-ndjson', 'text/event-stream']) {
      const { body } = await accepting(type, '?follow=false');
      const lines = body.split('\n').filter((line) => /^(data: )?\{/.test(line));
      const offsets = lines.map((line) => JSON.parse(line.replace('data: ', '')).offset);
      expect(offsets).toEqual([0, 1, 2]);
      expect(body).not.toContain('\r');
    }
  });

  test('nor can they break off a string with half a character', async () => {
    const half = Buffer.from([0x22, 0xf0, 0x9f]);
    await produce(valued(half, { key: half }), '"a"');
    const { records } = (await ask(RECORDS)).json();
    expect(records[0]).toMatchObject({ key_base64: 'IvCf', value_base64: 'IvCf' });
    expect(records[1]).toMatchObject({ value: 'a' });
  });
});

describe('whatever was produced comes back exactly', () => {
  interface Shown {
    readonly offset: number;
    readonly timestamp: number | bigint;
    readonly key?: unknown;
    readonly key_base64?: string | null;
    readonly value?: unknown;
    readonly value_base64?: string | null;
    readonly headers: readonly { key: string; value?: unknown; value_base64?: string | null }[];
  }

  /** A text, base64 or bytes as the bytes they stand for. */
  function bytesOf(plain: unknown, base64: string | null | undefined): Buffer | null {
    if (base64 !== undefined) return base64 === null ? null : Buffer.from(base64, 'base64');
    if (plain === null) return null;
    return typeof plain === 'string' ? Buffer.from(plain) : (plain as Buffer);
  }

  function record(shown: Shown): Record & { offset: number } {
    return {
      offset: shown.offset,
      timestamp: Number(shown.timestamp),
      key: bytesOf(shown.key, shown.key_base64),
      value: bytesOf(shown.value, shown.value_base64),
      headers: shown.headers.map((each) => ({
        key: each.key,
        value: bytesOf(each.value, each.value_base64),
      })),
    };
  }

  const READERS: { readonly [name: string]: () => Promise<(Record & { offset: number })[]> } = {
    text: async () => (await ask(`${RECORDS}?format=text`)).json().records.map(record),
    base64: async () => (await ask(`${RECORDS}?format=base64`)).json().records.map(record),
    msgpack: async () => {
      const { rawPayload } = await accepting('application/msgpack');
      return (unpack(rawPayload) as { records: Shown[] }).records.map(record);
    },
    'v2 binary': async () =>
      (await accepting('application/vnd.kafka.binary.v2+json')).json().map((each: Shown) =>
        record({
          ...each,
          key_base64: each.key as string | null,
          value_base64: each.value as string | null,
        }),
      ),
    'v2 text': async () =>
      (await accepting('application/vnd.kafka.text.v2+json')).json().map(record),
    NDJSON: async () => {
      const { body } = await accepting('application/x-ndjson', '?format=text');
      return body
        .split('\n')
        .slice(0, -1)
        .map((line) => record(JSON.parse(line) as Shown));
    },
    'the event stream': async () => {
      const { body } = await accepting('text/event-stream', '?format=text&follow=false');
      const events = body.split('\n\n').slice(0, -1);
      return events.map((event) => record(JSON.parse(event.split('\ndata: ')[1] ?? '') as Shown));
    },
    'record batches': async () =>
      recordsIn((await accepting('application/vnd.kafka.recordbatch')).rawPayload),
  };

  test.each(Object.keys(READERS))('in %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(anyRecords, async (records) => {
        server = testApp();
        ask = (request) => server.app.inject(request);
        await server.broker.createTopic({
          name: 't',
          configOverrides: new Map([['message.timestamp.after.max.ms', '9007199254740991']]),
        });
        await produce(...records);
        const expected = records.map((each, offset) => ({ ...each, offset }));
        expect(await READERS[name]?.()).toEqual(expected);
      }),
      { ...RUNS, numRuns: 40 },
    );
  });

  test('in JSON: values that are JSON as that, all others as base64', async () => {
    const value = fc.oneof(
      fc.json().map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 20 }).map((each) => Buffer.from(each)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
        server = testApp();
        await server.broker.createTopic({ name: 't' });
        await produce(...values.map((each) => valued(each)));
        const { records } = (await server.app.inject(RECORDS)).json();
        expect(records).toHaveLength(values.length);
        values.forEach((each, index) => {
          const { value: json, value_base64: base64 } = records[index] as Shown;
          if (base64 !== undefined) expect(Buffer.from(base64 ?? '', 'base64')).toEqual(each);
          else expect(json).toEqual(JSON.parse(each.toString()));
        });
      }),
      { ...RUNS, numRuns: 100 },
    );
  });
});

describe('stored batches', () => {
  test('leave whole, with leader epoch 0 and a valid CRC', async () => {
    await produce('0', '1');
    await produce('2');
    const answer = await accepting('application/vnd.kafka.recordbatch', '?offset=1');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/vnd.kafka.recordbatch',
      'millrace-next-offset': '3',
      'millrace-log-start-offset': '0',
      'millrace-high-watermark': '3',
    });
    expect(textsOf(await recordsIn(answer.rawPayload))).toEqual(['0', '1', '2']);
    for (const batch of batchesIn(answer.rawPayload)) {
      expect(leaderEpochAt(batch, 0)).toBe(0);
      expect(batchFault(batch, 0, batch.length)).toBeUndefined();
    }
  });

  test('are not bounded in number unless the caller says so', async () => {
    await produce(...Array.from({ length: 600 }, () => valued('1')));
    await produce('x');
    const next = async (query: string) =>
      (await accepting('application/vnd.kafka.recordbatch', query)).headers['millrace-next-offset'];
    expect(await next('')).toBe('601');
    expect(await next('?max_records=20000')).toBe('601');
    expect(await next('?max_records=1')).toBe('600');
  });
});

describe('a wait', () => {
  test('ends with the records that come', async () => {
    const answer = ask(`${RECORDS}?timeout=30000`);
    await parked();
    await produce('1');
    expect((await answer).json()).toMatchObject({ records: [{ offset: 0 }], next_offset: 1 });
  });

  test('is for as many bytes as the caller says', async () => {
    await produce('0');
    const answer = ask(`${RECORDS}?timeout=30000&min_bytes=100`);
    await parked();
    await produce('1');
    expect((await answer).json().records).toHaveLength(2);
  });

  test('ends with what there is, also nothing, when its time is over', async () => {
    const answer = ask(`${RECORDS}?timeout=30000`);
    await parked();
    clock.advance(30_000);
    expect((await answer).json()).toEqual({
      records: [],
      next_offset: 0,
      log_start_offset: 0,
      high_watermark: 0,
    });
  });

  test('ends with what there is when the server stops', async () => {
    const answer = ask(`${RECORDS}?timeout=30000`);
    await parked();
    server.stop();
    expect((await answer).statusCode).toBe(200);
  });

  test('ends with an error when the topic is deleted', async () => {
    const answer = ask(`${RECORDS}?timeout=30000`);
    await parked();
    await server.broker.deleteTopic('t');
    expect((await answer).statusCode).toBe(404);
  });

  test('of a caller that vanishes is given up', async () => {
    await using listening = await listeningApp({ clock });
    server = listening;
    await listening.broker.createTopic({ name: 't' });
    const socket = connect(listening.port, '127.0.0.1');
    socket.write(`GET ${RECORDS}?timeout=60000 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
    await parked();
    socket.destroy();
    await parked(0);
    expect(clock.timerCount).toBe(0);
  });

  test('of another request of the same connection is its own', async () => {
    await using listening = await listeningApp({ clock });
    server = listening;
    await listening.broker.createTopic({ name: 't' });
    const asked = fetch(`${listening.url}${RECORDS}?timeout=60000`);
    await parked();
    expect((await fetch(`${listening.url}${RECORDS}`)).status).toBe(200);
    await produce('1');
    expect(await (await asked).json()).toMatchObject({ next_offset: 1 });
  });
});

describe('what cannot be read', () => {
  test('outside the log is 416 with both bounds', async () => {
    await produce('0', '1', '2');
    await server.broker.deleteRecords('t', 0, 1);
    for (const offset of [0, 4, Number.MAX_SAFE_INTEGER]) {
      for (const accept of ['*/*', 'application/x-ndjson', 'text/event-stream']) {
        const answer = await accepting(accept, `?offset=${offset}`);
        expect(answer.statusCode).toBe(416);
        expect(answer.json()).toMatchObject({
          error_code: 41600,
          code: 'OFFSET_OUT_OF_RANGE',
          details: { offset, log_start_offset: 1, high_watermark: 3 },
        });
      }
    }
  });

  test('in no topic or partition is 404 with the numbers of v2', async () => {
    for (const accept of ['*/*', 'application/x-ndjson', 'text/event-stream']) {
      const code = async (url: string) => {
        const answer = await ask({ url, headers: { accept } });
        return [answer.statusCode, answer.json().error_code];
      };
      expect(await code('/topics/nope/partitions/0/records')).toEqual([404, 40401]);
      expect(await code('/topics/t/partitions/1/records')).toEqual([404, 40402]);
      expect(await code('/topics/..%2f..%2fetc/partitions/0/records')).toEqual([404, 40401]);
    }
    expect(await server.broker.listTopics()).toHaveLength(1);
  });

  test('in a form that is not offered is 406 with the list', async () => {
    const answer = await accepting('text/html');
    expect(answer.statusCode).toBe(406);
    expect(answer.json()).toMatchObject({ error_code: 40601, code: 'NOT_ACCEPTABLE' });
    expect(answer.json().details.offered).toContain('application/vnd.kafka.recordbatch');
  });

  test('of an offline partition is 503', async () => {
    server.broker.setPartitionState({ topic: 't', partition: 0 }, 'offline', 'a bit flipped');
    expect((await ask(RECORDS)).json()).toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
  });

  test.each([
    ['?offset=yesterday', 'offset'],
    ['?offset=1&offset=2', 'offset'],
    ['?max_records=0', 'max_records'],
    ['?max_bytes=67108865', 'max_bytes'],
    ['?timeout=60001', 'timeout'],
    ['?format=xml', 'format'],
    ['?follow=true', 'follow'],
    ['?maxrecords=1', 'maxrecords'],
  ])('with %s names the parameter', async (query, parameter) => {
    const answer = await ask(`${RECORDS}${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'INVALID_REQUEST', details: { parameter } });
  });

  test.each([
    ['application/msgpack', 'format=json'],
    ['application/vnd.kafka.json.v2+json', 'format=text'],
    ['application/vnd.kafka.recordbatch', 'format=json'],
    ['application/vnd.kafka.recordbatch', 'follow=true'],
    ['application/x-ndjson', 'timeout=1'],
    ['text/event-stream', 'min_bytes=1'],
    ['text/event-stream', 'max_bytes=1'],
  ])('as %s with %s is refused, for it would mean nothing', async (accept, query) => {
    expect((await accepting(accept, `?${query}`)).statusCode).toBe(400);
  });
});
