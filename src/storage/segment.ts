/**
 * What is known of one segment file without reading it, and the rules by which its two indexes
 * grow. Only the newest segment of a partition, the active one, ever grows.
 */
import type { BatchHeader } from '../codec/batch-header.ts';
import { INDEX_INTERVAL_BYTES } from '../model/limits.ts';
import { OffsetIndex } from './offset-index.ts';
import { TimeIndex } from './time-index.ts';

/** The facts of a segment that the checkpoint keeps. */
export interface SegmentFacts {
  readonly baseOffset: number;
  /** Offset behind its last record; equals baseOffset while it is empty. */
  endOffset: number;
  /** Length of its valid, readable part. */
  bytes: number;
  /** Largest record timestamp, -1 while there is none. */
  maxTimestamp: number;
  /** Last offset of the batch that holds it. */
  maxTimestampOffset: number;
  /** The server's wall clock at the first and the last append, -1 while empty. */
  firstAppendMs: number;
  lastAppendMs: number;
}

export function emptySegment(baseOffset: number): SegmentFacts {
  return {
    baseOffset,
    endOffset: baseOffset,
    bytes: 0,
    maxTimestamp: -1,
    maxTimestampOffset: baseOffset,
    firstAppendMs: -1,
    lastAppendMs: -1,
  };
}

/** Both indexes of one segment, and how far the log had come at the last entry. */
export class SegmentIndexes {
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
  #logBytes: number;
  #bytesSinceEntry: number;

  constructor(
    offsets: OffsetIndex,
    times: TimeIndex,
    covered: { readonly logBytes: number; readonly bytesSinceEntry: number },
  ) {
    this.offsets = offsets;
    this.times = times;
    this.#logBytes = covered.logBytes;
    this.#bytesSinceEntry = covered.bytesSinceEntry;
  }

  static empty(baseOffset: number): SegmentIndexes {
    const nothing = { logBytes: 0, bytesSinceEntry: 0 };
    return new SegmentIndexes(new OffsetIndex(baseOffset), new TimeIndex(baseOffset), nothing);
  }

  /** How far the log is indexed. */
  get logBytes(): number {
    return this.#logBytes;
  }

  /** Bytes of log appended since the last entry; kept by the checkpoint. */
  get bytesSinceEntry(): number {
    return this.#bytesSinceEntry;
  }

  /**
   * Takes notice of a batch that now ends the segment; `segment` already includes it. Kafka's
   * order: the entry is made before the batch's bytes are counted.
   */
  add(segment: SegmentFacts, batch: BatchHeader): void {
    if (this.#bytesSinceEntry > INDEX_INTERVAL_BYTES) {
      this.offsets.append(batch.lastOffset, segment.bytes - batch.bytes);
      this.times.appendIfLater(segment.maxTimestamp, segment.maxTimestampOffset);
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += batch.bytes;
    this.#logBytes = segment.bytes;
  }

  /** The closing time entry, so that the largest timestamp of a closed segment is its last one. */
  seal(segment: SegmentFacts): void {
    if (segment.maxTimestamp >= 0) {
      this.times.appendIfLater(segment.maxTimestamp, segment.maxTimestampOffset);
    }
  }
}

/** Counts a batch into the facts of the segment that it was appended to. */
export function addBatch(segment: SegmentFacts, batch: BatchHeader, appendMs: number): void {
  segment.endOffset = batch.lastOffset + 1;
  segment.bytes += batch.bytes;
  if (batch.maxTimestamp > segment.maxTimestamp) {
    segment.maxTimestamp = batch.maxTimestamp;
    segment.maxTimestampOffset = batch.lastOffset;
  }
  if (segment.firstAppendMs === -1) segment.firstAppendMs = appendMs;
  segment.lastAppendMs = Math.max(segment.lastAppendMs, appendMs);
}
