/** What the file system says about a change that no partition made, in the words of the seam. */
import { MillraceError } from '../../model/errors.ts';
import { isDiskError } from '../../storage/disk-errors.ts';
import { hasErrorCode } from '../../storage/files.ts';

/**
 * `what` could not be done, and what was begun of it was removed: so here a sync that failed for
 * want of room leaves no doubt behind. Other errors come back as they are.
 */
export function takenBack(what: string, error: unknown): unknown {
  if (!isDiskError(error)) return error;
  const isFull = hasErrorCode(error, 'ENOSPC') || hasErrorCode(error, 'EDQUOT');
  return new MillraceError(
    isFull ? 'DISK_FULL' : 'KAFKA_STORAGE_ERROR',
    isFull ? `${what}: the disk is full` : `${what}: ${error.message}`,
    { written: 'no', retriable: true, cause: error },
  );
}
