/** Why a data directory cannot be used, in words that say what to do. */
import { MillraceError } from '../model/errors.ts';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'the file system is read-only'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EEXIST', 'there is a file of that name'],
  ['ENOENT', 'it cannot be made there'],
  ['ENAMETOOLONG', 'the path is too long'],
  ['ELOOP', 'the path runs through too many symbolic links'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota of this user is used up'],
  ['EIO', 'the disk fails'],
  ['EMFILE', 'this process has too many files open'],
  ['ENFILE', 'this machine has too many files open'],
]);

/** The error to throw for one that the opening of `directory` has met. */
export function unusableDirectory(directory: string, error: unknown): unknown {
  if (error instanceof MillraceError || !(error instanceof Error)) return error;
  const { code, path = directory } = error as NodeJS.ErrnoException;
  const reason = REASONS.get(code ?? '');
  if (reason === undefined) return error;
  const where = path === directory ? '' : ` (${path})`;
  return new MillraceError(
    'DATA_DIRECTORY_UNUSABLE',
    `data directory ${directory} cannot be used: ${reason}${where}; mend that, or choose another with --data-dir`,
    { cause: error, details: { directory, path, code } },
  );
}
