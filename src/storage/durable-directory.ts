/** Directories that are still there after a power cut. */
import { dirname } from 'node:path';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';

/**
 * Makes every name on the way to a directory durable, whoever made it: a run that made some of them
 * may have been killed before it came to this. A parent into which this user may not look was made
 * by somebody else.
 */
export async function syncNames(files: Files, directory: string): Promise<void> {
  for (let at = directory; dirname(at) !== at; at = dirname(at)) {
    try {
      await files.syncDir(dirname(at));
    } catch (error) {
      if (!hasErrorCode(error, 'EACCES') && !hasErrorCode(error, 'EPERM')) throw error;
    }
  }
}
