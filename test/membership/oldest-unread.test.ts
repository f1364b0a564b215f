import { expect, test } from 'vitest';
import type { FetchResult } from '../../src/broker/broker.ts';
import { timestampAt } from '../../src/membership/oldest-unread.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import { gzipped, storedBatch, valued } from '../support/stored-records.ts';

const NOTHING = Buffer.alloc(0);
const PLACE = { topic: 't', partition: 0, offset: 11 };
const BATCH = storedBatch(
  [100, 200, 300].map((timestamp) => valued('x', { timestamp })),
  { baseOffset: 10 },
);

function answering(batches: Uint8Array, code?: ErrorCode) {
  const error = code === undefined ? undefined : new MillraceError(code, 'no');
  const bounds = { logStartOffset: 0, highWatermark: 13 };
  const result: FetchResult = { topic: 't', partition: 0, ...bounds, batches, error };
  return { fetch: async () => [result] };
}

test('is the time of the record itself, not of its batch', async () => {
  expect(await timestampAt(answering(BATCH), PLACE)).toBe(200);
  expect(await timestampAt(answering(BATCH), { ...PLACE, offset: 10 })).toBe(100);
});

test('is read from a compressed batch, and where more batches follow', async () => {
  const next = storedBatch([valued('x', { timestamp: 999 })], { baseOffset: 13 });
  expect(await timestampAt(answering(Buffer.concat([gzipped(BATCH), next])), PLACE)).toBe(200);
});

test('is the append time where the log sets it', async () => {
  const batch = storedBatch([valued('x'), valued('y')], { baseOffset: 10, logAppendTimeMs: 777 });
  expect(await timestampAt(answering(batch), PLACE)).toBe(777);
});

test('is not known where nothing is there, or the record has none', async () => {
  expect(await timestampAt(answering(NOTHING), PLACE)).toBeUndefined();
  const timeless = storedBatch([valued('x', { timestamp: -1 })], { baseOffset: 11 });
  expect(await timestampAt(answering(timeless), PLACE)).toBeUndefined();
});

test.each<ErrorCode>(['KAFKA_STORAGE_ERROR', 'OFFSET_OUT_OF_RANGE', 'UNKNOWN_TOPIC_OR_PARTITION'])(
  'is not known after %s',
  async (code) => {
    expect(await timestampAt(answering(NOTHING, code), PLACE)).toBeUndefined();
  },
);

test('any other error is told', async () => {
  const asking = timestampAt(answering(NOTHING, 'UNKNOWN_SERVER_ERROR'), PLACE);
  await expect(asking).rejects.toMatchObject({ code: 'UNKNOWN_SERVER_ERROR' });
});
