/**
 * A disk behind which a failed sync is tried again, and taken for one that succeeded: what a server
 * does that does not know what a failed sync means. To show that tests would notice.
 */
import type { FileHandle, Files, OpenMode } from '../../src/storage/files.ts';

export function syncRetryingFiles(inner: Files): Files {
  return {
    open: async (path: string, mode: OpenMode): Promise<FileHandle> => {
      const file = await inner.open(path, mode);
      return {
        read: (into, position) => file.read(into, position),
        write: (chunks, position) => file.write(chunks, position),
        truncate: (bytes) => file.truncate(bytes),
        // This line is the experiment.
        sync: () => file.sync().catch(() => file.sync()),
        size: () => file.size(),
        close: () => file.close(),
      };
    },
    list: (directory) => inner.list(directory),
    makeDir: (directory) => inner.makeDir(directory),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    removeDir: (directory) => inner.removeDir(directory),
    syncDir: (directory) => inner.syncDir(directory).catch(() => inner.syncDir(directory)),
  };
}
