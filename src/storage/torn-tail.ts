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
import { baseOffsetAt, leaderEpochAt } from '../codec/batch-header.ts';
import { findBatch } from './batch-search.ts';
import type { FileHandle } from './files.ts';

export interface BadRegion {
  /** Position and offset at which the scan found its first fault. */
  readonly position: number;
  readonly offset: number;
  /** Length of the file. */
  readonly fileBytes: number;
}

/** Whether something behind the region proves that it had been durable. */
export async function wasDurable(file: FileHandle, region: BadRegion): Promise<boolean> {
  const proof = await findBatch(file, {
    from: region.position + 1,
    to: region.fileBytes,
    isWanted: (buffer, at) => baseOffsetAt(buffer, at) - leaderEpochAt(buffer, at) > region.offset,
  });
  return proof !== undefined;
}
