import { describe, expect, test } from 'vitest';
import { batchFault, leaderEpochAt, readBatchHeader } from '../../src/codec/batch-header.ts';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import type { Record } from '../../src/model/record.ts';
import { recordBytesAtMost } from '../../src/storage/append-check.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { PendingFlush } from '../../src/storage/pending-flush.ts';
import { batchesIn, encodedBatch, recordsIn, textRecord, textsOf } from '../support/batches.ts';
import { topicConfig } from '../support/partition-fixture.ts';

function pending(texts: { readonly [name: string]: string } = {}, baseOffset = 100): PendingFlush {
  return new PendingFlush({
    baseOffset,
    appendMs: 1_000,
    config: topicConfig(texts),
    takeWriter: () => new BatchWriter(256),
  });
}

function add(flush: PendingFlush, ...texts: readonly string[]): void {
  flush.addRecords(recordsInput(texts.map((text) => textRecord(text))));
}

function addEncoded(flush: PendingFlush, ...texts: readonly string[]): void {
  const bytes = encodedBatch(texts.map((text) => textRecord(text)));
  flush.addBatch(bytes, readBatchHeader(bytes, 0));
}

/** The texts of each batch, after a look at every check there is. */
async function batchesOf(flush: PendingFlush, durableOffset = 100): Promise<(string | null)[][]> {
  const sealed = flush.seal(durableOffset);
  const bytes = Buffer.concat(sealed.chunks);
  expect(bytes.length).toBe(sealed.bytes);
  expect(flush.bytes).toBe(sealed.bytes);
  const batches = batchesIn(bytes);
  expect(sealed.batches).toEqual(batches.map((each) => readBatchHeader(each, 0)));
  let offset = flush.baseOffset;
  const texts: (string | null)[][] = [];
  for (const batch of batches) {
    expect(batchFault(batch, 0, batch.length)).toBeUndefined();
    expect(readBatchHeader(batch, 0).baseOffset).toBe(offset);
    expect(leaderEpochAt(batch, 0)).toBe(offset - durableOffset);
    const records = await recordsIn(batch);
    offset += records.length;
    texts.push(textsOf(records));
  }
  expect(flush.endOffset).toBe(offset);
  return texts;
}

describe('records without producer id', () => {
  test('of neighbouring requests share a batch', async () => {
    const flush = pending();
    add(flush, 'a', 'b');
    add(flush, 'c');
    expect(await batchesOf(flush)).toEqual([['a', 'b', 'c']]);
  });

  test('do not share one across an encoded batch', async () => {
    const flush = pending();
    add(flush, 'a');
    addEncoded(flush, 'b', 'c');
    add(flush, 'd');
    add(flush, 'e');
    addEncoded(flush, 'f');
    expect(await batchesOf(flush)).toEqual([['a'], ['b', 'c'], ['d', 'e'], ['f']]);
  });

  test('do not share one across an idempotent request', async () => {
    const flush = pending();
    const producer = { producerId: 7, producerEpoch: 1, baseSequence: 20, recordCount: 2 };
    add(flush, 'a');
    flush.addSequencedRecords([textRecord('b'), textRecord('c')], producer);
    flush.addSequencedRecords([textRecord('d')], { ...producer, baseSequence: 22 });
    add(flush, 'e');
    expect(flush.producerIds).toEqual(new Set([7]));
    const { batches } = flush.seal(100);
    expect(
      batches.map(({ producerId, producerEpoch, baseSequence, recordCount }) => [
        producerId,
        producerEpoch,
        baseSequence,
        recordCount,
      ]),
    ).toEqual([
      [-1, -1, -1, 1],
      [7, 1, 20, 2],
      [7, 1, 22, 1],
      [-1, -1, -1, 1],
    ]);
  });

  test('never make a batch above max.message.bytes, unless one record alone is one', async () => {
    for (const max of [150, 200, 333, 1_000]) {
      const flush = pending({ 'max.message.bytes': String(max) });
      const texts = Array.from({ length: 60 }, (_, at) => 'x'.repeat(at));
      for (const text of texts) add(flush, text);
      const { batches } = flush.seal(100);
      expect(batches.length).toBeGreaterThan(2);
      for (const { bytes, recordCount } of batches) {
        if (recordCount > 1) expect(bytes).toBeLessThanOrEqual(max);
      }
      expect((await recordsIn(Buffer.concat(flush.seal(100).chunks))).length).toBe(60);
    }
  });

  test('fill a batch as far as the estimate of the next one allows', () => {
    const record: Record = textRecord('x'.repeat(50));
    const max = 400;
    const flush = pending({ 'max.message.bytes': String(max) });
    flush.addRecords(recordsInput(Array.from({ length: 40 }, () => record)));
    const { batches } = flush.seal(100);
    for (const { bytes } of batches.slice(0, -1)) {
      expect(bytes + recordBytesAtMost(record)).toBeGreaterThan(max);
    }
  });
});

describe('the seal', () => {
  test('writes into every batch how far it lies behind what is durable', async () => {
    const flush = pending({ 'flush.messages': '100' }, 140);
    add(flush, 'a', 'b');
    addEncoded(flush, 'c', 'd', 'e');
    add(flush, 'f');
    expect(await batchesOf(flush, 90)).toEqual([['a', 'b'], ['c', 'd', 'e'], ['f']]);
  });

  test('of an empty flush has no bytes', () => {
    expect(pending().seal(100)).toEqual({ chunks: [], batches: [], bytes: 0 });
  });

  test('tells bytes of a client from its own', () => {
    const flush = pending();
    add(flush, 'a');
    addEncoded(flush, 'b');
    const [own, foreign] = flush.seal(100).chunks as [Buffer, Buffer];
    expect([flush.isForeign(own), flush.isForeign(foreign)]).toEqual([false, true]);
  });
});

test('in a LogAppendTime topic every batch shows the append time and has a CRC that fits', async () => {
  const flush = pending({ 'message.timestamp.type': 'LogAppendTime' });
  add(flush, 'a');
  addEncoded(flush, 'b');
  const producer = { producerId: 7, producerEpoch: 1, baseSequence: 0, recordCount: 1 };
  flush.addSequencedRecords([textRecord('c')], producer);
  expect(flush.logAppendMs).toBe(1_000);
  const records = await recordsIn(Buffer.concat(flush.seal(100).chunks));
  expect(records.map(({ timestamp }) => timestamp)).toEqual([1_000, 1_000, 1_000]);
  expect(await batchesOf(flush)).toEqual([['a'], ['b'], ['c']]);
});

test('a flush holds the offsets it gave and no others', () => {
  const flush = pending();
  expect(flush.holds(100)).toBe(false);
  add(flush, 'a', 'b');
  expect([99, 100, 101, 102].map((offset) => flush.holds(offset))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

test('its producers are those of encoded batches too, and none for batches without', () => {
  const flush = pending();
  addEncoded(flush, 'a');
  expect(flush.producerIds.size).toBe(0);
  const producer = { producerId: 7, producerEpoch: 1, baseSequence: 0 };
  const bytes = encodedBatch([textRecord('b')], producer);
  flush.addBatch(bytes, readBatchHeader(bytes, 0));
  expect(flush.producerIds).toEqual(new Set([7]));
});

test('a flush of encoded batches alone has no chunk of its own, and no buffer to give back', () => {
  const flush = pending();
  addEncoded(flush, 'a');
  addEncoded(flush, 'b');
  const { chunks } = flush.seal(100);
  expect(chunks.map((chunk) => flush.isForeign(chunk))).toEqual([true, true]);
  flush.release({ give: () => expect.unreachable() });
});

test('the encoding buffer is given back once', () => {
  const flush = pending();
  add(flush, 'a');
  const given: BatchWriter[] = [];
  const writers = { give: (writer: BatchWriter) => given.push(writer) };
  flush.release(writers);
  flush.release(writers);
  expect(given).toEqual([expect.any(BatchWriter)]);
});
