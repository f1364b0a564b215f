/** Builds the in-memory state of a log from its checkpoint and, batch by batch, from its tail. */
import type { BatchHeader } from '../codec/batch-header.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { LiveSegment } from './log-state.ts';
import { LogState, newSegment } from './log-state.ts';
import { ProducerState } from './producer-state.ts';
import { addBatch, SegmentIndexes } from './segment.ts';

export class RecoveryState {
  readonly #checkpoint: Checkpoint;
  readonly #nowMs: number;
  readonly #segments: LiveSegment[];
  readonly #producers: ProducerState;
  #indexes: SegmentIndexes;
  /** The file that the newest of `#segments` stands for or will be cut out of. */
  #file: number;
  #mustSplit: boolean;
  #tailBytes = 0;

  /**
   * `split`: what is in the tail of the checkpoint's last segment becomes a segment of its own,
   * because it will be written anew (recovery-repair.ts).
   */
  constructor(begin: {
    readonly checkpoint: Checkpoint;
    readonly activeIndexes: SegmentIndexes;
    readonly nowMs: number;
    readonly split: boolean;
  }) {
    this.#checkpoint = begin.checkpoint;
    this.#nowMs = begin.nowMs;
    this.#segments = begin.checkpoint.segments.map((each) => ({ ...each }));
    this.#producers = ProducerState.restore(begin.checkpoint.producers);
    this.#indexes = begin.activeIndexes;
    this.#file = this.#last.baseOffset;
    this.#mustSplit = begin.split;
  }

  add(batch: BatchHeader, file: number): void {
    if (file !== this.#file) this.addSegment(file);
    else if (this.#mustSplit) this.#split(batch.baseOffset);
    this.#mustSplit = false;
    this.#tailBytes += batch.bytes;
    addBatch(this.#last, batch, this.#nowMs);
    this.#indexes.add(this.#last, batch);
    const { producerId, producerEpoch, baseSequence, recordCount } = batch;
    if (producerId === -1) return;
    const sequenced = { producerId, producerEpoch, baseSequence, recordCount };
    this.#producers.add(sequenced, batch.baseOffset, this.#nowMs);
    this.#producers.settle(producerId, batch.lastOffset + 1);
  }

  /** A segment file that follows, perhaps without a batch. */
  addSegment(baseOffset: number): void {
    if (baseOffset === this.#file) return;
    this.#segments.push(newSegment(baseOffset));
    this.#indexes = SegmentIndexes.empty(baseOffset);
    this.#file = baseOffset;
  }

  build(): LogState {
    this.#producers.expire(this.#nowMs);
    const state = new LogState({
      segments: this.#segments,
      activeIndexes: this.#indexes,
      logStartOffset: Math.min(this.#checkpoint.logStartOffset, this.#last.endOffset),
      producers: this.#producers,
    });
    state.bytesSinceCheckpoint = this.#tailBytes;
    return state;
  }

  /** An empty last segment is replaced by the rewritten one, which has its very name. */
  #split(baseOffset: number): void {
    if (this.#last.bytes === 0) this.#segments.pop();
    this.#segments.push(newSegment(baseOffset));
    this.#indexes = SegmentIndexes.empty(baseOffset);
  }

  get #last(): LiveSegment {
    return this.#segments.at(-1) as LiveSegment;
  }
}
