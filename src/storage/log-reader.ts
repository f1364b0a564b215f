/**
 * The read side of a partition: from an offset to bytes, by memory if they are new, else through
 * the sparse index. Bytes from disk pass every check of a batch before they are given out; those
 * that fail are neither served nor thrown away, and take the partition offline: marked, so that
 * the next start knows.
 */
import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  baseOffsetAt,
  batchFault,
  lastOffsetAt,
} from '../codec/batch-header.ts';
import type { BatchFault } from '../codec/batch-header.ts';
import { MillraceError } from '../model/errors.ts';
import { INDEX_INTERVAL_BYTES } from '../model/limits.ts';
import { BATCH_BYTES_MAX } from './batch-scan.ts';
import { damageError } from './damage.ts';
import type { Damage } from './damage.ts';
import { DamageMarks } from './damage-marks.ts';
import { isDiskError } from './disk-errors.ts';
import type { FileHandle } from './files.ts';
import { hasErrorCode } from './files.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import type { LiveSegment } from './log-state.ts';
import type { IndexEntry } from './offset-index.ts';
import { indexesOf } from './segment-indexes.ts';

export class LogReader {
  readonly #context: LogContext;
  readonly #marks: DamageMarks;

  constructor(context: LogContext) {
    this.#context = context;
    this.#marks = new DamageMarks(context);
  }

  /**
   * Whole batches from the one that holds `offset`, below the high watermark: at least one, and
   * no more than fit `bytesMax`. In a gap that a repair has left, from the first batch behind it.
   * Empty at the high watermark, and in a gap that reaches to it. At once when they are in memory.
   */
  read(offset: number, bytesMax: number): Buffer | Promise<Buffer> {
    this.#checkBounds(offset);
    const { state, tail, shared } = this.#context;
    if (offset === state.highWatermark) return EMPTY;
    const inMemory = tail.read(offset, bytesMax);
    if (inMemory === undefined) return this.#readFromDisk(offset, bytesMax);
    shared.counters.bytesRead += inMemory.length;
    shared.counters.bytesReadFromTail += inMemory.length;
    return inMemory;
  }

  /** An offset of the segment before which, as far as it is kept, all records are older. */
  async offsetToSearchFrom(segment: LiveSegment, timestampMs: number): Promise<number> {
    const from = Math.max(segment.baseOffset, this.#context.state.logStartOffset);
    const { times } = await this.#explained(segment, from, () => indexesOf(this.#context, segment));
    return Math.max(times.offsetToSearchFrom(timestampMs), from);
  }

  async #readFromDisk(offset: number, bytesMax: number): Promise<Buffer> {
    const { state, shared, openFiles } = this.#context;
    const kept = state.behindGap(offset);
    if (kept !== offset) return this.read(kept, bytesMax);
    const segment = state.segmentOf(offset);
    // What is readable now; the active segment may grow meanwhile.
    const end = segment.bytes;
    const bytes = await this.#explained(segment, offset, async () => {
      const indexes = await indexesOf(this.#context, segment);
      // A partition that was closed or trimmed meanwhile must not open its files again.
      this.#checkBounds(offset);
      const from = indexes.offsets.entryAtOrBefore(offset);
      return openFiles.use(segmentPath(this.#context, segment.baseOffset), (file) =>
        this.#readBatches(file, segment, { offset, from, end, bytesMax }),
      );
    });
    shared.counters.bytesRead += bytes.length;
    return bytes;
  }

  /** Makes the error of a file what it means for a caller who asks for `offset`. */
  async #explained<T>(segment: LiveSegment, offset: number, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      // Retention may have been faster; then this says so. A missing file is damage otherwise.
      this.#checkBounds(offset);
      if (!hasErrorCode(error, 'ENOENT')) throw this.#ioError(error);
      throw this.#damaged({
        segment: segment.baseOffset,
        position: 0,
        field: 'file',
        expected: `${segment.bytes} bytes`,
        found: 'no such file',
      });
    }
  }

  async #readBatches(
    file: FileHandle,
    segment: LiveSegment,
    want: { offset: number; from: IndexEntry; end: number; bytesMax: number },
  ): Promise<Buffer> {
    let { position } = want.from;
    // The index leads to at most one interval (or one batch) before the right place.
    let length = Math.min(want.bytesMax + INDEX_INTERVAL_BYTES * 2, want.end - position);
    let buffer = await readUpTo(file, position, length);
    let at = 0;
    let start = -1;
    let lastOffset = segment.baseOffset - 1;
    // The CRC leaves out the base offset: it is held against the index and the batch before.
    let expected: ExpectedPlace =
      want.from.lastOffset === undefined
        ? { baseOffset: segment.baseOffset }
        : { lastOffset: want.from.lastOffset };
    while (position + at < want.end) {
      const left = buffer.length - at;
      const toEnd = want.end - position - at;
      const bytes = left >= BATCH_HEADER_BYTES ? batchBytesAt(buffer, at) : BATCH_HEADER_BYTES;
      // A length that cannot be is not waited for: the check below names it.
      const isCut = bytes > left && bytes <= Math.min(BATCH_BYTES_MAX, toEnd);
      if (start !== -1 && (isCut || at + bytes - start > want.bytesMax)) break;
      if (isCut) {
        // Not yet at the batch that is wanted, or it is the first and larger than asked for.
        position += at;
        at = 0;
        length = Math.min(Math.max(bytes, want.bytesMax + INDEX_INTERVAL_BYTES), toEnd);
        buffer = await readUpTo(file, position, length);
        if (buffer.length < bytes) throw await this.#endedEarly(segment, position + buffer.length);
        continue;
      }
      const fault = batchFault(buffer, at, buffer.length) ?? placeFault(buffer, at, expected);
      if (fault !== undefined) {
        const where = { segment: segment.baseOffset, position: position + at };
        const error = await this.#markedDamage(segment, { ...where, ...fault });
        if (start === -1) throw error;
        break; // What is intact in front of it is still served; the next read meets it again.
      }
      lastOffset = lastOffsetAt(buffer, at);
      if (start === -1 && lastOffset >= want.offset) start = at;
      expected = { baseOffset: lastOffset + 1 };
      at += bytes;
    }
    if (start === -1) {
      // Whole and valid, but not what was counted: another segment in its place.
      throw await this.#markedDamage(segment, {
        segment: segment.baseOffset,
        position: want.end,
        field: 'last offset',
        expected: `at least ${want.offset}`,
        found: String(lastOffset),
      });
    }
    return buffer.subarray(start, at);
  }

  #endedEarly(segment: LiveSegment, position: number): Promise<MillraceError> {
    return this.#markedDamage(segment, {
      segment: segment.baseOffset,
      position,
      field: 'file length',
      expected: `at least ${segment.bytes} bytes`,
      found: `${position} bytes`,
    });
  }

  /** Only while the file is in use: who deletes the directory waits for that. */
  async #markedDamage(segment: LiveSegment, damage: Damage): Promise<MillraceError> {
    const error = this.#damaged(damage);
    await this.#marks.mark(segment, damage);
    return error;
  }

  #damaged(damage: Damage): MillraceError {
    const error = damageError(this.#context, damage);
    this.#context.changed();
    return error;
  }

  #checkBounds(offset: number): void {
    const { state, status } = this.#context;
    const ended = status.endedError('read');
    if (ended !== undefined) throw ended;
    if (offset >= state.logStartOffset && offset <= state.highWatermark) return;
    if (offset > state.highWatermark && status.state !== 'online') throw this.#notYet(offset);
    throw new MillraceError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${offset} is outside of what is kept: ${state.logStartOffset} to ${state.highWatermark}`,
      {
        details: {
          offset,
          log_start_offset: state.logStartOffset,
          high_watermark: state.highWatermark,
        },
      },
    );
  }

  /** Beyond what can be read now there may be acknowledged records: a reader must not start over. */
  #notYet(offset: number): MillraceError {
    const { state, status } = this.#context;
    return new MillraceError(
      'KAFKA_STORAGE_ERROR',
      `offset ${offset} cannot be read now, only up to ${state.highWatermark}: the partition is ${status.state}: ${status.reason}`,
      {
        retriable: status.state === 'read-only',
        details: { offset, high_watermark: state.highWatermark, state: status.state },
      },
    );
  }

  /** An I/O error of one read says nothing of the next one: the partition stays as it is. */
  #ioError(error: unknown): unknown {
    if (!isDiskError(error)) return error;
    this.#context.log.error({ directory: this.#context.directory, error }, 'a read failed');
    return new MillraceError('KAFKA_STORAGE_ERROR', `a read failed: ${error.message}`, {
      retriable: true,
      cause: error,
    });
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Fewer bytes where the file ends: whole batches before that are still served. */
async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const count = await file.read(buffer, position);
  return buffer.subarray(0, count);
}

type ExpectedPlace = { readonly baseOffset: number } | { readonly lastOffset: number };

function placeFault(buffer: Buffer, at: number, expected: ExpectedPlace): BatchFault | undefined {
  const isFirst = 'baseOffset' in expected;
  const field = isFirst ? 'baseOffset' : 'last offset';
  const found = isFirst ? baseOffsetAt(buffer, at) : lastOffsetAt(buffer, at);
  const wanted = isFirst ? expected.baseOffset : expected.lastOffset;
  if (found === wanted) return undefined;
  return { field, expected: String(wanted), found: String(found) };
}
