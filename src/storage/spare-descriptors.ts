/**
 * A `Files` for calls that take a descriptor for a short while: when the process has none left, the
 * segment files idle for longest are closed for it, and the call is made again. A roll, a checkpoint
 * or the sync of a directory then does not fail because many segments were read lately.
 *
 * Only what says that it had no descriptor is repeated, and that has done nothing: a sync that has
 * failed is never tried again.
 */
import type { Files } from './files.ts';
import type { OpenFiles } from './open-files.ts';

export function withSpareDescriptors(files: Files, openFiles: OpenFiles): Files {
  return {
    open: (path, mode) => openFiles.makingRoom(() => files.open(path, mode)),
    list: (directory) => openFiles.makingRoom(() => files.list(directory)),
    makeDir: (directory) => files.makeDir(directory),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    removeDir: (directory) => openFiles.makingRoom(() => files.removeDir(directory)),
    syncDir: (directory) => openFiles.makingRoom(() => files.syncDir(directory)),
  };
}
