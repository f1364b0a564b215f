/** Directories that are still there after a power cut. */
import { dirname } from 'node:path';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';

/** Makes a directory with its missing parents; each name is on disk when it resolves. */
export async function makeDurableDirectory(files: Files, directory: string): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !(await isThere(files, at)); at = dirname(at)) missing.push(at);
  await files.makeDir(directory);
  for (const made of missing.toReversed()) await files.syncDir(dirname(made));
}

/** What cannot be looked into is there; whether it is of use, its user finds out. */
async function isThere(files: Files, directory: string): Promise<boolean> {
  try {
    await files.list(directory);
    return true;
  } catch (error) {
    return !hasErrorCode(error, 'ENOENT');
  }
}
