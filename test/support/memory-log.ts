/**
 * One partition as an array of encoded batches: what `PartitionLog` promises, without a disk. It
 * shares the pure rules of storage (sizes, timestamps, sequences) and nothing else.
 */
import type { BatchHeader } from '../../src/codec/batch-header.ts';
import { readBatchHeader, setBatchPlace, setLogAppendTime } from '../../src/codec/batch-header.ts';
import { recordsOf } from '../../src/codec/batch-reader.ts';
import { BatchWriter, recordBytes } from '../../src/codec/batch-writer.ts';
import type { ProduceOutcome, ProducerSequence } from '../../src/broker/broker.ts';
import type { Clock } from '../../src/model/clock.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { PartitionState } from '../../src/model/partition-state.ts';
import type { Record } from '../../src/model/record.ts';
import type { TopicConfig } from '../../src/model/topic-config.ts';
import { checkBatches, checkRecords, checkSequencedSize } from '../../src/storage/append-check.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { ProducerState } from '../../src/storage/producer-state.ts';

export type MemoryAppend =
  | {
      readonly kind: 'records';
      readonly records: readonly Record[];
      readonly producer?: ProducerSequence | undefined;
    }
  | { readonly kind: 'batches'; readonly bytes: Buffer; readonly batches: readonly BatchHeader[] };

interface StoredBatch {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: Buffer;
}

export class MemoryLog {
  logStartOffset = 0;
  endOffset = 0;
  /** Its topic is gone: whoever still holds it is told so. */
  isDeleted = false;
  state: PartitionState = 'online';
  reason: string | undefined;
  config: TopicConfig;
  readonly #clock: Clock;
  readonly #producers = new ProducerState();
  #batches: StoredBatch[] = [];

  constructor(config: TopicConfig, clock: Clock) {
    this.config = config;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#batches.reduce((sum, each) => sum + each.bytes.length, 0);
  }

  /** Throws why the append is refused. */
  check(input: MemoryAppend): void {
    if (this.state !== 'online') throw this.notOnline('no');
    const now = this.#clock.wallMs();
    if (input.kind === 'batches') {
      checkBatches(input.batches, this.config, now);
      this.#checkSequences(input.batches);
      return;
    }
    checkRecords(recordsInput(input.records), this.config, now);
    if (input.producer === undefined) return;
    checkSequencedSize(input.records, this.config);
    this.#producers.duplicateOf({ ...input.producer, recordCount: input.records.length });
  }

  append(input: MemoryAppend): ProduceOutcome {
    const now = this.#clock.wallMs();
    const logAppendTimeMs = this.config.timestampType === 'LogAppendTime' ? now : -1;
    const bytes =
      input.kind === 'batches' ? Buffer.from(input.bytes) : this.#encode(input, logAppendTimeMs);
    let baseOffset: number | undefined;
    let count = 0;
    let stored = 0;
    for (let at = 0; at < bytes.length;) {
      const batch = readBatchHeader(bytes, at);
      const earlier = batch.producerId === -1 ? undefined : this.#producers.duplicateOf(batch);
      baseOffset ??= earlier ?? this.endOffset;
      if (earlier === undefined) {
        this.#store(bytes.subarray(at, at + batch.bytes), batch, logAppendTimeMs);
        stored += 1;
      }
      count += batch.recordCount;
      at += batch.bytes;
    }
    const duplicate = stored === 0;
    const shownTimeMs = duplicate ? -1 : logAppendTimeMs;
    return {
      baseOffset,
      count,
      logAppendTimeMs: shownTimeMs,
      logStartOffset: this.logStartOffset,
      duplicate,
      error: undefined,
    };
  }

  /** Whole batches from the one that holds `offset`: at least one, else no more than `bytesMax`. */
  read(offset: number, bytesMax: number): Buffer {
    if (this.isDeleted) {
      throw new MillraceError('UNKNOWN_TOPIC_OR_PARTITION', 'the topic was deleted');
    }
    if (offset < this.logStartOffset || offset > this.endOffset) {
      const { logStartOffset, endOffset } = this;
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `offset ${offset} is outside of ${logStartOffset} to ${endOffset}`,
        { details: { offset, log_start_offset: logStartOffset, high_watermark: endOffset } },
      );
    }
    if (offset === this.endOffset && this.state === 'offline') throw this.notOnline();
    const chosen: Buffer[] = [];
    let bytes = 0;
    for (const batch of this.#batches) {
      if (batch.endOffset <= offset) continue;
      if (chosen.length > 0 && bytes + batch.bytes.length > bytesMax) break;
      chosen.push(batch.bytes);
      bytes += batch.bytes.length;
    }
    return Buffer.concat(chosen);
  }

  /** Of the batch that holds `offset` and all behind it. */
  bytesFrom(offset: number): number {
    const rest = this.#batches.filter((each) => each.endOffset > offset);
    return rest.reduce((sum, each) => sum + each.bytes.length, 0);
  }

  async offsetForTimestamp(timestampMs: number): Promise<{ offset: number; timestamp: number }> {
    for (const batch of this.#batches) {
      for (const { offset, timestamp } of await recordsOf(batch.bytes)) {
        if (offset >= this.logStartOffset && timestamp >= timestampMs) return { offset, timestamp };
      }
    }
    return { offset: this.endOffset, timestamp: -1 };
  }

  async offsetOfLargestTimestamp(): Promise<{ offset: number; timestamp: number }> {
    let largest = { offset: -1, timestamp: -1 };
    for (const batch of this.#batches) {
      for (const { offset, timestamp } of await recordsOf(batch.bytes)) {
        if (offset < this.logStartOffset || timestamp <= largest.timestamp) continue;
        largest = { offset, timestamp };
      }
    }
    return largest;
  }

  deleteRecords(beforeOffset: number): number {
    this.logStartOffset = Math.max(this.logStartOffset, beforeOffset);
    this.#batches = this.#batches.filter((each) => each.endOffset > this.logStartOffset);
    return this.logStartOffset;
  }

  notOnline(written?: 'no'): MillraceError {
    const code = this.state === 'offline' ? 'KAFKA_STORAGE_ERROR' : 'DISK_FULL';
    return new MillraceError(code, `the partition is ${this.state}: ${this.reason}`, {
      ...(written && { written }),
      retriable: this.state === 'read-only',
      details: { state: this.state, reason: this.reason },
    });
  }

  #store(bytes: Buffer, batch: BatchHeader, logAppendTimeMs: number): void {
    const baseOffset = this.endOffset;
    setBatchPlace(bytes, 0, { baseOffset, leaderEpoch: 0 });
    if (logAppendTimeMs !== -1) setLogAppendTime(bytes, 0, logAppendTimeMs);
    this.endOffset += batch.recordCount;
    if (batch.producerId !== -1) {
      this.#producers.add(batch, baseOffset, this.#clock.wallMs());
      this.#producers.settle(batch.producerId, this.endOffset);
    }
    this.#batches.push({ baseOffset, endOffset: this.endOffset, bytes });
  }

  #encode(input: Extract<MemoryAppend, { kind: 'records' }>, logAppendTimeMs: number): Buffer {
    const writer = new BatchWriter(1024);
    for (const record of input.records) {
      if (writer.isOpen && input.producer === undefined) {
        // An upper bound: the deltas of the real place are at most ten bytes each.
        const more = recordBytes(record, 0, 0) + 20;
        if (writer.openBytes + more > this.config.maxMessageBytes) writer.end(logAppendTimeMs);
      }
      if (!writer.isOpen) {
        writer.begin({ baseOffset: 0, leaderEpoch: 0, producer: input.producer });
      }
      writer.add(record);
    }
    writer.end(logAppendTimeMs);
    return Buffer.from(writer.buffer.subarray(0, writer.length));
  }

  /** Batches of one request follow each other, so they are tried out and taken back. */
  #checkSequences(batches: readonly BatchHeader[]): void {
    let offset = this.endOffset;
    try {
      for (const batch of batches) {
        if (batch.producerId === -1 || this.#producers.duplicateOf(batch) !== undefined) continue;
        this.#producers.add(batch, offset, this.#clock.wallMs());
        offset += batch.recordCount;
      }
    } finally {
      this.#producers.rollback(this.endOffset);
    }
  }
}
