/**
 * A bounded set of open files: a thousand partitions are served with far fewer descriptors. The
 * file idle for longest is closed when another one needs its place; a file in use never is.
 *
 * Who finds every place in use waits its turn, first come, first served. A task must not call
 * `use` itself: two such tasks could wait for each other's place.
 *
 * Writes that are acknowledged as durable are synced within the same `use`. The weaker mode syncs
 * in a later one, perhaps through another descriptor: a sync is of the file, whoever wrote to it
 * (fsync(2)).
 */
import assert from 'node:assert/strict';
import { lacksDescriptor } from './disk-errors.ts';
import type { FileHandle, Files } from './files.ts';
import { hasErrorCode } from './files.ts';

interface Entry {
  readonly path: string;
  /** Undefined while it is being opened. */
  handle: FileHandle | undefined;
  /** Shared by all who want the file while it is being opened. */
  opening: Promise<FileHandle> | undefined;
  users: number;
  /** Set by `forget`: settled when the last user is done and the file is closed. */
  closed: PromiseWithResolvers<void> | undefined;
}

interface Waiter {
  /** The place is handed over by this call: nobody who comes later can take it first. */
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class OpenFiles {
  readonly #files: Files;
  readonly #openMax: number;
  readonly #entries = new Map<string, Entry>();
  /** Those of them that nobody uses, the longest idle first. Empty while somebody waits. */
  readonly #idle = new Map<string, Entry>();
  readonly #waiting: Waiter[] = [];
  /** Descriptors open or being opened or closed. */
  #taken = 0;
  #isClosing = false;

  constructor(files: Files, openMax: number) {
    assert(openMax > 0);
    this.#files = files;
    this.#openMax = openMax;
  }

  get openCount(): number {
    return this.#taken;
  }

  /** Runs `task` with the file, opened for reading and writing where that is allowed. */
  use<T>(path: string, task: (file: FileHandle) => Promise<T>): Promise<T> {
    const entry =
      this.#entries.get(path) ??
      this.#begin(path, () => this.makingRoom(() => this.#openWritable(path)));
    return this.#useEntry(entry, task);
  }

  /** Repeats a call for which the process has no descriptor left, giving idle ones of ours for it. */
  async makingRoom<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const [oldest] = this.#idle.values();
        if (!lacksDescriptor(error) || oldest === undefined) throw error;
        await this.#close(oldest).finally(() => this.#givePlace());
      }
    }
  }

  /** Resolves when the file is closed, after its last user is done; a later `use` opens it anew. */
  async forget(path: string): Promise<void> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    if (entry.users === 0) {
      await this.#close(entry).finally(() => this.#givePlace());
      return;
    }
    this.#entries.delete(path);
    entry.closed = Promise.withResolvers<void>();
    await entry.closed.promise;
  }

  /** Forgets every file below a directory. */
  async forgetUnder(directory: string): Promise<void> {
    const paths = [...this.#entries.keys()].filter((path) => path.startsWith(`${directory}/`));
    await Promise.all(paths.map((path) => this.forget(path)));
  }

  /** Waits for all users; `use` after it is a mistake. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#entries.keys()].map((path) => this.forget(path)));
  }

  #begin(path: string, open: () => Promise<FileHandle>): Entry {
    assert(!this.#isClosing, `${path} is used after close`);
    const entry: Entry = {
      path,
      handle: undefined,
      opening: undefined,
      users: 0,
      closed: undefined,
    };
    this.#entries.set(path, entry);
    entry.opening = this.#openInPlace(entry, open);
    return entry;
  }

  async #useEntry<T>(entry: Entry, task: (file: FileHandle) => Promise<T>): Promise<T> {
    if (entry.users === 0) this.#idle.delete(entry.path);
    entry.users += 1;
    try {
      return await task(entry.handle ?? (await (entry.opening as Promise<FileHandle>)));
    } finally {
      this.#release(entry);
    }
  }

  async #openInPlace(entry: Entry, open: () => Promise<FileHandle>): Promise<FileHandle> {
    try {
      await this.#takePlace();
      entry.handle = await open().catch((error: unknown) => {
        this.#givePlace();
        throw error;
      });
      return entry.handle;
    } catch (error) {
      // Whoever wants it next tries anew.
      if (this.#entries.get(entry.path) === entry) this.#entries.delete(entry.path);
      throw error;
    }
  }

  async #takePlace(): Promise<void> {
    if (this.#taken < this.#openMax) {
      this.#taken += 1;
      return;
    }
    const [oldest] = this.#idle.values();
    if (oldest === undefined) {
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    } else {
      await this.#closeForPlace(oldest);
    }
  }

  /** Its place stays taken, by the one for whom it is closed. */
  async #closeForPlace(entry: Entry): Promise<void> {
    try {
      await this.#close(entry);
    } catch (error) {
      this.#givePlace();
      throw error;
    }
  }

  #givePlace(): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#taken -= 1;
    else waiter.resolve();
  }

  /** A file or file system that is read-only can still be read. */
  async #openWritable(path: string): Promise<FileHandle> {
    try {
      return await this.#files.open(path, 'read-write');
    } catch (error) {
      if (!hasErrorCode(error, 'EACCES') && !hasErrorCode(error, 'EROFS')) throw error;
      return this.#files.open(path, 'read');
    }
  }

  #release(entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    const { closed, handle } = entry;
    if (handle === undefined) {
      closed?.resolve(); // It never opened; whoever asked for it was told.
    } else if (closed !== undefined) {
      const closing = this.#close(entry).finally(() => this.#givePlace());
      closing.then(closed.resolve, closed.reject);
    } else {
      this.#becameIdle(entry);
    }
  }

  /** One who waits gets the place at once, and the failure too: the task that ended has succeeded. */
  #becameIdle(entry: Entry): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#idle.set(entry.path, entry);
    else this.#closeForPlace(entry).then(waiter.resolve, waiter.reject);
  }

  /** The descriptor is gone whatever this says (close(2)); the place is for the caller to give. */
  async #close(entry: Entry): Promise<void> {
    // A forgotten file may have a successor of the same name.
    if (this.#entries.get(entry.path) === entry) {
      this.#entries.delete(entry.path);
      this.#idle.delete(entry.path);
    }
    await (entry.handle as FileHandle).close();
  }
}
