import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { partitionForKey } from '../../src/codec/murmur2.ts';
import { encodeMsgpack } from '../../src/codec/msgpack.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { encodedBatch, textRecord, withFlippedBit } from '../support/batches.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { testApp } from '../support/http-app.ts';
import { damaged, jsonText } from '../support/json-arbitraries.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { recordsOfPartition, valuesOfTopic } from '../support/topic-records.ts';
import { unpacked } from '../support/unpacked.ts';

const NOW = 1_780_000_000_000;
const BATCHES = { 'content-type': 'application/vnd.kafka.recordbatch' };
const V2_JSON = { 'content-type': 'application/vnd.kafka.json.v2+json' };

let broker: MemoryBroker;
let ask: Ask;

beforeEach(async () => {
  const { app, broker: memory } = testApp({ clock: new ManualClock(NOW) });
  broker = memory;
  ask = conformingAsk(app);
  await broker.createTopic({ name: 't' });
  await broker.createTopic({ name: 'many', partitionCount: 3 });
});

interface Headers {
  readonly [name: string]: string;
}

function post(url: string, payload: object | string | Buffer, headers: Headers = {}) {
  return ask({ method: 'POST', url, payload, headers });
}

function storageError(message: string, written: 'no' | 'unknown'): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', message, { written });
}

describe('records as JSON', () => {
  test('are stored as they were sent, and answered with their offsets', async () => {
    const body = '{"records": [{"key":"a","value": {"n": 1.0 } }, {"value":12345678901234567890}]}';
    const answer = await post('/topics/t', body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toEqual({
      offsets: [
        { partition: 0, offset: 0, timestamp: NOW },
        { partition: 0, offset: 1, timestamp: NOW },
      ],
    });
    expect(await valuesOfTopic(broker, 't')).toEqual(['{"n": 1.0 }', '12345678901234567890']);
    expect((await recordsOfPartition(broker, 't'))[0]?.key).toEqual(Buffer.from('a'));
  });

  test('get their offsets in the order given, over all partitions', async () => {
    const records = ['a', 'b', 'c', 'a', 'd'].map((key) => ({ key, value: key }));
    const { offsets } = (await post('/topics/many', { records })).json();
    const next = new Map<number, number>();
    for (const [index, { key }] of records.entries()) {
      const partition = partitionForKey(Buffer.from(key), 3);
      const offset = next.get(partition) ?? 0;
      next.set(partition, offset + 1);
      expect(offsets[index]).toEqual({ partition, offset, timestamp: NOW });
    }
  });

  test('without keys share a partition, the next request takes the next', async () => {
    const records = [{ value: 1 }, { value: 2 }];
    for (const partition of [0, 1, 2, 0]) {
      const { offsets } = (await post('/topics/many', { records })).json();
      expect(offsets.map((each: { partition: number }) => each.partition)).toEqual([
        partition,
        partition,
      ]);
    }
  });

  test('keep their own timestamps, and get the append time where the topic says so', async () => {
    const records = [{ value: 1, timestamp: 5 }, { value: 2 }];
    const { offsets } = (await post('/topics/t', { records })).json();
    expect(offsets.map((each: { timestamp: number }) => each.timestamp)).toEqual([5, NOW]);
    const configOverrides = new Map([['message.timestamp.type', 'LogAppendTime']]);
    await broker.createTopic({ name: 'appended', configOverrides });
    const appended = (await post('/topics/appended', { records })).json().offsets;
    expect(appended.map((each: { timestamp: number }) => each.timestamp)).toEqual([NOW, NOW]);
  });

  test('carry tombstones, headers and bytes', async () => {
    const records = [
      { key: 'a', value: null, headers: { h: 'x' } },
      { value_base64: '/w==', headers: [{ key: 'b', value_base64: '/w==' }] },
    ];
    expect((await post('/topics/t', { records })).statusCode).toBe(200);
    expect(await recordsOfPartition(broker, 't')).toMatchObject([
      { value: null, headers: [{ key: 'h', value: Buffer.from('x') }] },
      { key: null, value: Buffer.of(255), headers: [{ key: 'b', value: Buffer.of(255) }] },
    ]);
  });

  test('are taken as text with format=text', async () => {
    await post('/topics/t?format=text', { records: [{ value: 'a\n"b"' }] });
    expect(await valuesOfTopic(broker, 't')).toEqual(['a\n"b"']);
  });

  test('are answered in short when that is preferred', async () => {
    const records = ['a', 'b', 'c'].map((value, partition) => ({
      value,
      partition: partition % 2,
    }));
    const answer = await post('/topics/many', { records }, { prefer: 'return=minimal' });
    expect(answer.headers['preference-applied']).toBe('return=minimal');
    expect(answer.json()).toEqual({
      partitions: [
        { partition: 0, base_offset: 0, count: 2 },
        { partition: 1, base_offset: 0, count: 1 },
      ],
    });
  });

  test('go to the partition of the URL, whatever their keys', async () => {
    const records = [
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
      { value: 3, partition: 2 },
    ];
    const { offsets } = (await post('/topics/many/partitions/2', { records })).json();
    expect(offsets).toMatchObject([
      { partition: 2 },
      { partition: 2 },
      { partition: 2, offset: 2 },
    ]);
  });

  test('create their topic if the server is set so', async () => {
    expect((await post('/topics/new', { records: [{ value: 1 }] })).statusCode).toBe(200);
    expect(await valuesOfTopic(broker, 'new')).toEqual(['1']);
  });
});

test.each(['__proto__', 'constructor', 'x'.repeat(249)])(
  '%s is a topic like others',
  async (topic) => {
    const answer = await post(`/topics/${topic}`, { records: [{ key: topic, value: topic }] });
    expect(answer.statusCode).toBe(200);
    expect(await valuesOfTopic(broker, topic)).toEqual([JSON.stringify(topic)]);
  },
);

describe('a request that is refused', () => {
  test.each([
    ['/topics/t', { records: [{ value: 1 }, { key: 7, value: 2 }] }, 422, 'INVALID_RECORD'],
    ['/topics/t', { records: [{ value: 1 }, { valeu: 2 }] }, 400, 'INVALID_REQUEST'],
    ['/topics/t', { records: [] }, 422, 'INVALID_RECORD'],
    ['/topics/t', {}, 400, 'INVALID_REQUEST'],
    ['/topics/t', { records: [{ value: 1, partition: 1 }] }, 422, 'INVALID_RECORD'],
    ['/topics/t?format=avro', { records: [{ value: 1 }] }, 400, 'INVALID_REQUEST'],
    ['/topics/t?foo=1', { records: [{ value: 1 }] }, 400, 'INVALID_REQUEST'],
    ['/topics/many/partitions/0', { records: [{ value: 1, partition: 1 }] }, 422, 'INVALID_RECORD'],
    ['/topics/many/partitions/3', { records: [{ value: 1 }] }, 404, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['/topics/many/partitions/x', { records: [{ value: 1 }] }, 400, 'INVALID_REQUEST'],
    ['/topics/a%20b', { records: [{ value: 1 }] }, 422, 'INVALID_TOPIC_EXCEPTION'],
    ['/topics/..%2f..%2fetc', { records: [{ value: 1 }] }, 422, 'INVALID_TOPIC_EXCEPTION'],
    [`/topics/${'x'.repeat(250)}`, { records: [{ value: 1 }] }, 422, 'INVALID_TOPIC_EXCEPTION'],
  ])('at %s with %j has written nothing', async (url, body, status, code) => {
    const answer = await post(url, body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, written: 'no', retriable: false });
    expect(await valuesOfTopic(broker, 't')).toEqual([]);
    expect(await valuesOfTopic(broker, 'many')).toEqual([]);
  });

  test('names its bad records by their places in the request, whatever the partition', async () => {
    const configOverrides = new Map([['max.message.bytes', '200']]);
    await broker.createTopic({ name: 'small', partitionCount: 2, configOverrides });
    const records = [1, 0, 1, 0, 1].map((partition) => ({ value: 'x', partition, timestamp: NOW }));
    Object.assign(records[3] as object, { value: 'x'.repeat(200) });
    const answer = await post('/topics/small', { records });
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/^records\[3\] takes \d+ bytes/),
      written: 'no',
      details: { partition: 0, bad_records: [{ record: 3, field: 'records[3]' }] },
    });
    expect(await valuesOfTopic(broker, 'small')).toEqual([]);
  });

  test('for a timestamp too far ahead says which', async () => {
    const records = [{ value: 1 }, { value: 2, timestamp: NOW + 3_600_001 }];
    const answer = await post('/topics/t', { records });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'INVALID_TIMESTAMP',
      details: { bad_records: [{ field: 'records[1].timestamp' }] },
    });
  });

  test('does not make a topic on the way', async () => {
    await post('/topics/new', { records: [{ key: 1, value: 1 }] });
    await post('/topics/new', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' });
    await post('/topics/new', { records: [{ value: 1 }] }, { accept: 'text/html' });
    expect((await ask('/topics')).json()).toEqual(['many', 't']);
  });

  test.each([
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [{ 'content-type': 'application/json', accept: 'image/png' }, 406, 'NOT_ACCEPTABLE'],
    [{ 'content-type': 'application/json', 'producer-id': '1' }, 400, 'INVALID_REQUEST'],
  ])('for its headers %j has written nothing', async (headers, status, code) => {
    const answer = await post('/topics/t', '{"records":[{"value":1}]}', headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, written: 'no' });
    expect(await valuesOfTopic(broker, 't')).toEqual([]);
  });
});

describe('records as MessagePack', () => {
  const MSGPACK = { 'content-type': 'application/msgpack' };

  test('are answered as MessagePack', async () => {
    const body = encodeMsgpack({ records: [{ key: Buffer.of(255), value: 'ü' }] });
    const answer = await post('/topics/t', body, MSGPACK);
    expect(answer.headers['content-type']).toBe('application/msgpack');
    expect(unpacked(answer.rawPayload)).toEqual({
      offsets: [{ partition: 0, offset: 0, timestamp: NOW }],
    });
    const short = await post('/topics/t', body, { ...MSGPACK, prefer: 'return=minimal' });
    expect(unpacked(short.rawPayload)).toEqual({
      partitions: [{ partition: 0, base_offset: 1, count: 1 }],
    });
    expect(await recordsOfPartition(broker, 't')).toMatchObject([
      { key: Buffer.of(255), value: Buffer.from('ü') },
      { offset: 1 },
    ]);
  });

  test('that are none are refused in JSON, with nothing written', async () => {
    const answer = await post('/topics/t', Buffer.of(0xc1), MSGPACK);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
  });
});

describe('records of v2', () => {
  test('are answered in v2’s shape and type', async () => {
    const answer = await post(
      '/topics/t',
      '{"records":[{"key":"a","value":{"b": 1}},{}]}',
      V2_JSON,
    );
    expect(answer.headers['content-type']).toBe('application/vnd.kafka.v2+json');
    expect(answer.json()).toEqual({
      offsets: [
        { partition: 0, offset: 0, error_code: null, error: null },
        { partition: 0, offset: 1, error_code: null, error: null },
      ],
      key_schema_id: null,
      value_schema_id: null,
    });
    expect(await recordsOfPartition(broker, 't')).toMatchObject([
      { key: Buffer.from('"a"'), value: Buffer.from('{"b": 1}') },
      { key: null, value: null },
    ]);
  });

  test('that fail in one partition are said so one by one, in a 200', async () => {
    broker.failNextProduce(storageError('the disk broke', 'unknown'), 1);
    const body = { records: [0, 1, 0].map((partition) => ({ value: partition, partition })) };
    const answer = await post('/topics/many', body, V2_JSON);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().offsets).toEqual([
      { partition: 0, offset: 0, error_code: null, error: null },
      { partition: 1, offset: null, error_code: 1, error: 'the disk broke' },
      { partition: 0, offset: 1, error_code: null, error: null },
    ]);
  });

  test('that all fail are an error like every other', async () => {
    broker.failNextProduce(storageError('the disk broke', 'unknown'));
    const answer = await post('/topics/t', { records: [{ value: 1 }] }, V2_JSON);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
  });
});

describe('a write that fails', () => {
  test('in one partition of several names what was written', async () => {
    broker.failNextProduce(storageError('the disk broke', 'unknown'), 1);
    const records = [0, 1, 0].map((partition) => ({ value: partition, partition }));
    const answer = await post('/topics/many', { records });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      message: '1 of 2 partitions failed: the disk broke',
      written: 'unknown',
      retriable: false,
      details: {
        partitions: [
          { partition: 0, base_offset: 0, count: 2, written: 'yes' },
          { partition: 1, count: 1, written: 'unknown' },
        ],
      },
    });
  });

  test('for want of room is a 507 that can be repeated', async () => {
    const full = new MillraceError('DISK_FULL', 'the disk is full', {
      written: 'no',
      retriable: true,
    });
    broker.failNextProduce(full);
    const answer = await post('/topics/t', { records: [{ value: 1 }] });
    expect(answer.statusCode).toBe(507);
    expect(answer.json()).toMatchObject({
      written: 'no',
      retriable: true,
      details: { partitions: [{ partition: 0, count: 1, written: 'no' }] },
    });
  });

  test('because the partition is offline has written nothing', async () => {
    broker.setPartitionState({ topic: 'many', partition: 1 }, 'offline', 'a bit flipped');
    const records = [0, 1].map((partition) => ({ value: partition, partition }));
    const answer = await post('/topics/many', { records });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
    expect(
      await valuesOfTopic(broker, 'many').catch(() => recordsOfPartition(broker, 'many')),
    ).toEqual([]);
  });
});

describe('encoded batches', () => {
  const batch = (...values: readonly string[]): Buffer =>
    encodedBatch(values.map((value) => textRecord(value, { timestamp: NOW })));

  test('are stored in one partition and answered with their place', async () => {
    const body = Buffer.concat([batch('a', 'b'), batch('c')]);
    const answer = await post('/topics/many/partitions/1', body, BATCHES);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ partitions: [{ partition: 1, base_offset: 0, count: 3 }] });
    expect(await valuesOfTopic(broker, 'many')).toEqual(['a', 'b', 'c']);
  });

  test('belong to a partition', async () => {
    const answer = await post('/topics/t', batch('a'), BATCHES);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'INVALID_RECORD',
      message: expect.stringContaining('POST to /topics/{topic}/partitions/{partition}'),
      written: 'no',
    });
  });

  test('that are damaged refuse the whole request', async () => {
    const body = Buffer.concat([batch('a'), withFlippedBit(batch('b'), 65)]);
    const answer = await post('/topics/t/partitions/0', body, BATCHES);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no' });
    expect(await valuesOfTopic(broker, 't')).toEqual([]);
  });

  test('carry their own producer', async () => {
    const headers = { ...BATCHES, 'producer-id': '1', 'producer-epoch': '0', 'producer-seq': '0' };
    const answer = await post('/topics/t/partitions/0', batch('a'), headers);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().message).toContain('leave the headers Producer-* out');
  });
});

describe('a raw value', () => {
  test('is stored with its type, and found by its key', async () => {
    const answer = await post('/topics/many?key=LH%20400', 'late', {
      'content-type': 'text/plain',
    });
    const partition = partitionForKey(Buffer.from('LH 400'), 3);
    expect(answer.json()).toEqual({ offsets: [{ partition, offset: 0, timestamp: NOW }] });
    expect(await recordsOfPartition(broker, 'many', partition)).toMatchObject([
      {
        key: Buffer.from('LH 400'),
        value: Buffer.from('late'),
        headers: [{ key: 'content-type', value: Buffer.from('text/plain') }],
      },
    ]);
  });
});

describe('an idempotent producer', () => {
  async function producer(): Promise<Headers> {
    const { producer_id, producer_epoch } = (await post('/producers', { name: 'p' })).json();
    return { 'producer-id': String(producer_id), 'producer-epoch': String(producer_epoch) };
  }
  const records = [{ value: 'a' }, { value: 'b' }];

  test('may repeat a request: it is answered with the first offsets', async () => {
    const headers = { ...(await producer()), 'producer-seq': '0' };
    const first = await post('/topics/t/partitions/0', { records }, headers);
    expect(first.json().duplicate).toBeUndefined();
    await post('/topics/t/partitions/0', { records: [{ value: 'c' }] });
    const again = await post('/topics/t/partitions/0', { records }, headers);
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual({
      offsets: [
        { partition: 0, offset: 0 },
        { partition: 0, offset: 1 },
      ],
      duplicate: true,
    });
    expect(await valuesOfTopic(broker, 't')).toEqual(['"a"', '"b"', '"c"']);
  });

  test('counts records, from 0, and is told about a gap', async () => {
    const headers = await producer();
    const send = (seq: number) =>
      post('/topics/t/partitions/0', { records }, { ...headers, 'producer-seq': String(seq) });
    expect((await send(0)).statusCode).toBe(200);
    const gap = await send(3);
    expect(gap.statusCode).toBe(409);
    expect(gap.json()).toMatchObject({
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      written: 'no',
      details: { expected: 2, received: 3 },
    });
    expect((await send(2)).statusCode).toBe(200);
  });

  test('is fenced by the next holder of its name', async () => {
    const old = { ...(await producer()), 'producer-seq': '0' };
    await producer();
    const answer = await post('/topics/t/partitions/0', { records }, old);
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'INVALID_PRODUCER_EPOCH', written: 'no' });
  });

  test('produces to a partition, not to a topic', async () => {
    const headers = { ...(await producer()), 'producer-seq': '0' };
    const answer = await post('/topics/t', { records }, headers);
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      message: expect.stringContaining('POST to /topics/{topic}/partitions/{partition}'),
      written: 'no',
    });
    expect(await valuesOfTopic(broker, 't')).toEqual([]);
  });
});

describe('whatever is sent', () => {
  const recordText = fc
    .tuple(fc.option(fc.string({ unit: 'grapheme' })), jsonText, fc.option(fc.nat(2)))
    .map(
      ([key, value, partition]) =>
        `{"key": ${JSON.stringify(key)}, "value": ${value}, "partition": ${partition}}`,
    );
  const bodyText = fc
    .array(recordText, { minLength: 1, maxLength: 4 })
    .map((records) => `{"records": [${records.join(', ')}]}`);

  test('a body that is well-formed is stored, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(jsonText, { minLength: 1, maxLength: 4 }), async (values) => {
        const start = (await valuesOfTopic(broker, 't')).length;
        const body = `{"records": [${values.map((value) => `{"value": ${value}}`).join(', ')}]}`;
        const answer = await post('/topics/t', body, { 'content-type': 'application/json' });
        expect(answer.statusCode, body).toBe(200);
        const stored = (await valuesOfTopic(broker, 't')).slice(start);
        expect(stored).toEqual(values.map((value) => (value === 'null' ? null : value)));
      }),
      { ...RUNS, numRuns: 100 },
    );
  });

  test.each([
    'application/json',
    'application/vnd.kafka.json.v2+json',
    'application/vnd.kafka.binary.v2+json',
    'application/vnd.kafka.text.v2+json',
  ])('a damaged body of %s is a 200 or a described 4xx that has written nothing', async (type) => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged(bodyText), damaged(jsonText)), async (body) => {
        const before = (await valuesOfTopic(broker, 'many')).length;
        const answer = await post('/topics/many', body, { 'content-type': type });
        const added = (await valuesOfTopic(broker, 'many')).length - before;
        seen.set(answer.statusCode, (seen.get(answer.statusCode) ?? 0) + 1);
        if (answer.statusCode === 200) {
          expect(added).toBe(answer.json().offsets.length);
        } else {
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
          expect(answer.json().written).toBe('no');
          expect(added).toBe(0);
        }
      }),
      { ...RUNS, numRuns: 150 },
    );
    expect(seen.get(400)).toBeGreaterThan(10);
  });

  test.each(['application/msgpack', 'application/vnd.kafka.recordbatch'])(
    'a damaged body of %s likewise',
    async (type) => {
      const isBatch = type.endsWith('recordbatch');
      const whole = isBatch
        ? encodedBatch(['a', 'b'].map((value) => textRecord(value, { timestamp: NOW })))
        : encodeMsgpack({ records: [{ key: 'a', value: Buffer.of(1), headers: { a: 'b' } }] });
      const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          const body = Buffer.from(whole);
          for (const [at, byte] of changes) body[at] = byte;
          const before = (await recordsOfPartition(broker, 't')).length;
          const answer = await post('/topics/t/partitions/0', body, { 'content-type': type });
          const added = (await recordsOfPartition(broker, 't')).length - before;
          if (answer.statusCode === 200) {
            expect(added).toBeGreaterThan(0);
          } else {
            expect(answer.statusCode).toBeLessThan(500);
            expect(answer.json().written).toBe('no');
            expect(added).toBe(0);
          }
        }),
        RUNS,
      );
    },
  );
});
