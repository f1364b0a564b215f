/**
 * A bounded set of open files: a thousand partitions are served with far fewer descriptors. The
 * file used longest ago is closed when another one needs its place; one in use never is.
 *
 * A task must not call `use` for a second path: two such tasks could wait for each other.
 */
import type { FileHandle, Files } from './files.ts';
import { hasErrorCode } from './files.ts';

interface Entry {
  readonly file: Promise<FileHandle>;
  /** The handle once it is open: saves the hot path a turn. */
  handle: FileHandle | undefined;
  users: number;
  /** Set by `forget`: whoever uses it last closes it and calls this. */
  onUnused: (() => void) | undefined;
}

export class OpenFiles {
  readonly #files: Files;
  readonly #openMax: number;
  /** In order of use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: (() => void)[] = [];
  /** Forgotten files that are still in use or being closed. */
  #leaving = 0;

  constructor(files: Files, openMax: number) {
    this.#files = files;
    this.#openMax = openMax;
  }

  get openCount(): number {
    return this.#entries.size + this.#leaving;
  }

  /** Runs `task` with the file, opened for reading and writing where that is allowed. */
  async use<T>(path: string, task: (file: FileHandle) => Promise<T>): Promise<T> {
    const entry = this.#lease(path) ?? (await this.#makeEntry(path));
    try {
      return await task(entry.handle ?? (await entry.file));
    } finally {
      entry.users -= 1;
      this.#becameUnused(entry);
    }
  }

  /** Takes over a file that the caller has just created. */
  async adopt(path: string, handle: FileHandle): Promise<void> {
    await this.forget(path);
    await this.#makeRoom();
    this.#entries.set(path, {
      file: Promise.resolve(handle),
      handle,
      users: 0,
      onUnused: undefined,
    });
  }

  /** Resolves when the file is closed, after its last user is done; a later `use` opens it anew. */
  async forget(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#leaving += 1;
    try {
      if (entry.users > 0) {
        await new Promise<void>((resolve) => {
          entry.onUnused = resolve;
        });
      }
      await closeOpened(entry);
    } finally {
      this.#leaving -= 1;
      this.#wakeOne();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries.keys()].map((path) => this.forget(path)));
  }

  /** Counts one more user of a file that is there. */
  #lease(path: string): Entry | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    entry.users += 1;
    return entry;
  }

  /** Opens a file for one user, who is counted from the start: it must not be closed meanwhile. */
  async #makeEntry(path: string): Promise<Entry> {
    await this.#makeRoom();
    const made = this.#lease(path);
    if (made !== undefined) return made; // While this one waited for room.
    const entry: Entry = {
      file: this.#open(path),
      handle: undefined,
      users: 1,
      onUnused: undefined,
    };
    this.#entries.set(path, entry);
    try {
      entry.handle = await entry.file;
    } catch (error) {
      if (this.#entries.get(path) === entry) this.#entries.delete(path);
      entry.users -= 1;
      this.#becameUnused(entry);
      throw error;
    }
    return entry;
  }

  async #makeRoom(): Promise<void> {
    while (this.#entries.size >= this.#openMax && !(await this.#closeOldest())) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Answers false when every file is in use. */
  async #closeOldest(): Promise<boolean> {
    for (const [path, entry] of this.#entries) {
      if (entry.users > 0) continue;
      await this.forget(path);
      return true;
    }
    return false;
  }

  /** When the process has no descriptor left, one of ours is given for it. */
  async #open(path: string): Promise<FileHandle> {
    for (;;) {
      try {
        return await this.#openReadable(path);
      } catch (error) {
        const isOut = hasErrorCode(error, 'EMFILE') || hasErrorCode(error, 'ENFILE');
        if (!isOut || !(await this.#closeOldest())) throw error;
      }
    }
  }

  /** A read-only file or file system can still be read. */
  async #openReadable(path: string): Promise<FileHandle> {
    try {
      return await this.#files.open(path, 'read-write');
    } catch (error) {
      if (!hasErrorCode(error, 'EACCES') && !hasErrorCode(error, 'EROFS')) throw error;
      return this.#files.open(path, 'read');
    }
  }

  #becameUnused(entry: Entry): void {
    if (entry.users > 0) return;
    if (entry.onUnused === undefined) this.#wakeOne();
    else entry.onUnused();
  }

  #wakeOne(): void {
    this.#waiting.shift()?.();
  }
}

async function closeOpened(entry: Entry): Promise<void> {
  let handle;
  try {
    handle = entry.handle ?? (await entry.file);
  } catch {
    return; // It never opened; whoever asked for it was told.
  }
  await handle.close();
}
