/**
 * The lock that makes one process the owner of a data directory: SQLite's exclusive lock on
 * `owner.db`, which is an empty file and stays empty.
 *
 * It is a POSIX lock (on Windows, a byte range lock). The kernel frees it at kill -9, keeps it
 * while its process is merely stopped, and refuses a second process at once. THE KERNEL ALSO DROPS
 * IT AS SOON AS THIS PROCESS CLOSES ANY OTHER DESCRIPTOR OF THAT FILE (fcntl(2)), so nothing ever
 * opens, reads or copies it, and the real `Files` refuses its name.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MillraceError } from '../model/errors.ts';
import { sqliteErrorKind } from './sqlite-errors.ts';
import type { SqliteErrorKind } from './sqlite-errors.ts';

export const KERNEL_LOCK_FILE = 'owner.db';

export interface KernelLock {
  free(): void;
}

/** Undefined when another process has it. Rejects with DATA_DIRECTORY_UNUSABLE. */
export function takeKernelLock(directory: string): KernelLock | undefined {
  const path = join(directory, KERNEL_LOCK_FILE);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The transaction stays open and never writes: no journal, no sync, and nothing that a power
    // cut could leave half written. Closing the file ends it.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const kind = sqliteErrorKind(error);
    if (kind === 'locked') return undefined;
    throw kind === undefined ? error : lockError(error, path, REASONS[kind]);
  }
  const locked = database;
  return { free: () => locked.close() };
}

function lockError(error: unknown, path: string, why: string): MillraceError {
  return new MillraceError('DATA_DIRECTORY_UNUSABLE', `${path} cannot be locked: ${why}`, {
    cause: error,
    details: { file: path },
  });
}

const REASONS: { readonly [kind in Exclude<SqliteErrorKind, 'locked'>]: string } = {
  'not-writable': 'this user may not write there; change the rights, or choose another --data-dir',
  'cannot-lock': 'its file system does not support locks; choose a --data-dir on another one',
  damaged:
    'it is no file of Millrace, which keeps it empty; make sure that no server runs on this directory, then remove the file',
  io: 'the disk fails',
  full: 'the disk is full',
};
