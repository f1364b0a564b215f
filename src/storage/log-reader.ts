/**
 * The read side of a partition: from an offset to bytes, by memory if they are new, else through
 * the sparse index. Bytes from disk pass every check of a batch before they are given out; those
 * that fail are neither served nor thrown away, and take the partition offline.
 */
import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  baseOffsetAt,
  batchFault,
  lastOffsetAt,
} from '../codec/batch-header.ts';
import { MillraceError } from '../model/errors.ts';
import { INDEX_INTERVAL_BYTES } from '../model/limits.ts';
import type { FileHandle } from './files.ts';
import { hasErrorCode } from './files.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import type { LiveSegment } from './log-state.ts';
import { damageError } from './damage.ts';
import { indexesOf } from './segment-indexes.ts';

export class LogReader {
  readonly #context: LogContext;

  constructor(context: LogContext) {
    this.#context = context;
  }

  /**
   * Whole batches from the one that holds `offset`, below the high watermark: at least one, and
   * no more than fit `bytesMax`. Empty at the high watermark. At once when they are in memory.
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

  async #readFromDisk(offset: number, bytesMax: number): Promise<Buffer> {
    const { state, shared, openFiles } = this.#context;
    const segment = state.segmentOf(offset);
    // What is readable now; the active segment may grow meanwhile.
    const end = segment.bytes;
    try {
      const indexes = await indexesOf(this.#context, segment);
      const from = indexes.offsets.positionAtOrBefore(offset);
      const bytes = await openFiles.use(segmentPath(this.#context, segment.baseOffset), (file) =>
        this.#readBatches(file, segment, { offset, from, end, bytesMax }),
      );
      shared.counters.bytesRead += bytes.length;
      return bytes;
    } catch (error) {
      // Retention may have been faster; then this says so. A missing file is damage otherwise.
      this.#checkBounds(offset);
      if (!hasErrorCode(error, 'ENOENT')) throw this.#ioError(error);
      throw damageError(this.#context, {
        segment: segment.baseOffset,
        position: 0,
        field: 'file',
        expected: `${end} bytes`,
        found: 'no such file',
      });
    }
  }

  async #readBatches(
    file: FileHandle,
    segment: LiveSegment,
    want: { offset: number; from: number; end: number; bytesMax: number },
  ): Promise<Buffer> {
    // The index leads to at most one interval (or one batch) before the right place.
    let length = Math.min(want.bytesMax + INDEX_INTERVAL_BYTES * 2, want.end - want.from);
    let buffer = await this.#readExactly(file, segment, want.from, length);
    let position = want.from;
    let at = 0;
    let start = -1;
    let expectedOffset = -1;
    while (position + at < want.end) {
      const left = buffer.length - at;
      const toEnd = want.end - position - at;
      const bytes = left >= BATCH_HEADER_BYTES ? batchBytesAt(buffer, at) : BATCH_HEADER_BYTES;
      const isCut = bytes > left && left < toEnd;
      if (start !== -1 && (isCut || at + bytes - start > want.bytesMax)) break;
      if (isCut) {
        // Not yet at the batch that is wanted, or it is the first and larger than asked for.
        position += at;
        at = 0;
        length = Math.min(Math.max(bytes, want.bytesMax + INDEX_INTERVAL_BYTES), toEnd);
        buffer = await this.#readExactly(file, segment, position, length);
        continue;
      }
      this.#checkBatch(segment, buffer, at, position, expectedOffset);
      expectedOffset = lastOffsetAt(buffer, at) + 1;
      if (start === -1 && expectedOffset > want.offset) start = at;
      at += bytes;
    }
    if (start === -1) {
      throw damageError(this.#context, {
        segment: segment.baseOffset,
        position: want.end,
        field: 'last offset',
        expected: `at least ${want.offset}`,
        found: String(expectedOffset - 1),
      });
    }
    return buffer.subarray(start, at);
  }

  async #readExactly(
    file: FileHandle,
    segment: LiveSegment,
    position: number,
    length: number,
  ): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    const count = await file.read(buffer, position);
    if (count === length) return buffer;
    throw damageError(this.#context, {
      segment: segment.baseOffset,
      position: position + count,
      field: 'file length',
      expected: `at least ${position + length} bytes`,
      found: `${position + count} bytes`,
    });
  }

  #checkBatch(
    segment: LiveSegment,
    buffer: Buffer,
    at: number,
    position: number,
    expectedOffset: number,
  ): void {
    const fault = batchFault(buffer, at, buffer.length);
    const where = { segment: segment.baseOffset, position: position + at };
    if (fault !== undefined) throw damageError(this.#context, { ...where, ...fault });
    if (expectedOffset === -1 || baseOffsetAt(buffer, at) === expectedOffset) return;
    throw damageError(this.#context, {
      ...where,
      field: 'baseOffset',
      expected: String(expectedOffset),
      found: String(baseOffsetAt(buffer, at)),
    });
  }

  #checkBounds(offset: number): void {
    const { state, status } = this.#context;
    const ended = status.endedError();
    if (ended !== undefined) throw ended;
    if (offset >= state.logStartOffset && offset <= state.highWatermark) return;
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

  /** An I/O error of one read says nothing of the next one: the partition stays as it is. */
  #ioError(error: unknown): unknown {
    if (error instanceof MillraceError) return error;
    if (!(error instanceof Error && 'code' in error)) return error;
    this.#context.log.error({ directory: this.#context.directory, error }, 'a read failed');
    return new MillraceError('KAFKA_STORAGE_ERROR', `a read failed: ${error.message}`, {
      retriable: true,
      cause: error,
    });
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
