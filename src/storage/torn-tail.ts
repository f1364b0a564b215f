/**
 * Tells a torn tail from damage, when a scan has met a bad region in the newest segment.
 *
 * Every batch carries the start of the flush that wrote it, and a flush is only begun when all
 * before it is durable. So a valid batch behind the bad region whose flush started above the
 * region's first offset proves that the region was durable once: damage. If there is no such
 * batch, the region belongs to the last flush, which was never acknowledged: a torn tail.
 *
 * The proof can only err to the safe side: bytes inside a record value that imitate a batch of
 * this partition can make a torn tail look like damage, which keeps everything.
 */
import {
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  batchBytesAt,
  batchFault,
  leaderEpochAt,
  recordCountFault,
} from '../codec/batch-header.ts';
import { BATCH_BYTES_MAX } from './batch-scan.ts';
import type { FileHandle } from './files.ts';

const WINDOW_BYTES = 1_048_576;
/** Position of the magic byte in a batch: what candidates are found by. */
const MAGIC_AT = 16;
const MAGIC = 2;
/** Checksums that imitations can make this search compute, in bytes; beyond it: damage. */
const CHECKED_BYTES_MAX = 1_073_741_824;

export interface BadRegion {
  /** Position and offset at which the scan found its first fault. */
  readonly position: number;
  readonly offset: number;
  /** Length of the file. */
  readonly fileBytes: number;
}

/** Whether something behind the region proves that it had been durable. */
export async function wasDurable(file: FileHandle, region: BadRegion): Promise<boolean> {
  let checkedBytes = 0;
  let from = region.position + 1;
  while (from + BATCH_HEADER_BYTES <= region.fileBytes) {
    const window = await readAt(file, from, Math.min(WINDOW_BYTES, region.fileBytes - from));
    const last = window.length - BATCH_HEADER_BYTES;
    let magicAt = window.indexOf(MAGIC, MAGIC_AT);
    while (magicAt !== -1 && magicAt - MAGIC_AT <= last) {
      const at = magicAt - MAGIC_AT;
      if (couldProve(window, at, region, from)) {
        const bytes = batchBytesAt(window, at);
        checkedBytes += bytes;
        if (checkedBytes > CHECKED_BYTES_MAX) return true;
        const batch = await readAt(file, from + at, bytes);
        if (batchFault(batch, 0, batch.length) === undefined) return true;
      }
      magicAt = window.indexOf(MAGIC, magicAt + 1);
    }
    if (last < 0) return false;
    from += last + 1;
  }
  return false;
}

/** The cheap conditions, before a checksum is computed. The bytes may be anything. */
function couldProve(window: Buffer, at: number, region: BadRegion, windowFrom: number): boolean {
  const bytes = batchBytesAt(window, at);
  const leaderEpoch = leaderEpochAt(window, at);
  return (
    leaderEpoch >= 0 &&
    baseOffsetAt(window, at) - leaderEpoch > region.offset &&
    bytes >= BATCH_HEADER_BYTES &&
    bytes <= BATCH_BYTES_MAX &&
    windowFrom + at + bytes <= region.fileBytes &&
    recordCountFault(window, at) === undefined
  );
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  const count = await file.read(buffer, position);
  return buffer.subarray(0, count);
}
