import { describe, expect, test } from 'vitest';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { addBatch, emptySegment, SegmentIndexes } from '../../src/storage/segment.ts';
import type { SegmentFacts } from '../../src/storage/segment.ts';
import { placedBatch } from '../support/placed-batches.ts';

/** Appends a batch of one record whose text has so many bytes. */
function grow(
  segment: SegmentFacts,
  indexes: SegmentIndexes,
  { textBytes = 10, timestamp = 0, appendMs = 5 } = {},
): number {
  const bytes = placedBatch({
    baseOffset: segment.endOffset,
    texts: ['x'.repeat(textBytes)],
    timestamp,
  });
  const batch = readBatchHeader(bytes, 0);
  addBatch(segment, batch, appendMs);
  indexes.add(segment, batch);
  return batch.bytes;
}

describe('the facts of a segment', () => {
  test('follow its batches', () => {
    const segment = emptySegment(40);
    const indexes = SegmentIndexes.empty(40);
    const bytes = grow(segment, indexes, { timestamp: 9, appendMs: 100 });
    expect(segment).toEqual({
      baseOffset: 40,
      endOffset: 41,
      bytes,
      maxTimestamp: 9,
      maxTimestampOffset: 40,
      firstAppendMs: 100,
      lastAppendMs: 100,
    });
    grow(segment, indexes, { timestamp: 9, appendMs: 99 });
    grow(segment, indexes, { timestamp: 8, appendMs: 120 });
    expect(segment).toMatchObject({
      endOffset: 43,
      maxTimestamp: 9,
      maxTimestampOffset: 40,
      firstAppendMs: 100,
      lastAppendMs: 120,
    });
  });

  test('know no largest timestamp where records have none', () => {
    const segment = emptySegment(0);
    grow(segment, SegmentIndexes.empty(0), { timestamp: -1 });
    expect(segment.maxTimestamp).toBe(-1);
  });
});

describe('the indexes of a segment', () => {
  test('take the first batch that begins more than 4,096 bytes behind the last entry', () => {
    const segment = emptySegment(0);
    const indexes = SegmentIndexes.empty(0);
    const overhead = grow(segment, indexes, { textBytes: 200 }) - 200;
    const rest = 4_096 - segment.bytes - overhead;
    grow(segment, indexes, { textBytes: rest });
    expect(segment.bytes).toBe(4_096);
    // Exactly 4,096: not yet.
    const small = grow(segment, indexes, { timestamp: 7 });
    expect(indexes.offsets.bytes).toBe(0);
    grow(segment, indexes, { timestamp: 3 });
    expect(indexes.offsets.entryAtOrBefore(3)).toEqual({
      lastOffset: 3,
      position: 4_096 + small,
    });
    expect(indexes.times.offsetToSearchFrom(8)).toBe(2);
    expect(indexes.bytesSinceEntry).toBe(small);
  });

  test('know how far they cover the log', () => {
    const segment = emptySegment(0);
    const indexes = SegmentIndexes.empty(0);
    expect(indexes.logBytes).toBe(0);
    grow(segment, indexes);
    grow(segment, indexes);
    expect(indexes.logBytes).toBe(segment.bytes);
  });

  test('end with the largest timestamp when the segment is closed', () => {
    const segment = emptySegment(0);
    const indexes = SegmentIndexes.empty(0);
    grow(segment, indexes, { timestamp: 50 });
    grow(segment, indexes, { timestamp: 20 });
    indexes.seal(segment);
    expect(indexes.times.bytes).toBe(12);
    expect(indexes.times.offsetToSearchFrom(51)).toBe(0);
    indexes.seal(segment);
    expect(indexes.times.bytes).toBe(12);
  });

  test('have no closing time entry without timestamps', () => {
    const segment = emptySegment(0);
    const indexes = SegmentIndexes.empty(0);
    grow(segment, indexes, { timestamp: -1 });
    indexes.seal(segment);
    expect(indexes.times.bytes).toBe(0);
  });
});
