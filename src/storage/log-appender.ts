/**
 * Takes an append apart: refuse it, recognise it as a repetition, or give it offsets in the flush
 * that is filling. All of that is synchronous, so that a check holds for the append that follows
 * it in the same turn.
 */
import assert from 'node:assert/strict';
import type { BatchHeader } from '../codec/batch-header.ts';
import { PRODUCERS_PER_PARTITION_MAX } from '../model/limits.ts';
import type { Record } from '../model/record.ts';
import type { MeasuredRecords } from './append-check.ts';
import {
  batchBytesAtMost,
  checkBatches,
  checkRecords,
  checkSequencedSize,
} from './append-check.ts';
import type { LogContext } from './log-context.ts';
import type { LogWriter } from './log-writer.ts';
import type { AppendResult, AppendWaiter, PendingFlush } from './pending-flush.ts';
import type { SequencedBatch } from './producer-state.ts';

export type AppendInput = RecordsInput | BatchesInput;

/** At least one record. With a producer they stay one batch. */
export interface RecordsInput extends MeasuredRecords {
  readonly kind: 'records';
  readonly producer?: Omit<SequencedBatch, 'recordCount'> | undefined;
}

/** Encoded batches back to back, checked by the codec. The bytes now belong to the log. */
export interface BatchesInput {
  readonly kind: 'batches';
  readonly bytes: Buffer;
  readonly batches: readonly BatchHeader[];
}

export function recordsInput(
  records: readonly Record[],
  producer?: RecordsInput['producer'],
): RecordsInput {
  return { kind: 'records', records, bytesAtMost: batchBytesAtMost(records), producer };
}

export class LogAppender {
  readonly #context: LogContext;
  readonly #writer: LogWriter;

  constructor(context: LogContext, writer: LogWriter) {
    this.#context = context;
    this.#writer = writer;
  }

  /** Throws why `input` is refused; changes nothing. */
  check(input: AppendInput): void {
    const { status, config, clock, state } = this.#context;
    const refusal = status.appendRefusal();
    if (refusal !== undefined) throw refusal;
    const nowMs = clock.wallMs();
    if (input.kind === 'records') {
      checkRecords(input, config, nowMs);
      const sequence = sequenceOf(input);
      if (sequence === undefined) return;
      checkSequencedSize(input.records, config);
      state.producers.duplicateOf(sequence);
      return;
    }
    checkBatches(input.batches, config, nowMs);
    state.producers.checkInOrder(input.batches.filter((each) => each.producerId !== -1));
  }

  /** Takes its place at once, in the turn of its check. */
  append(input: AppendInput, waiter: AppendWaiter): void {
    assert((input.kind === 'records' ? input.records : input.batches).length > 0);
    if (input.kind === 'records') this.#appendRecords(input, waiter);
    else this.#appendBatches(input, waiter);
  }

  #appendRecords(input: RecordsInput, waiter: AppendWaiter): void {
    const { state, clock } = this.#context;
    const { records } = input;
    const sequence = sequenceOf(input);
    const earlier = sequence && state.producers.duplicateOf(sequence);
    if (earlier !== undefined) {
      this.#repeated(earlier, records.length, waiter);
      return;
    }
    const flush = this.#writer.filling(input.bytesAtMost);
    const baseOffset = flush.endOffset;
    if (sequence === undefined) {
      flush.addRecords(input);
    } else {
      flush.addSequencedRecords(records, sequence);
      this.#remember(sequence, baseOffset, clock.wallMs());
    }
    state.logEndOffset = flush.endOffset;
    flush.waiters.push({ waiter, result: firstTime(flush, baseOffset, records.length) });
  }

  /** Batches of the request that are repetitions are left out; the rest goes into one flush. */
  #appendBatches(input: BatchesInput, waiter: AppendWaiter): void {
    const { state, clock } = this.#context;
    let flush: PendingFlush | undefined;
    let firstOffset: number | undefined;
    let count = 0;
    let at = 0;
    for (const batch of input.batches) {
      const bytes = input.bytes.subarray(at, at + batch.bytes);
      at += batch.bytes;
      count += batch.recordCount;
      const sequence = batch.producerId === -1 ? undefined : batch;
      const earlier = sequence && state.producers.duplicateOf(sequence);
      if (earlier !== undefined) {
        firstOffset ??= earlier;
        continue;
      }
      flush ??= this.#writer.filling(input.bytes.length);
      firstOffset ??= flush.endOffset;
      if (sequence !== undefined) this.#remember(sequence, flush.endOffset, clock.wallMs());
      flush.addBatch(bytes, batch);
      state.logEndOffset = flush.endOffset;
    }
    const baseOffset = firstOffset as number;
    if (flush === undefined) this.#repeated(baseOffset, count, waiter);
    else flush.waiters.push({ waiter, result: firstTime(flush, baseOffset, count) });
  }

  /** A repetition of something not yet acknowledged shares its outcome. */
  #repeated(baseOffset: number, count: number, waiter: AppendWaiter): void {
    this.#context.shared.counters.duplicateBatches += 1;
    const result = { baseOffset, count, logAppendTimeMs: -1, duplicate: true };
    const pending = this.#writer.pendingFlushOf(baseOffset);
    if (pending === undefined) waiter.acknowledged(result);
    else pending.waiters.push({ waiter, result });
  }

  #remember(sequence: SequencedBatch, baseOffset: number, nowMs: number): void {
    const { producers } = this.#context.state;
    producers.add(sequence, baseOffset, nowMs);
    if (producers.size > PRODUCERS_PER_PARTITION_MAX) producers.expire(nowMs);
  }
}

function firstTime(flush: PendingFlush, baseOffset: number, count: number): AppendResult {
  return { baseOffset, count, logAppendTimeMs: flush.logAppendMs, duplicate: false };
}

function sequenceOf(input: RecordsInput): SequencedBatch | undefined {
  return input.producer && { ...input.producer, recordCount: input.records.length };
}
