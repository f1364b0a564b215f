/**
 * What one flush will write: it fills while the flush before it is on its way (group commit).
 *
 * Merging rules: neighbours in arrival order share a batch if they are plain records without
 * producer id, as long as it stays within max.message.bytes; an encoded or an idempotent batch
 * stays itself. Offsets are given at once, in order; the leader epoch, which says where the flush
 * began, at the seal.
 */
import {
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  batchBytesAt,
  readBatchHeader,
  setBatchPlace,
  setLogAppendTime,
} from '../codec/batch-header.ts';
import type { BatchHeader } from '../codec/batch-header.ts';
import type { BatchWriter } from '../codec/batch-writer.ts';
import type { MillraceError } from '../model/errors.ts';
import type { Record } from '../model/record.ts';
import type { TopicConfig } from '../model/topic-config.ts';
import type { MeasuredRecords } from './append-check.ts';
import { recordBytesAtMost } from './append-check.ts';
import type { SequencedBatch } from './producer-state.ts';

export interface AppendResult {
  readonly baseOffset: number;
  readonly count: number;
  /** The append time that readers see in a LogAppendTime topic, else -1. */
  readonly logAppendTimeMs: number;
  /** All of it had been appended before; the offsets are those of then. */
  readonly duplicate: boolean;
}

/** Who asked for an append, and is told what became of it, once. It must not throw. */
export interface AppendWaiter {
  readonly acknowledged: (result: AppendResult) => void;
  /** `written` of the error says what is known. */
  readonly failed: (error: MillraceError) => void;
}

/** An append in this flush: who waits for it, and what it will be told if all goes well. */
interface Waiting {
  readonly waiter: AppendWaiter;
  readonly result: AppendResult;
}

export interface SealedFlush {
  /** The bytes to write, in order; they change no more. */
  readonly chunks: readonly Buffer[];
  readonly batches: readonly BatchHeader[];
  readonly bytes: number;
}

export class PendingFlush {
  readonly baseOffset: number;
  readonly waiters: Waiting[] = [];
  /** Producer ids with batches in it. */
  readonly producerIds = new Set<number>();
  readonly #takeWriter: () => BatchWriter;
  readonly #maxMessageBytes: number;
  /** The append time for batches of a LogAppendTime topic, else -1. */
  readonly #logAppendMs: number;
  /** Encoded batches from clients, and where between our own bytes they stand. */
  readonly #foreign: { readonly at: number; readonly bytes: Buffer }[] = [];
  readonly #foreignChunks = new Set<Buffer>();
  #foreignBytes = 0;
  #writer: BatchWriter | undefined;
  #endOffset: number;

  constructor(begin: {
    readonly baseOffset: number;
    /** The server's wall clock: what a LogAppendTime topic shows. */
    readonly appendMs: number;
    readonly config: TopicConfig;
    readonly takeWriter: () => BatchWriter;
  }) {
    this.baseOffset = begin.baseOffset;
    this.#endOffset = begin.baseOffset;
    this.#maxMessageBytes = begin.config.maxMessageBytes;
    this.#logAppendMs = begin.config.timestampType === 'LogAppendTime' ? begin.appendMs : -1;
    this.#takeWriter = begin.takeWriter;
  }

  get endOffset(): number {
    return this.#endOffset;
  }

  get bytes(): number {
    return this.#foreignBytes + (this.#writer?.length ?? 0);
  }

  /** The server's append time as readers will see it, or -1. */
  get logAppendMs(): number {
    return this.#logAppendMs;
  }

  holds(offset: number): boolean {
    return this.baseOffset <= offset && offset < this.#endOffset;
  }

  addRecords({ records, bytesAtMost }: MeasuredRecords): void {
    const writer = this.#ownWriter();
    const openBytes = writer.isOpen ? writer.openBytes : 0;
    // Nearly always all of them fit, and none has to be measured.
    const fit = openBytes + bytesAtMost <= this.#maxMessageBytes;
    for (const record of records) {
      if (!fit && writer.isOpen && this.#isTooMuch(writer.openBytes, record)) {
        writer.end(this.#logAppendMs);
      }
      if (!writer.isOpen) writer.begin({ baseOffset: this.#endOffset, leaderEpoch: 0 });
      writer.add(record);
      this.#endOffset += 1;
    }
  }

  addSequencedRecords(records: readonly Record[], sequence: SequencedBatch): void {
    const writer = this.#ownWriter();
    if (writer.isOpen) writer.end(this.#logAppendMs);
    const { producerId, producerEpoch, baseSequence } = sequence;
    const producer = { producerId, producerEpoch, baseSequence };
    writer.begin({ baseOffset: this.#endOffset, leaderEpoch: 0, producer });
    for (const record of records) writer.add(record);
    writer.end(this.#logAppendMs);
    this.#endOffset += records.length;
    this.producerIds.add(producerId);
  }

  /** `bytes` holds exactly this batch, already checked; it is changed in place. */
  addBatch(bytes: Buffer, batch: BatchHeader): void {
    if (this.#writer?.isOpen === true) this.#writer.end(this.#logAppendMs);
    setBatchPlace(bytes, 0, { baseOffset: this.#endOffset, leaderEpoch: 0 });
    if (this.#logAppendMs !== -1) setLogAppendTime(bytes, 0, this.#logAppendMs);
    this.#foreign.push({ at: this.#writer?.length ?? 0, bytes });
    this.#foreignChunks.add(bytes);
    this.#foreignBytes += bytes.length;
    this.#endOffset += batch.recordCount;
    if (batch.producerId !== -1) this.producerIds.add(batch.producerId);
  }

  /** Ends the filling. `durableOffset`: all below it is on stable storage as the write begins. */
  seal(durableOffset: number): SealedFlush {
    if (this.#writer?.isOpen === true) this.#writer.end(this.#logAppendMs);
    const chunks: Buffer[] = [];
    let from = 0;
    for (const { at, bytes } of this.#foreign) {
      if (at > from) chunks.push(this.#own(from, at));
      chunks.push(bytes);
      from = at;
    }
    const ownEnd = this.#writer?.length ?? 0;
    if (ownEnd > from) chunks.push(this.#own(from, ownEnd));
    const batches: BatchHeader[] = [];
    for (const chunk of chunks) placeBatches(chunk, durableOffset, batches);
    return { chunks, batches, bytes: this.bytes };
  }

  /** Whether these bytes came from a client and are nobody else's. */
  isForeign(chunk: Buffer): boolean {
    return this.#foreignChunks.has(chunk);
  }

  /** Gives the encoding buffer back; the chunks must be in use no more. */
  release(writers: { give(writer: BatchWriter): void }): void {
    if (this.#writer !== undefined) writers.give(this.#writer);
    this.#writer = undefined;
  }

  #isTooMuch(openBytes: number, record: Record): boolean {
    return openBytes + recordBytesAtMost(record) > this.#maxMessageBytes;
  }

  #own(from: number, to: number): Buffer {
    return (this.#writer as BatchWriter).buffer.subarray(from, to);
  }

  #ownWriter(): BatchWriter {
    this.#writer ??= this.#takeWriter();
    return this.#writer;
  }
}

/** Writes each batch's distance to the flush start into its leader epoch and collects headers. */
function placeBatches(chunk: Buffer, flushStart: number, batches: BatchHeader[]): void {
  for (let at = 0; at + BATCH_HEADER_BYTES <= chunk.length; at += batchBytesAt(chunk, at)) {
    const baseOffset = baseOffsetAt(chunk, at);
    setBatchPlace(chunk, at, { baseOffset, leaderEpoch: baseOffset - flushStart });
    batches.push(readBatchHeader(chunk, at));
  }
}
