/**
 * Looks for a whole, valid batch anywhere in a file, where nothing says any more at which byte one
 * begins: behind a bad region. What it finds is found by its magic byte, its plausible header and
 * its CRC, so bytes inside a record value that imitate a batch are found as well.
 */
import {
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
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
/** Checksums that imitations can make one search compute, in bytes. */
const CHECKED_BYTES_MAX = 1_073_741_824;

export interface Searched {
  /** Where the batch may begin at the earliest. */
  readonly from: number;
  /** Where it must have ended. */
  readonly to: number;
  /** Whether what its header says would do, before a checksum is computed. The bytes may be anything. */
  readonly isWanted: (buffer: Buffer, at: number) => boolean;
}

/** The first one's position; `undecided` when there are too many imitations to look at them all. */
export async function findBatch(
  file: FileHandle,
  { from: start, to, isWanted }: Searched,
): Promise<number | undefined | 'undecided'> {
  let checkedBytes = 0;
  let from = start;
  while (from + BATCH_HEADER_BYTES <= to) {
    const window = await readAt(file, from, Math.min(WINDOW_BYTES, to - from));
    const last = window.length - BATCH_HEADER_BYTES;
    let magicAt = window.indexOf(BATCH_MAGIC, MAGIC_AT);
    while (magicAt !== -1 && magicAt - MAGIC_AT <= last) {
      const at = magicAt - MAGIC_AT;
      if (couldBe(window, at, to - from) && isWanted(window, at)) {
        const bytes = batchBytesAt(window, at);
        checkedBytes += bytes;
        if (checkedBytes > CHECKED_BYTES_MAX) return 'undecided';
        const batch = await readAt(file, from + at, bytes);
        if (batchFault(batch, 0, batch.length) === undefined) return from + at;
      }
      magicAt = window.indexOf(BATCH_MAGIC, magicAt + 1);
    }
    if (last < 0) return undefined;
    from += last + 1;
  }
  return undefined;
}

function couldBe(window: Buffer, at: number, end: number): boolean {
  const bytes = batchBytesAt(window, at);
  return (
    leaderEpochAt(window, at) >= 0 &&
    bytes >= BATCH_HEADER_BYTES &&
    bytes <= BATCH_BYTES_MAX &&
    at + bytes <= end &&
    recordCountFault(window, at) === undefined
  );
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  const count = await file.read(buffer, position);
  return buffer.subarray(0, count);
}
