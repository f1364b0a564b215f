import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FetchRequest } from '../../src/broker/broker.ts';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import type { ReadRequest } from '../../src/kafka-protocol/fetch-read.ts';
import {
  beforeZstd,
  bytesOf,
  leavingBatches,
  readBatches,
} from '../../src/kafka-protocol/fetch-read.ts';
import { BATCH_COPY_BYTES, KAFKA_WAIT_BYTES_MAX } from '../../src/model/limits.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { compressedBatch } from '../support/compressed-frames.ts';
import { ManualClock } from '../support/manual-clock.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';
import { createMemoryBroker } from '../support/memory-broker.ts';

const BATCH = encodedBatch([textRecord('x'.repeat(939))]);

let clock: ManualClock;
let broker: MemoryBroker;
/** What was asked of it. */
let asked: FetchRequest[];

beforeEach(async () => {
  clock = new ManualClock();
  broker = createMemoryBroker({ clock });
  await broker.createTopic({ name: 't' });
  asked = [];
  const fetch = broker.fetch.bind(broker);
  broker.fetch = (request) => {
    asked.push(request);
    return fetch(request);
  };
});

async function store(count = 1): Promise<void> {
  for (let index = 0; index < count; index++) {
    const payload = { kind: 'batches' as const, bytes: Buffer.from(BATCH) };
    await broker.produce([{ topic: 't', partition: 0, payload }]);
  }
}

function read(fetchBudget: FetchBudget, more: Partial<ReadRequest> = {}) {
  return readBatches(
    { broker, clock, fetchBudget },
    {
      partitions: [{ topic: 't', partition: 0, offset: 0, maxBytes: 1e6 }],
      minBytes: 1,
      maxBytes: 1e6,
      maxWaitMs: 0,
      signal: new AbortController().signal,
      ...more,
    },
  );
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}

describe('what was read', () => {
  test('is held twice, for it may be copied, and nothing else is', async () => {
    await store();
    const budget = new FetchBudget(1e6);
    const { results, hold } = await read(budget);
    expect(bytesOf(results)).toBe(BATCH.length);
    expect(budget.heldBytes).toBe(2 * BATCH.length);
    hold.release();
    expect(budget.heldBytes).toBe(0);
  });

  test('is less where others hold much', async () => {
    await store(10);
    const budget = new FetchBudget(16 * BATCH.length);
    const others = budget.take(8 * BATCH.length);
    const { results } = await read(budget);
    // Half of what is left, and half of it for copies.
    expect(bytesOf(results)).toBe(4 * BATCH.length);
    others.release();
  });

  test('is a whole batch at the least, as soon as there is room for one', async () => {
    await store(3);
    const budget = new FetchBudget(4 * BATCH.length);
    const others = budget.take(3 * BATCH.length);
    const reading = read(budget, { maxWaitMs: 1_000 });
    await turns();
    expect(budget.heldBytes).toBe(3 * BATCH.length);
    others.release();
    expect(bytesOf((await reading).results)).toBe(BATCH.length);
  });
});

describe('where others leave no room', () => {
  test.each(['its time is over', 'its caller goes'])('a read waits until %s', async (why) => {
    await store();
    const budget = new FetchBudget(100);
    budget.take(100);
    const gone = new AbortController();
    const reading = read(budget, { maxWaitMs: 1_000, signal: gone.signal });
    const refused = expect(reading).rejects.toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED' });
    await turns();
    if (why === 'its time is over') clock.advance(1_000);
    else gone.abort();
    await refused;
    expect(asked).toEqual([]);
    expect(clock.timerCount).toBe(0);
    expect(budget.heldBytes).toBe(100);
  });

  test('a read that does not wait is refused at once', async () => {
    const budget = new FetchBudget(100);
    budget.take(100);
    await expect(read(budget)).rejects.toMatchObject({ code: 'THROTTLING_QUOTA_EXCEEDED' });
  });
});

describe('a wait', () => {
  test('holds nothing, looks at little, and reads again what has come', async () => {
    const budget = new FetchBudget(1e9);
    const reading = read(budget, { maxWaitMs: 500, minBytes: 2e6, maxBytes: 1e8 });
    await turns();
    expect(asked).toMatchObject([
      { maxWaitMs: 0 },
      { maxWaitMs: 500, minBytes: 2e6, maxBytes: KAFKA_WAIT_BYTES_MAX },
    ]);
    expect(budget.heldBytes).toBe(0);
    await store(2);
    clock.advance(500);
    const { results } = await reading;
    expect(bytesOf(results)).toBe(2 * BATCH.length);
    expect(budget.heldBytes).toBe(4 * BATCH.length);
  });

  test('that cannot be, or a read that fails, leaves nothing held', async () => {
    const budget = new FetchBudget(1e9);
    const reading = read(budget, { maxWaitMs: 500 });
    await turns();
    await broker.close();
    await expect(reading).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(read(budget)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(budget.heldBytes).toBe(0);
  });
});

test('batches leave in pieces, a turn for each', async () => {
  const large = encodedBatch([textRecord('x'.repeat(BATCH_COPY_BYTES))]);
  const pieces = await leavingBatches(Buffer.concat([large, large, BATCH]), 0);
  expect(pieces.map(({ length }) => length)).toEqual([large.length, large.length, BATCH.length]);
  expect(await leavingBatches(Buffer.alloc(0), 0)).toEqual([]);
});

test('what stands before a zstd batch is whole', () => {
  const gzip = compressedBatch(BATCH, 'gzip');
  const zstd = compressedBatch(BATCH, 'zstd');
  expect(beforeZstd(Buffer.concat([gzip, BATCH, zstd, BATCH]))).toEqual(
    Buffer.concat([gzip, BATCH]),
  );
  expect(beforeZstd(Buffer.concat([zstd, BATCH]))).toHaveLength(0);
  expect(beforeZstd(gzip)).toEqual(gzip);
});
