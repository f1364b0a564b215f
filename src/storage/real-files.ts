/**
 * The real disk behind the `Files` contract, by node:fs with callbacks, which cost less than its
 * promises. Short writes are answered, not repeated: the caller decides what a full disk means.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DirectoryEntry, FileHandle, Files, OpenMode } from './files.ts';
import { hasErrorCode } from './files.ts';

const FLAGS: { readonly [mode in OpenMode]: string } = {
  read: 'r',
  'read-write': 'r+',
  create: 'wx+',
};

const REMOVALS_AT_ONCE = 32;

export const realFiles: Files = {
  async open(path, mode) {
    assertNotOwnerLock(path);
    return new RealFile(await call<number>((done) => fs.open(path, FLAGS[mode], done)));
  },

  /** Opens none of the files; what is no directory counts as a file. */
  async list(directory) {
    const entries = await call<fs.Dirent[]>((done) => {
      fs.readdir(directory, { withFileTypes: true }, done);
    });
    return entries
      .map((entry): DirectoryEntry => ({
        name: entry.name,
        kind: entry.isDirectory() ? 'directory' : 'file',
      }))
      .sort(byName);
  },

  async makeDir(directory) {
    await makeDirectory(directory);
  },

  async rename(from, to) {
    assertNotOwnerLock(from);
    assertNotOwnerLock(to);
    await call<void>((done) => fs.rename(from, to, done));
  },

  async remove(path) {
    assertNotOwnerLock(path);
    await call<void>((done) => fs.unlink(path, done));
  },

  async removeDir(directory) {
    assertNotOwnerLock(directory);
    // What cannot be listed is told by the last removal.
    const names = await call<string[]>((done) => fs.readdir(directory, done)).catch(() => []);
    // A few at a time: Node would begin with all of ten thousand partitions in one turn.
    for (let next = 0; next < names.length; next += REMOVALS_AT_ONCE) {
      const some = names.slice(next, next + REMOVALS_AT_ONCE);
      await Promise.all(some.map((name) => removeAll(join(directory, name))));
    }
    await removeAll(directory);
  },

  async syncDir(directory) {
    try {
      const descriptor = await call<number>((done) => fs.open(directory, 'r', done));
      try {
        await call<void>((done) => fs.fsync(descriptor, done));
      } finally {
        await call<void>((done) => fs.close(descriptor, done));
      }
    } catch (error) {
      if (!cannotSyncDirectories(error)) throw error;
    }
  },
};

/** By UTF-16 code units, like the simulated disks. */
function byName(a: DirectoryEntry, b: DirectoryEntry): number {
  return Number(a.name > b.name) - Number(a.name < b.name);
}

/** Not Node's own `recursive`, which never ends where a file system makes no directories (/proc). */
async function makeDirectory(directory: string, parentIsThere = false): Promise<void> {
  try {
    await call<void>((done) => fs.mkdir(directory, done));
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST') && (await isDirectory(directory))) return;
    const parent = dirname(directory);
    if (!hasErrorCode(error, 'ENOENT') || parentIsThere || parent === directory) throw error;
    await makeDirectory(parent);
    await makeDirectory(directory, true);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await call<fs.Stats>((done) => fs.stat(path, done))).isDirectory();
}

const WRITE_AT_ONCE_BYTES_MAX = 65_536;

class RealFile implements FileHandle {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const count = await this.#readOnce(into, done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  /**
   * Small writes are done at once: into the page cache they take some microseconds, a trip through
   * the thread pool and back takes longer, and every acknowledgement waits for it.
   */
  write(chunks: readonly Uint8Array[], position: number): Promise<number> {
    let bytes = 0;
    for (const chunk of chunks) bytes += chunk.length;
    if (bytes <= WRITE_AT_ONCE_BYTES_MAX) return this.#writeAtOnce(chunks, position);
    return call<number>((done) => {
      fs.writev(this.#descriptor, chunks, position, done);
    });
  }

  truncate(bytes: number): Promise<void> {
    return call<void>((done) => fs.ftruncate(this.#descriptor, bytes, done));
  }

  /** On macOS libuv makes this F_FULLFSYNC, since fdatasync alone stops at the drive's cache there. */
  sync(): Promise<void> {
    return call<void>((done) => fs.fdatasync(this.#descriptor, done));
  }

  async size(): Promise<number> {
    return (await call<fs.Stats>((done) => fs.fstat(this.#descriptor, done))).size;
  }

  close(): Promise<void> {
    return call<void>((done) => fs.close(this.#descriptor, done));
  }

  // An async function, so that what is thrown becomes a rejection.
  async #writeAtOnce(chunks: readonly Uint8Array[], position: number): Promise<number> {
    return fs.writevSync(this.#descriptor, chunks, position);
  }

  #readOnce(into: Uint8Array, offset: number, position: number): Promise<number> {
    return call<number>((done) => {
      fs.read(this.#descriptor, into, offset, into.length - offset, position, done);
    });
  }
}

/**
 * The owner lock is a POSIX lock of `owner.db`: the kernel drops it as soon as this process closes
 * any other descriptor of that file. So nothing here ever opens it.
 */
function assertNotOwnerLock(path: string): void {
  assert(basename(path) !== 'owner.db', 'owner.db must never be opened by anything but its lock');
}

/**
 * Windows opens no directories (EISDIR, EPERM); some network file systems refuse to sync one. Such
 * a system keeps its own order of names, and there is nothing more to ask of it.
 */
function removeAll(path: string): Promise<void> {
  return call<void>((done) => fs.rm(path, { recursive: true, force: true }, done));
}

function cannotSyncDirectories(error: unknown): boolean {
  return ['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].some((code) => hasErrorCode(error, code));
}

type Callback<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

function call<T>(begin: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    begin((error, value) => {
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}
