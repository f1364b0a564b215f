/**
 * Reads a stretch of a segment batch by batch, with every check there is, in bounded memory.
 * Recovery and the rebuilding of indexes stand on it.
 */
import type { BatchHeader } from '../codec/batch-header.ts';
import {
  BATCH_HEADER_BYTES,
  batchBytesAt,
  batchFault,
  readBatchHeader,
} from '../codec/batch-header.ts';
import { MESSAGE_BYTES_MAX } from '../model/limits.ts';
import type { FileHandle } from './files.ts';

export interface ScanStretch {
  readonly from: number;
  /** End of the stretch; a batch that would reach beyond it is a fault. */
  readonly to: number;
  readonly expectedOffset: number;
  /** Flush start of the batch before, see `flushStartOf`; the expected offset if there is none. */
  readonly flushStart: number;
}

export interface ScanEnd {
  /** Where the valid batches end. */
  readonly position: number;
  readonly nextOffset: number;
  readonly flushStart: number;
  /** Why the scan ended before `to`; undefined when all of it is valid. */
  readonly fault: ScanFault | undefined;
}

export interface ScanFault {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

const CHUNK_BYTES = 1_048_576;
/** No batch of ours is larger; a length above it is damage and must not be allocated. */
export const BATCH_BYTES_MAX = MESSAGE_BYTES_MAX + BATCH_HEADER_BYTES;

/**
 * The first offset of the flush that wrote a batch. The leader epoch field, which a single node
 * has no other use for, holds the batch's distance to it.
 */
export function flushStartOf(batch: BatchHeader): number {
  return batch.baseOffset - batch.leaderEpoch;
}

/** Calls `visit` for each valid batch, in order; the bytes are only valid during the call. */
export async function scanBatches(
  file: FileHandle,
  stretch: ScanStretch,
  visit: (batch: BatchHeader, position: number, bytes: Buffer) => void,
): Promise<ScanEnd> {
  let buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(0, stretch.to - stretch.from)));
  let position = stretch.from;
  let nextOffset = stretch.expectedOffset;
  let flushStart = stretch.flushStart;
  const end = (fault: ScanFault | undefined): ScanEnd => ({
    position,
    nextOffset,
    flushStart,
    fault,
  });
  while (position < stretch.to) {
    const wanted = Math.min(buffer.length, stretch.to - position);
    const count = await file.read(buffer.subarray(0, wanted), position);
    if (count < wanted) return end(shortFile(position + wanted, position + count));
    const isLastChunk = position + count === stretch.to;
    let at = 0;
    while (at < count) {
      const bytes = count - at < BATCH_HEADER_BYTES ? Infinity : batchBytesAt(buffer, at);
      // Not all here: the next chunk will begin with this batch.
      if (bytes > count - at && !isLastChunk && at > 0) break;
      if (
        bytes > count - at &&
        !isLastChunk &&
        bytes <= Math.min(BATCH_BYTES_MAX, stretch.to - position)
      ) {
        buffer = Buffer.allocUnsafe(bytes);
        break;
      }
      const fault = batchFault(buffer, at, count);
      if (fault !== undefined) return end(fault);
      const batch = readBatchHeader(buffer, at);
      const misplaced = placeFault(batch, nextOffset, flushStart);
      if (misplaced !== undefined) return end(misplaced);
      visit(batch, position, buffer.subarray(at, at + batch.bytes));
      nextOffset = batch.lastOffset + 1;
      flushStart = flushStartOf(batch);
      at += batch.bytes;
      position += batch.bytes;
    }
  }
  return end(undefined);
}

function shortFile(expected: number, found: number): ScanFault {
  return { field: 'file length', expected: `at least ${expected}`, found: String(found) };
}

/** The CRC covers neither the base offset nor the leader epoch: they are checked by what fits. */
function placeFault(
  batch: BatchHeader,
  expectedOffset: number,
  flushStart: number,
): ScanFault | undefined {
  if (batch.baseOffset !== expectedOffset) {
    return {
      field: 'baseOffset',
      expected: String(expectedOffset),
      found: String(batch.baseOffset),
    };
  }
  const started = flushStartOf(batch);
  if (started !== batch.baseOffset && started !== flushStart) {
    return {
      field: 'partitionLeaderEpoch',
      expected: `0 or ${batch.baseOffset - flushStart}`,
      found: String(batch.leaderEpoch),
    };
  }
  return undefined;
}
