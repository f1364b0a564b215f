import { describe, expect, test } from 'vitest';
import { readBatchHeader, setBatchPlace } from '../../src/codec/batch-header.ts';
import type { BatchHeader } from '../../src/codec/batch-header.ts';
import { PRODUCER_EXPIRATION_MS } from '../../src/model/limits.ts';
import type { Checkpoint, SegmentRow } from '../../src/storage/checkpoint.ts';
import { NO_INDEX_FILES } from '../../src/storage/index-files.ts';
import type { LogState } from '../../src/storage/log-state.ts';
import { RecoveryState } from '../../src/storage/recovery-state.ts';
import { emptySegment, SegmentIndexes } from '../../src/storage/segment.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';

const NOW = 5_000_000_000;

/** Ends at offset 20, or is empty there. */
function lastSegment(bytes: number): SegmentRow {
  const index = { ...NO_INDEX_FILES, logBytes: bytes };
  if (bytes === 0) return { ...emptySegment(20), index };
  const times = { maxTimestamp: 70, maxTimestampOffset: 12, firstAppendMs: 3, lastAppendMs: 4 };
  return { baseOffset: 10, endOffset: 20, bytes, ...times, index };
}

function checkpointOf(last: SegmentRow, more: Partial<Checkpoint> = {}): Checkpoint {
  const first = { ...emptySegment(0), endOffset: 10, bytes: 900, index: NO_INDEX_FILES };
  const segments = last.baseOffset === 10 ? [first, last] : [last];
  return { durableOffset: 20, logStartOffset: 20, segments, producers: [], ...more };
}

function batchAt(baseOffset: number, count: number, sequence?: number): BatchHeader {
  const producer =
    sequence === undefined
      ? undefined
      : { producerId: 7, producerEpoch: 1, baseSequence: sequence, recordCount: count };
  const records = Array.from({ length: count }, () => textRecord('x', { timestamp: baseOffset }));
  const bytes = encodedBatch(records, producer);
  setBatchPlace(bytes, 0, { baseOffset, leaderEpoch: 0 });
  return readBatchHeader(bytes, 0);
}

function begin(checkpoint: Checkpoint, split = false): RecoveryState {
  const { baseOffset } = checkpoint.segments.at(-1) as SegmentRow;
  const activeIndexes = SegmentIndexes.empty(baseOffset);
  return new RecoveryState({ checkpoint, activeIndexes, nowMs: NOW, split });
}

function shape(state: LogState): number[][] {
  return state.segments.map(({ baseOffset, endOffset, bytes }) => [baseOffset, endOffset, bytes]);
}

describe('a recovered state', () => {
  test('without a tail is the one of the checkpoint, as a copy', () => {
    const checkpoint = checkpointOf(lastSegment(800), { logStartOffset: 4 });
    const before = structuredClone(checkpoint);
    const state = begin(checkpoint).build();
    expect(state.segments).toEqual(checkpoint.segments);
    expect([state.logStartOffset, state.durableOffset, state.highWatermark]).toEqual([4, 20, 20]);
    state.active.bytes += 1;
    expect(checkpoint).toEqual(before);
  });

  test('counts what the tail adds into the last segment, and all of it is durable', () => {
    const builder = begin(checkpointOf(lastSegment(800)));
    const batches = [batchAt(20, 3), batchAt(23, 1)] as const;
    for (const batch of batches) builder.add(batch, 10);
    const state = builder.build();
    const bytes = 800 + batches[0].bytes + batches[1].bytes;
    expect(shape(state)).toEqual([
      [0, 10, 900],
      [10, 24, bytes],
    ]);
    expect(state.active).toMatchObject({
      maxTimestamp: 70,
      maxTimestampOffset: 12,
      firstAppendMs: 3,
      lastAppendMs: NOW,
    });
    expect([state.durableOffset, state.highWatermark, state.logEndOffset]).toEqual([24, 24, 24]);
    expect([state.activeIndexes.logBytes, state.durableActive.bytes]).toEqual([bytes, bytes]);
  });

  test('has a segment for each file, also for a last one without a batch', () => {
    const builder = begin(checkpointOf(lastSegment(800)));
    const batch = batchAt(20, 3);
    builder.add(batch, 20);
    builder.addSegment(20);
    builder.addSegment(23);
    const state = builder.build();
    expect(shape(state)).toEqual([
      [0, 10, 900],
      [10, 20, 800],
      [20, 23, batch.bytes],
      [23, 23, 0],
    ]);
    expect(state.activeIndexes.logBytes).toBe(0);
  });

  test('never begins behind its end', () => {
    // A log start that was told before the records below it were on the disk.
    const checkpoint = checkpointOf(lastSegment(800), { logStartOffset: 26 });
    expect(begin(checkpoint).build().logStartOffset).toBe(20);
    const builder = begin(checkpoint);
    builder.add(batchAt(20, 10), 10);
    expect(builder.build().logStartOffset).toBe(26);
  });
});

describe('a tail that is to be written anew', () => {
  test('becomes a segment of its own, and the old one stays as the checkpoint has it', () => {
    const builder = begin(checkpointOf(lastSegment(800)), true);
    const batches = [batchAt(20, 3), batchAt(23, 1), batchAt(24, 2)] as const;
    builder.add(batches[0], 10);
    builder.add(batches[1], 10);
    builder.addSegment(10);
    builder.add(batches[2], 24);
    const state = builder.build();
    expect(shape(state)).toEqual([
      [0, 10, 900],
      [10, 20, 800],
      [20, 24, batches[0].bytes + batches[1].bytes],
      [24, 26, batches[2].bytes],
    ]);
    expect(state.segments[1]?.index.logBytes).toBe(800);
    expect(state.segments[2]?.index).toEqual(NO_INDEX_FILES);
    expect(state.activeIndexes.logBytes).toBe(batches[2].bytes);
  });

  test('takes the place of an empty last segment, whose name it has', () => {
    const builder = begin(checkpointOf(lastSegment(0)), true);
    const batch = batchAt(20, 3);
    builder.add(batch, 20);
    expect(shape(builder.build())).toEqual([[20, 23, batch.bytes]]);
  });

  test('is not split where it begins with a file of its own', () => {
    const builder = begin(checkpointOf(lastSegment(800)), true);
    const batches = [batchAt(20, 3), batchAt(23, 1)] as const;
    for (const batch of batches) builder.add(batch, 20);
    expect(shape(builder.build()).slice(1)).toEqual([
      [10, 20, 800],
      [20, 24, batches[0].bytes + batches[1].bytes],
    ]);
  });

  test('that is empty splits nothing', () => {
    expect(shape(begin(checkpointOf(lastSegment(800)), true).build())).toHaveLength(2);
  });
});

describe('producers', () => {
  const sent = (baseSequence: number, recordCount: number) => ({
    producerId: 7,
    producerEpoch: 1,
    baseSequence,
    recordCount,
  });

  test('go on from the checkpoint through the tail', () => {
    const producers = [[7, NOW - 1_000, [[1, 0, 2, 18]]]] as const;
    const builder = begin(checkpointOf(lastSegment(800), { producers }));
    builder.add(batchAt(20, 3, 2), 10);
    const state = builder.build();
    expect(state.producers.duplicateOf(sent(0, 2))).toBe(18);
    expect(state.producers.duplicateOf(sent(2, 3))).toBe(20);
    expect(state.producers.duplicateOf(sent(5, 1))).toBeUndefined();
    expect(() => state.producers.duplicateOf(sent(9, 1))).toThrow('5 is expected');
  });

  test('are remembered by their last five batches, however long the tail', () => {
    const builder = begin(checkpointOf(lastSegment(800)));
    for (let at = 0; at < 9; at += 1) builder.add(batchAt(20 + at, 1, at), 10);
    const state = builder.build();
    expect(state.producers.duplicateOf(sent(4, 1))).toBe(24);
    expect(() => state.producers.duplicateOf(sent(3, 1))).toThrow('9 is expected');
  });

  test('without id leave no trace', () => {
    const builder = begin(checkpointOf(lastSegment(800)));
    builder.add(batchAt(20, 3), 10);
    expect(builder.build().producers.size).toBe(0);
  });

  test('silent for a day are forgotten, unless the tail has something of theirs', () => {
    const producers = [[7, NOW - PRODUCER_EXPIRATION_MS - 1, [[1, 0, 2, 18]]]] as const;
    const checkpoint = checkpointOf(lastSegment(800), { producers });
    expect(begin(checkpoint).build().producers.size).toBe(0);
    const builder = begin(checkpoint);
    builder.add(batchAt(20, 3, 2), 10);
    expect(builder.build().producers.duplicateOf(sent(0, 2))).toBe(18);
  });
});
