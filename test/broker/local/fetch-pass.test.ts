import { expect, test } from 'vitest';
import { readOnce } from '../../../src/broker/local/fetch-pass.ts';
import type { FetchTarget } from '../../../src/broker/local/fetch-pass.ts';
import type { Partition } from '../../../src/broker/local/partition.ts';
import { unknownTopic } from '../../../src/broker/refusals.ts';
import { setBatchPlace } from '../../../src/codec/batch-header.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { encodedBatch, textRecord } from '../../support/batches.ts';
import { fakePartition } from '../../support/fake-partition.ts';

/** A batch of one record at `offset`. */
function batchAt(offset: number, size = 10): Buffer {
  const batch = encodedBatch([textRecord('x'.repeat(size))]);
  setBatchPlace(batch, 0, { baseOffset: offset, leaderEpoch: 0 });
  return batch;
}

const BATCH_BYTES = batchAt(0).length;

/** Partition 0 of topic `t` from offset 0. */
function target(overrides: Partial<Partition>, maxBytes = 1000): FetchTarget {
  const asked = { topic: 't', partition: 0, offset: 0, maxBytes };
  return { asked, log: fakePartition(overrides) };
}

const BOUNDS = { minBytes: 1, maxBytes: 1000 };

test('what a log gives is the result, with the bounds of the partition', async () => {
  const batch = batchAt(0);
  const log = { logStartOffset: 0, highWatermark: 1, read: () => batch };
  const pass = await readOnce([target(log)], BOUNDS);
  expect(pass).toMatchObject({ bytes: BATCH_BYTES, isEnough: true });
  expect(pass.results).toEqual([
    {
      topic: 't',
      partition: 0,
      logStartOffset: 0,
      highWatermark: 1,
      batches: batch,
      error: undefined,
    },
  ]);
});

test('bytes from memory and from the disk are the same to it', async () => {
  const fromDisk = { highWatermark: 1, read: async () => batchAt(0) };
  expect((await readOnce([target(fromDisk)], BOUNDS)).results[0]?.batches).toEqual(batchAt(0));
});

test('nothing at the end of a log is not enough, and no error', async () => {
  const pass = await readOnce([target({})], BOUNDS);
  expect(pass).toMatchObject({ bytes: 0, isEnough: false });
  expect(pass.results[0]?.error).toBeUndefined();
});

test('without minBytes nothing is enough', async () => {
  expect(await readOnce([target({})], { ...BOUNDS, minBytes: 0 })).toMatchObject({
    isEnough: true,
  });
});

test('each partition is asked for what is left of the bound', async () => {
  const asked: number[] = [];
  const log = {
    highWatermark: 1,
    read: (_offset: number, bytesMax: number) => {
      asked.push(bytesMax);
      return batchAt(0);
    },
  };
  await readOnce([target(log, 300), target(log, 5000), target(log)], BOUNDS);
  expect(asked).toEqual([300, 1000 - BATCH_BYTES, 1000 - 2 * BATCH_BYTES]);
});

test('a batch above what is left is held back, unless it is the very first', async () => {
  const log = { highWatermark: 1, read: () => batchAt(0) };
  const bounds = { minBytes: 10_000, maxBytes: BATCH_BYTES + 1 };
  const { results, bytes, isEnough } = await readOnce([target(log), target(log)], bounds);
  expect(results.map((each) => each.batches.length)).toEqual([BATCH_BYTES, 0]);
  expect({ bytes, isEnough }).toEqual({ bytes: BATCH_BYTES, isEnough: true });
  const first = await readOnce([target(log)], { minBytes: 1, maxBytes: 0 });
  expect(first.bytes).toBe(BATCH_BYTES);
});

test('once the bound is reached no more is read', async () => {
  const log = { highWatermark: 1, read: () => batchAt(0) };
  const last = target({ highWatermark: 1, read: () => expect.unreachable() });
  const pass = await readOnce([target(log), last], { minBytes: 1, maxBytes: BATCH_BYTES });
  expect(pass.results[1]).toMatchObject({ highWatermark: 1, error: undefined });
});

test('less than minBytes is enough when the log holds more than may be given', async () => {
  const bounds = { minBytes: 10_000, maxBytes: 1000 };
  const all = target({ highWatermark: 1, read: () => batchAt(0) });
  expect(await readOnce([all], bounds)).toMatchObject({ isEnough: false });
  const some = target({ highWatermark: 2, read: () => batchAt(0) });
  expect(await readOnce([some], bounds)).toMatchObject({ isEnough: true });
});

test('what was appended while it read does not cut the waiting short', async () => {
  let highWatermark = 1;
  const log: Partial<Partition> = {
    get highWatermark() {
      return highWatermark;
    },
    read: async () => {
      highWatermark = 2;
      return batchAt(0);
    },
  };
  const growing = fakePartition();
  Object.defineProperties(growing, Object.getOwnPropertyDescriptors(log));
  const asked = { topic: 't', partition: 0, offset: 0, maxBytes: 1000 };
  const pass = await readOnce([{ asked, log: growing }], { minBytes: 10_000, maxBytes: 1000 });
  expect(pass.isEnough).toBe(false);
});

test('an error stands in the result of its partition and is reason enough to answer', async () => {
  const error = new MillraceError('OFFSET_OUT_OF_RANGE', 'no');
  for (const read of [
    (): never => {
      throw error;
    },
    (): Promise<never> => Promise.reject(error),
  ]) {
    const bad = target({ logStartOffset: 3, highWatermark: 5, read });
    const pass = await readOnce([target({}), bad], BOUNDS);
    expect(pass.isEnough).toBe(true);
    expect(pass.results[1]).toMatchObject({ logStartOffset: 3, highWatermark: 5, error });
  }
});

test('a missing partition has neither bounds nor batches', async () => {
  const asked = { topic: 't', partition: 0, offset: 0, maxBytes: 1000 };
  const error = unknownTopic('t');
  const pass = await readOnce([{ asked, error }], BOUNDS);
  expect(pass.isEnough).toBe(true);
  expect(pass.results).toEqual([
    {
      topic: 't',
      partition: 0,
      logStartOffset: -1,
      highWatermark: -1,
      batches: Buffer.alloc(0),
      error,
    },
  ]);
});

test('the end of an offline partition is an error: nothing more will come', async () => {
  const offline = { state: 'offline', reason: 'a sync failed' } as const;
  const pass = await readOnce([target(offline)], BOUNDS);
  expect(pass.results[0]?.error).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    details: { state: 'offline', reason: 'a sync failed' },
  });
  const intact = { ...offline, highWatermark: 1, read: () => batchAt(0) };
  expect((await readOnce([target(intact)], BOUNDS)).results[0]?.error).toBeUndefined();
  const full = { minBytes: 1, maxBytes: BATCH_BYTES };
  const unread = await readOnce([target({ ...intact, state: 'online' }), target(intact)], full);
  expect(unread.results[1]).toMatchObject({ error: undefined });
});

test('a fault of ours is not taken for an answer', async () => {
  const broken = target({ read: () => Promise.reject(new TypeError('a fault')) });
  await expect(readOnce([broken], BOUNDS)).rejects.toThrow(TypeError);
});

test('a gap that reaches to the end of a log is waited for, not asked for again at once', async () => {
  const inGap = { highWatermark: 5, read: () => Buffer.alloc(0) };
  expect(await readOnce([target(inGap)], BOUNDS)).toMatchObject({ bytes: 0, isEnough: false });
});
