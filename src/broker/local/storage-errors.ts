/** What the file system says about a change that no partition made, in the words of the seam. */
import { MillraceError } from '../../model/errors.ts';
import { UncertainError } from '../../storage/disk-errors.ts';
import { hasErrorCode } from '../../storage/files.ts';

/** Node's own codes, `ERR_ASSERTION` among them, have an underscore. */
const ERRNO = /^E[A-Z0-9]+$/;

/** An error of the file system, and none of ours. */
export function isFileSystemError(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof MillraceError) return false;
  // One that stands for a partition's fence has no code.
  if (error instanceof UncertainError) return true;
  return ERRNO.test(String((error as NodeJS.ErrnoException).code));
}

/**
 * `what` could not be done, and what was begun of it was removed: so here a sync that failed for
 * want of room leaves no doubt behind. Other errors come back as they are.
 */
export function takenBack(what: string, error: unknown): unknown {
  if (!isFileSystemError(error)) return error;
  const isFull = hasErrorCode(error, 'ENOSPC') || hasErrorCode(error, 'EDQUOT');
  return new MillraceError(
    isFull ? 'DISK_FULL' : 'KAFKA_STORAGE_ERROR',
    isFull ? `${what}: the disk is full` : `${what}: ${error.message}`,
    { written: 'no', retriable: true, cause: error },
  );
}
