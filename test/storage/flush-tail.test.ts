import { expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import { keepFlushInTail } from '../../src/storage/flush-tail.ts';
import { PendingFlush } from '../../src/storage/pending-flush.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { topicConfig } from '../support/partition-fixture.ts';

interface Kept {
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
}

function mixedFlush(): { flush: PendingFlush; encoded: Buffer } {
  const flush = new PendingFlush({
    baseOffset: 100,
    appendMs: 1,
    config: topicConfig({}),
    takeWriter: () => new BatchWriter(256),
  });
  const encoded = encodedBatch([textRecord('c'), textRecord('d'), textRecord('e')]);
  flush.addRecords([textRecord('a'), textRecord('b')]);
  flush.addBatch(encoded, readBatchHeader(encoded, 0));
  flush.addRecords([textRecord('f')]);
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
