import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { leaderEpochAt } from '../../../src/codec/batch-header.ts';
import { answerFrame } from '../../../src/kafka-protocol/answer-frame.ts';
import type { Caller } from '../../../src/kafka-protocol/answer-frame.ts';
import { FETCH } from '../../../src/kafka-protocol/apis/01-fetch.ts';
import { Turns } from '../../../src/kafka-protocol/turns.ts';
import { MillraceError } from '../../../src/model/errors.ts';
import { batchesIn, encodedBatch, recordsIn, textRecord, textsOf } from '../../support/batches.ts';
import { compressedBatch } from '../../support/compressed-frames.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { callerOf, kafkaParts } from '../../support/kafka-face.ts';
import type { FetchAsked } from '../../support/kafka-fetch.ts';
import { fetchRequest, readFetchAnswer } from '../../support/kafka-fetch.ts';
import { answerBody, requestFrame, wholeFrame } from '../../support/kafka-wire.ts';
import { openLocalBroker } from '../../support/local-broker.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const clock = new ManualClock();
let parts: KafkaParts;
beforeEach(async () => {
  parts = kafkaParts({ clock });
  await parts.broker.createTopic({ name: 't', partitionCount: 3 });
});

async function fetch(asked: FetchAsked, caller: Partial<Caller> = {}) {
  const request = fetchRequest(asked);
  const frame = requestFrame(request).subarray(4);
  const answer = await answerFrame(frame, callerOf(parts.context, caller));
  answer?.release();
  return readFetchAnswer(answerBody(wholeFrame(answer), request), request.version);
}

/** Of one partition of `t`. */
async function fetchOne(asked: Partial<FetchAsked> & { offset?: number; partition?: number } = {}) {
  const { offset = 0, partition = 0 } = asked;
  const answer = await fetch({ topics: [['t', { partition, offset }]], ...asked });
  return answer.topics[0]?.partitions[0];
}

async function store(...batches: readonly Buffer[]): Promise<void> {
  for (const bytes of batches) {
    const payload = { kind: 'batches' as const, bytes };
    await parts.broker.produce([{ topic: 't', partition: 0, payload }]);
  }
}

function batch(...values: string[]): Buffer {
  return encodedBatch(values.map((value) => textRecord(value)));
}

async function valuesIn(records: Uint8Array | undefined): Promise<unknown[]> {
  return textsOf(await recordsIn(records ?? Buffer.alloc(0)));
}

describe('an answer', () => {
  test('has the batches of each partition, from the one that holds the offset', async () => {
    await store(batch('a', 'b'), batch('c'));
    const topics = [
      ['t', { offset: 1 }, { partition: 1 }],
      ['none', {}],
    ] as const;
    const answer = await fetch({ topics });
    const [t, none] = answer.topics;
    expect(await valuesIn(t?.partitions[0]?.records)).toEqual(['a', 'b', 'c']);
    expect(t?.partitions[0]).toMatchObject({ highWatermark: 3, lastStableOffset: 3 });
    expect(t?.partitions[1]).toMatchObject({ partition: 1, error: 0, records: Buffer.alloc(0) });
    expect(none?.partitions).toMatchObject([{ error: 3, highWatermark: -1, logStartOffset: -1 }]);
    expect(parts.context.fetchBudget.heldBytes).toBe(0);
  });

  test('has the first batch whole, however small the limits, and then keeps to them', async () => {
    const [first, second] = [batch('a'.repeat(100)), batch('b')];
    await store(first, second);
    const { length } = first;
    expect((await fetchOne({ maxBytes: 1 }))?.records).toHaveLength(length);
    expect((await fetchOne({ maxBytes: 0 }))?.records).toHaveLength(length);
    expect((await fetchOne({ maxBytes: -5 }))?.records).toHaveLength(length);
    const small = await fetch({ topics: [['t', { maxBytes: length + second.length - 1 }]] });
    expect(small.topics[0]?.partitions[0]?.records).toHaveLength(length);
    const both = await fetch({ topics: [['t', { maxBytes: length + second.length }]] });
    expect(both.topics[0]?.partitions[0]?.records).toHaveLength(length + second.length);
    const twice = await fetch({ maxBytes: length, topics: [['t', {}, {}]] });
    expect(twice.topics[0]?.partitions.map(({ records }) => records.length)).toEqual([length, 0]);
  });

  test('shows leader epoch 0 in every batch, whatever the log keeps there', async () => {
    const broker = await openLocalBroker({ directory: await temporaryDirectory(), clock });
    await broker.createTopic({ name: 't' });
    const produce = (value: string) => {
      const payload = { kind: 'batches' as const, bytes: batch(value) };
      return broker.produce([{ topic: 't', partition: 0, payload }]);
    };
    // In one flush, so the second carries its distance to the first.
    await Promise.all([produce('a'), produce('b')]);
    parts = kafkaParts({ clock, wrap: () => broker });
    const records = (await fetchOne())?.records as Buffer;
    expect(batchesIn(records).map((each) => leaderEpochAt(each, 0))).toEqual([0, 0]);
    expect(await valuesIn(records)).toEqual(['a', 'b']);
  });
});

test('an answer that cannot be written leaves nothing held, and no turn untaken', async () => {
  await store(batch('a'));
  const fault = new TypeError('a fault');
  const write = vi.spyOn(FETCH, 'writeResponse').mockImplementation(() => {
    throw fault;
  });
  const caller = { fetchTurns: new Turns() };
  const topics = [['t', {}]] as const;
  await expect(fetch({ topics }, caller)).rejects.toBe(fault);
  write.mockRestore();
  expect(parts.context.fetchBudget.heldBytes).toBe(0);
  expect(await fetch({ topics }, caller)).toMatchObject({ error: 0 });
});

test('what nobody would take is not read', async () => {
  const gone = AbortSignal.abort();
  parts.broker.fetch = () => Promise.reject(new Error('it was read'));
  const answer = await fetch({ topics: [['t', {}]] }, { gone });
  expect(answer).toMatchObject({ error: 0, topics: [] });
});

describe('what is wrong is said of each partition', () => {
  test('an offset outside, with the bounds', async () => {
    await store(batch('a', 'b'));
    await parts.broker.deleteRecords('t', 0, 1);
    const outside = { error: 1, highWatermark: 2, logStartOffset: 1, records: Buffer.alloc(0) };
    for (const offset of [0, 3, -1]) expect(await fetchOne({ offset })).toMatchObject(outside);
  });

  test('a partition that there is none of, at once', async () => {
    const answer = await fetch({ maxWaitMs: 60_000, topics: [['t', {}, { partition: 9 }]] });
    expect(answer.topics[0]?.partitions).toMatchObject([{ error: 0 }, { error: 3 }]);
  });

  test('a partition that is offline', async () => {
    parts.broker.setPartitionState({ topic: 't', partition: 0 }, 'offline');
    expect(await fetchOne()).toMatchObject({ error: 56 });
  });

  test.each([9, 12, 16])('v%i: a leader that was never elected, at once', async (version) => {
    await store(batch('a'));
    const { topicId } = await parts.broker.topic('t');
    const topic = version <= 12 ? 't' : topicId;
    const places = [{ leaderEpoch: 1 }, { leaderEpoch: 0 }, { partition: 1 }];
    const answer = await fetch({ version, maxWaitMs: 60_000, topics: [[topic, ...places]] });
    expect(answer.topics[0]?.partitions).toMatchObject([
      { error: 75, highWatermark: -1, records: Buffer.alloc(0) },
      { error: 0, highWatermark: 1 },
      { partition: 1, error: 0 },
    ]);
  });

  test.each([13, 16])('v%i: a topic by its id, and one that is not known', async (version) => {
    await store(batch('a'));
    const { topicId } = await parts.broker.topic('t');
    const unknown = '01234567-89ab-cdef-0011-223344556677';
    const topics = [
      [unknown, {}, {}],
      [topicId, {}],
    ] as const;
    const answer = await fetch({ version, maxWaitMs: 60_000, topics });
    expect(answer.topics[0]).toMatchObject({
      topic: unknown,
      partitions: [{ error: 100 }, { error: 100 }],
    });
    expect(await valuesIn(answer.topics[1]?.partitions[0]?.records)).toEqual(['a']);
  });

  test('a fetch that may not wait, or a server that stops, on every one of them', async () => {
    const refusing = (failure: Error): void => {
      parts = kafkaParts({
        clock,
        wrap: (broker) => Object.assign(broker, { fetch: () => Promise.reject(failure) }),
      });
    };
    for (const code of ['SHUTTING_DOWN', 'THROTTLING_QUOTA_EXCEEDED'] as const) {
      refusing(new MillraceError(code, 'no'));
      const answer = await fetch({ topics: [['t', {}, { partition: 1 }]] });
      expect(answer.topics[0]?.partitions).toMatchObject([
        { partition: 0, error: 6 },
        { partition: 1, error: 6 },
      ]);
    }
    const fault = new TypeError('a fault');
    refusing(fault);
    const caller = { fetchTurns: new Turns() };
    const topics = [['t', {}]] as const;
    // The second one waits for the turn of the first to end.
    await expect(fetch({ topics }, caller)).rejects.toBe(fault);
    await expect(fetch({ topics }, caller)).rejects.toBe(fault);
    expect(parts.context.fetchBudget.heldBytes).toBe(0);
  });
});

describe('a zstd batch', () => {
  const plain = batch('a');
  const zstd = compressedBatch(batch('b'), 'zstd');

  test.each([4, 9])('is not given to v%i, but what stands before it is', async (version) => {
    await store(Buffer.from(plain), Buffer.from(zstd));
    expect(await fetchOne({ version, offset: 1 })).toMatchObject({
      error: 76,
      records: Buffer.alloc(0),
    });
    const before = await fetchOne({ version });
    expect(before?.error).toBe(0);
    expect(await valuesIn(before?.records)).toEqual(['a']);
  });

  test('is given to v10', async () => {
    await store(Buffer.from(zstd));
    const answer = await fetchOne({ version: 10 });
    expect(answer?.error).toBe(0);
    expect(await valuesIn(answer?.records)).toEqual(['b']);
  });
});

describe('sessions', () => {
  test.each([
    [0, 0],
    [0, -1],
    [7, 0],
    [7, -1],
  ])('are not kept: session %i, epoch %i is read like any other', async (...session) => {
    await store(batch('a'));
    const answer = await fetch({ session, topics: [['t', {}]], forgotten: [['t', 1]] });
    expect(answer).toMatchObject({ error: 0, sessionId: 0, topics: [{ partitions: [{}] }] });
  });

  test.each([7, 12, 16])('v%i: and who goes on with one is told to begin anew', async (version) => {
    const answer = await fetch({ version, session: [7, 1], topics: [] });
    expect(answer).toMatchObject({ error: 70, sessionId: 0, topics: [] });
  });
});

describe('a fetch that finds too little', () => {
  const wait = { maxWaitMs: 1_000 };
  const untilParked = async (): Promise<void> => {
    while (parts.broker.stats().parkedFetches === 0) await nextTurn();
  };

  test('waits until there is something, in whichever partition', async () => {
    const topics = [['t', { partition: 2 }, { partition: 0 }]] as const;
    const waiting = fetch({ ...wait, topics });
    await untilParked();
    await store(batch('a'));
    const answer = await waiting;
    expect(await valuesIn(answer.topics[0]?.partitions[1]?.records)).toEqual(['a']);
  });

  test('waits for as many bytes as it asks for', async () => {
    const one = batch('a');
    await store(Buffer.from(one));
    const waiting = fetchOne({ ...wait, minBytes: one.length + 1 });
    await untilParked();
    await store(Buffer.from(one));
    expect((await waiting)?.records).toHaveLength(2 * one.length);
  });

  test('is content with what its limits let it have', async () => {
    await store(batch('a'), batch('b'));
    const topics = [['t', { maxBytes: 10 }]] as const;
    const answer = await fetch({ ...wait, minBytes: 1e6, topics });
    expect(await valuesIn(answer.topics[0]?.partitions[0]?.records)).toEqual(['a']);
  });

  test('answers with what there is when its time is over, or its server stops', async () => {
    await store(batch('a'));
    const late = fetchOne({ ...wait, minBytes: 1e6 });
    await untilParked();
    clock.advance(1_000);
    expect(await valuesIn((await late)?.records)).toEqual(['a']);
    const stop = new AbortController();
    const request = { ...wait, minBytes: 1e6, topics: [['t', {}]] as const };
    const stopped = fetch(request, { signal: stop.signal });
    await untilParked();
    stop.abort();
    expect((await stopped).topics[0]?.partitions).toMatchObject([{ error: 0, highWatermark: 1 }]);
  });

  test.each([
    { minBytes: 0, maxWaitMs: 1_000 },
    { minBytes: 1, maxWaitMs: 0 },
    { minBytes: -1, maxWaitMs: -1 },
  ])('does not wait when it is told not to: %o', async (asked) => {
    expect(await fetchOne(asked)).toMatchObject({ error: 0, records: Buffer.alloc(0) });
  });

  test('does not wait for no partition at all', async () => {
    expect((await fetch({ ...wait, topics: [] })).topics).toEqual([]);
  });
});
