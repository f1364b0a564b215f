/**
 * The largest that may be asked for is not done in one turn of the event loop: what lies between
 * two turns is bounded in bytes or in items (`limits.ts`), never by a clock. What is done in one
 * turn has a bound of its own, which is tested where it is enforced: records, headers and bytes of
 * a JSON or MessagePack body, batches of a part, what is inflated at once. The lines that give the
 * turns are taken away one by one by `turn-controls.ts`.
 */
import { expect, test } from 'vitest';
import { pageAnswer } from '../../src/http/fetch-answers.ts';
import { readPage } from '../../src/http/fetch-page.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { timestampAt } from '../../src/membership/oldest-unread.ts';
import {
  ANSWER_CHUNK_BYTES,
  BATCH_COPY_BYTES,
  COMMIT_OFFSETS_MAX,
  FETCH_RECORDS_MAX,
  INFLATE_SYNC_BLOCKS_MAX,
  ITEMS_PER_TURN_MAX,
} from '../../src/model/limits.ts';
import { textRecord } from '../support/batches.ts';
import type { TestApp } from '../support/http-app.ts';
import { testApp } from '../support/http-app.ts';
import { gzipped, storedBatch, valued } from '../support/stored-records.ts';
import { turnsOf } from '../support/turns-of.ts';

const RECORDS = Array.from({ length: FETCH_RECORDS_MAX }, () => textRecord('x'.repeat(300)));

async function filled(): Promise<TestApp> {
  const server = testApp();
  await server.broker.createTopic({ name: 't' });
  for (let at = 0; at < RECORDS.length; at += 1_000) {
    const payload = { kind: 'records', records: RECORDS.slice(at, at + 1_000) } as const;
    await server.broker.produce([{ topic: 't', partition: 0, payload }]);
  }
  return server;
}

test.each([
  ['application/json', ANSWER_CHUNK_BYTES],
  ['application/msgpack', ANSWER_CHUNK_BYTES],
  ['application/vnd.kafka.text.v2+json', ANSWER_CHUNK_BYTES],
  ['application/vnd.kafka.recordbatch', BATCH_COPY_BYTES],
] as const)('a page of records as %s takes a turn for so many bytes', async (type, bytesMax) => {
  const { app, broker } = await filled();
  const place = { topic: 't', partition: 0 };
  const start = { kind: 'offset', offset: 0 } as const;
  const wish = { bytesMin: 0, bytesMax: 67_108_864, waitMs: 0 };
  const page = await readPage(broker, { ...place, start, ...wish });
  const inflater = new Inflater(app.fetchBudget);
  let bytes = 0;
  const turns = await turnsOf(async () => {
    const how = { ...place, recordsMax: undefined, format: 'text', inflater } as const;
    const { parts } = await pageAnswer(type, page, how);
    bytes = parts.reduce((sum, part) => sum + part.length, 0);
  });
  expect(bytes).toBeGreaterThan(RECORDS.length * 300);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(bytes / bytesMax));
});

test('a stream of records takes a turn for so many bytes', async () => {
  const { app } = await filled();
  const url = '/topics/t/partitions/0/records';
  let bytes = 0;
  const turns = await turnsOf(async () => {
    const answer = await app.inject({ url, headers: { accept: 'application/x-ndjson' } });
    bytes = answer.rawPayload.length;
  });
  expect(bytes).toBeGreaterThan(RECORDS.length * 300);
  expect(turns).toBeGreaterThanOrEqual(bytes / ANSWER_CHUNK_BYTES);
});

test('thousands of partitions, offsets and series take a turn for so many', async () => {
  const { app, broker } = testApp();
  // What the first scrape loads would count, too.
  await app.inject('/metrics');
  const count = COMMIT_OFFSETS_MAX;
  await broker.createTopic({ name: 't', partitionCount: count });
  const payload = { kind: 'records', records: [textRecord('1')] } as const;
  await broker.produce([{ topic: 't', partition: 0, payload }]);
  const offsets = Array.from({ length: count }, (_, partition) => ({
    ...{ topic: 't', partition, offset: 0 },
  }));
  const enough = count / ITEMS_PER_TURN_MAX;
  const asked = [
    [{ method: 'POST', url: '/groups/g/offsets', payload: { offsets } }, enough],
    [{ method: 'GET', url: '/topics/t/records?group=other' }, enough],
    // Each of the four that have a series for every partition is a turn's work.
    [{ method: 'GET', url: '/metrics' }, 4 + 2],
  ] as const;
  for (const [request, least] of asked) {
    const turns = await turnsOf(async () => {
      expect((await app.inject(request)).statusCode, request.url).toBe(200);
    });
    expect(turns, request.url).toBeGreaterThanOrEqual(least);
  }
});

test('the ages of many lags take a turn for so many batches', async () => {
  const batches = gzipped(storedBatch([valued('x', { timestamp: 5 })], { baseOffset: 0 }));
  const result = { topic: 't', partition: 0, logStartOffset: 0, highWatermark: 1, batches };
  const broker = { fetch: async () => [{ ...result, error: undefined }] };
  const turns = await turnsOf(async () => {
    const place = { topic: 't', partition: 0, offset: 0 };
    for (let index = 0; index < 10 * INFLATE_SYNC_BLOCKS_MAX; index++) {
      expect(await timestampAt(broker, place)).toBe(5);
    }
  });
  expect(turns).toBeGreaterThanOrEqual(10);
});
