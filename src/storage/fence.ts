/**
 * Ends the writing of a partition after a failure that leaves it open what is on the disk. It never
 * acknowledges again in this process, and its marker makes the next start distrust the page cache.
 */
import { assertDiskError, messageOf } from './disk-errors.ts';
import type { LogContext } from './log-context.ts';
import { fencedPath } from './log-context.ts';
import { replaceFile } from './replace-file.ts';

export type FencePlace = Pick<LogContext, 'directory' | 'files' | 'log' | 'status'>;

/** Resolves when the marker is written or has failed. A second fence changes nothing. */
export async function fence(place: FencePlace, error: unknown): Promise<void> {
  const { directory, log, status } = place;
  if (status.isFenced) return;
  status.fence(`${messageOf(error)}; restart the server to recover this partition`);
  log.error({ directory, error }, 'partition fenced: what its disk holds is not known');
  try {
    await markFenced(place);
  } catch (markerError) {
    assertDiskError(markerError);
    // Tried again at the stop. After a crash the next start distrusts the page cache anyway.
    log.error({ directory, error: markerError }, 'the marker of the fenced partition is missing');
  }
}

/** Writes the marker unless it is there. */
export async function markFenced(place: FencePlace): Promise<void> {
  const { files, status } = place;
  if (!status.isFenced || status.isMarked) return;
  await replaceFile(files, fencedPath(place), Buffer.from(`${status.reason}\n`));
  status.marked();
}
