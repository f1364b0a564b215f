import { expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import { keepFlushInTail } from '../../src/storage/flush-tail.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { PendingFlush } from '../../src/storage/pending-flush.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { topicConfig } from '../support/partition-fixture.ts';

interface Kept {
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
}

/** One batch of three records in memory of its own, with so many bytes that are nobody's. */
function encodedWithin(otherBytes: number): Buffer {
  const batch = encodedBatch([textRecord('c'), textRecord('d'), textRecord('e')]);
  const memory = Buffer.allocUnsafeSlow(batch.length + otherBytes);
  batch.copy(memory);
  return memory.subarray(0, batch.length);
}

function mixedFlush(encoded = encodedWithin(0)): { flush: PendingFlush; encoded: Buffer } {
  const flush = new PendingFlush({
    baseOffset: 100,
    appendMs: 1,
    config: topicConfig({}),
    takeWriter: () => new BatchWriter(256),
  });
  flush.addRecords(recordsInput([textRecord('a'), textRecord('b')]));
  flush.addBatch(encoded, readBatchHeader(encoded, 0));
  flush.addRecords(recordsInput([textRecord('f')]));
  return { flush, encoded };
}

test('each stretch of a flush enters the cache with its own offsets, without a gap', () => {
  const { flush } = mixedFlush();
  const sealed = flush.seal(100);
  const kept: Kept[] = [];
  keepFlushInTail({ add: (from, to, bytes) => kept.push({ from, to, bytes }) }, flush, sealed);
  expect(kept.map(({ from, to }) => [from, to])).toEqual([
    [100, 102],
    [102, 105],
    [105, 106],
  ]);
  expect(Buffer.concat(kept.map((each) => each.bytes))).toEqual(Buffer.concat(sealed.chunks));
});

test("a client's batch is kept as it came, and our own bytes as a copy", () => {
  const { flush, encoded } = mixedFlush();
  const sealed = flush.seal(100);
  const kept: Buffer[] = [];
  keepFlushInTail({ add: (_from, _to, bytes) => kept.push(bytes) }, flush, sealed);
  const [own, foreign] = kept as [Buffer, Buffer];
  expect(foreign.buffer).toBe(encoded.buffer);
  const before = Buffer.from(own);
  // The encoding buffer is used again for the next flush.
  (sealed.chunks[0] as Buffer).fill(0);
  expect(own).toEqual(before);
});

test("a client's batch is copied when it would keep much more memory than its own", () => {
  const keptOf = (otherBytes: number): { memory: ArrayBufferLike; bytes: Buffer } => {
    const { flush, encoded } = mixedFlush(encodedWithin(otherBytes));
    const kept: Buffer[] = [];
    keepFlushInTail({ add: (_from, _to, bytes) => kept.push(bytes) }, flush, flush.seal(100));
    expect(kept[1]).toEqual(encoded);
    return { memory: encoded.buffer, bytes: kept[1] as Buffer };
  };
  const bytes = encodedWithin(0).length;
  const slight = keptOf(bytes);
  expect(slight.bytes.buffer).toBe(slight.memory);
  const much = keptOf(bytes + 1);
  expect(much.bytes.buffer).not.toBe(much.memory);
});

test('batches that came in one request count together', () => {
  const memory = Buffer.allocUnsafeSlow(3 * encodedWithin(0).length);
  const flush = mixedFlush().flush;
  for (let at = 0; at < memory.length; at += memory.length / 3) {
    const batch = memory.subarray(at, at + memory.length / 3);
    encodedWithin(0).copy(batch);
    if (at > 0) flush.addBatch(batch, readBatchHeader(batch, 0));
  }
  const kept: Buffer[] = [];
  keepFlushInTail({ add: (_from, _to, bytes) => kept.push(bytes) }, flush, flush.seal(100));
  expect(kept.map(({ buffer }) => buffer === memory.buffer)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});
