/**
 * Reads a small file whole, and replaces one so that after a crash at any point there is either
 * the old content or the new: temporary file, sync, rename, directory sync. Overwriting in place
 * would leave it empty on a full disk.
 */
import { dirname } from 'node:path';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import { TEMPORARY_SUFFIX } from './segment-files.ts';
import { certainly, UncertainError } from './disk-errors.ts';

/**
 * Fails with ENOSPC on a full disk, the old file untouched; with `UncertainError` when a sync
 * failed: then either content may be there after a power cut.
 */
export async function replaceFile(files: Files, path: string, content: Uint8Array): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX;
  try {
    await writeNewFile(files, temporary, content);
    await files.rename(temporary, path);
  } catch (error) {
    await removeIfThere(files, temporary).catch(() => undefined); // The first error is the one to tell.
    throw error;
  }
  await syncDirectory(files, dirname(path));
}

/** Writes and syncs a file that replaces a leftover of the same name; its name is not yet durable. */
export async function writeNewFile(files: Files, path: string, content: Uint8Array): Promise<void> {
  await removeIfThere(files, path);
  const file = await files.open(path, 'create');
  try {
    const written = await file.write([content], 0);
    if (written !== content.length) throw noSpace(path, content.length, written);
    await certainly(`the sync of ${path} failed`, file.sync());
  } finally {
    await file.close();
  }
}

/** Makes the names in a directory durable; fails with `UncertainError`. */
export async function syncDirectory(files: Files, directory: string): Promise<void> {
  await certainly(`the sync of directory ${directory} failed`, files.syncDir(directory));
}

/** Undefined when it does not exist. */
export async function readWholeFile(files: Files, path: string): Promise<Buffer | undefined> {
  let file;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const content = Buffer.alloc(await file.size());
    const count = await file.read(content, 0);
    return content.subarray(0, count);
  } finally {
    await file.close();
  }
}

/** Answers whether it was. */
export async function removeIfThere(files: Files, path: string): Promise<boolean> {
  try {
    await files.remove(path);
    return true;
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    return false;
  }
}

/** A short write is how a full disk shows itself to Node; it gets the error that it deserves. */
export function noSpace(path: string, expected: number, written: number): Error {
  return Object.assign(new Error(`${path}: only ${written} of ${expected} bytes were written`), {
    code: 'ENOSPC',
  });
}

/** Errors of a disk or quota that is full: an ordinary state that passes, but for a sync. */
export function isDiskFull(error: unknown): boolean {
  if (error instanceof UncertainError) return false;
  return hasErrorCode(error, 'ENOSPC') || hasErrorCode(error, 'EDQUOT');
}
