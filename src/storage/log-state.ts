/**
 * What one partition is at this moment, in memory, and the rule that ties its offsets together:
 *
 *     logStartOffset <= durableOffset <= highWatermark <= logEndOffset
 *
 * Only the writer moves the ends, only the trimmer the start; whoever moves one calls `check`.
 */
import assert from 'node:assert/strict';
import type { IndexFileFacts } from './checkpoint.ts';
import { NO_INDEX_FILES } from './index-files.ts';
import type { ProducerState } from './producer-state.ts';
import { emptySegment, SegmentIndexes } from './segment.ts';
import type { SegmentFacts } from './segment.ts';

/** A segment and what the checkpoint last said of its index files. */
export interface LiveSegment extends SegmentFacts {
  index: IndexFileFacts;
}

export class LogState {
  /** In order of their offsets; never empty; the last one is active. */
  segments: LiveSegment[];
  /** Indexes of the active segment: always in memory, they grow. */
  activeIndexes: SegmentIndexes;
  /** First offset still kept. */
  logStartOffset: number;
  /** End of what is on stable storage. */
  durableOffset: number;
  /** End of what readers see. */
  highWatermark: number;
  /** Next offset to be given. */
  logEndOffset: number;
  readonly producers: ProducerState;
  /** The active segment as far as it is on stable storage: what a checkpoint may say of it. */
  durableActive: Readonly<SegmentFacts>;
  /** Bytes made readable since the start: a counter that only rises. */
  bytesAppended = 0;
  /** What lies behind the last checkpoint: the next recovery would have to read it. */
  bytesSinceCheckpoint = 0;

  constructor(begin: {
    readonly segments: LiveSegment[];
    readonly activeIndexes: SegmentIndexes;
    readonly logStartOffset: number;
    readonly producers: ProducerState;
  }) {
    this.segments = begin.segments;
    this.activeIndexes = begin.activeIndexes;
    this.logStartOffset = begin.logStartOffset;
    this.durableOffset = this.active.endOffset;
    this.highWatermark = this.durableOffset;
    this.logEndOffset = this.durableOffset;
    this.durableActive = { ...this.active };
    this.producers = begin.producers;
    this.check();
  }

  get active(): LiveSegment {
    return this.segments.at(-1) as LiveSegment;
  }

  get bytes(): number {
    return this.segments.reduce((sum, each) => sum + each.bytes, 0);
  }

  check(): void {
    assert(this.logStartOffset <= this.durableOffset);
    assert(this.durableOffset <= this.highWatermark);
    assert(this.highWatermark <= this.logEndOffset);
  }

  /** All that is readable is now on stable storage. */
  markDurable(): void {
    this.durableOffset = this.highWatermark;
    this.durableActive = { ...this.active };
    this.check();
  }

  /** Begins an empty segment behind the active one, all of which is durable. */
  addSegment(): void {
    const { endOffset } = this.active;
    assert(endOffset === this.durableOffset);
    this.segments.push(newSegment(endOffset));
    this.activeIndexes = SegmentIndexes.empty(endOffset);
    this.durableActive = { ...this.active };
  }

  /** The segment that holds `offset`: the last one that begins at or below it. */
  segmentOf(offset: number): LiveSegment {
    return this.segments[this.#indexOf(offset)] as LiveSegment;
  }

  /** The first offset from `offset` on that is not in a gap: a repair leaves gaps between segments. */
  behindGap(offset: number): number {
    const index = this.#indexOf(offset);
    const next = this.segments[index + 1];
    const { endOffset } = this.segments[index] as LiveSegment;
    return next !== undefined && offset >= endOffset ? next.baseOffset : offset;
  }

  #indexOf(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.segments[middle] as LiveSegment).baseOffset <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}

export function newSegment(baseOffset: number): LiveSegment {
  return { ...emptySegment(baseOffset), index: NO_INDEX_FILES };
}
