/**
 * A `Files` for calls that take a descriptor for a short while: checkpoints, index files, names that
 * are synced. So many of them at a time and no more; the others wait their turn, first come, first
 * served. A roll of a thousand partitions in one moment then takes no more than its share.
 *
 * When the process has none left all the same, the segment files idle for longest are closed for it,
 * and the call is made again. Only what says that it had no descriptor is repeated, and that has
 * done nothing: a sync that has failed is never tried again.
 *
 * Who has a file open by this waits neither for another one nor for a segment file (`OpenFiles`): two
 * who do could wait for each other. The other way round is allowed.
 */
import { MOMENTARY_FILES_MAX } from '../model/limits.ts';
import type { FileHandle, Files } from './files.ts';
import type { OpenFiles } from './open-files.ts';

export function withSpareDescriptors(
  files: Files,
  openFiles: OpenFiles,
  momentaryMax: number = MOMENTARY_FILES_MAX,
): Files {
  const places = new Places(momentaryMax);
  const briefly = async <T>(call: () => Promise<T>): Promise<T> => {
    await places.take();
    return openFiles.makingRoom(call).finally(() => places.give());
  };
  return {
    open: async (path, mode) => {
      await places.take();
      try {
        const file = await openFiles.makingRoom(() => files.open(path, mode));
        return givingBack(file, () => places.give());
      } catch (error) {
        places.give();
        throw error;
      }
    },
    list: (directory) => briefly(() => files.list(directory)),
    makeDir: (directory) => files.makeDir(directory),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    removeDir: (directory) => briefly(() => files.removeDir(directory)),
    syncDir: (directory) => briefly(() => files.syncDir(directory)),
  };
}

class Places {
  #left: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#left = count;
  }

  async take(): Promise<void> {
    if (this.#left > 0) this.#left -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** To the one who waits longest: nobody who comes later can take it first. */
  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#left += 1;
    else next();
  }
}

/** The descriptor is gone whatever its close says (close(2)). */
function givingBack(file: FileHandle, closed: () => void): FileHandle {
  return {
    read: (into, position) => file.read(into, position),
    write: (chunks, position) => file.write(chunks, position),
    truncate: (bytes) => file.truncate(bytes),
    sync: () => file.sync(),
    size: () => file.size(),
    close: () => file.close().finally(closed),
  };
}
