/** A disk whose calls can be stopped half way, so that a test decides what happens meanwhile. */
import type { FileHandle, Files, OpenMode } from '../../src/storage/files.ts';

type HeldName = 'write' | 'sync' | 'read' | 'rename' | 'syncDir' | 'create' | 'remove';

interface Hold {
  readonly name: HeldName;
  readonly pathPart: string;
  readonly reached: PromiseWithResolvers<void>;
  readonly released: PromiseWithResolvers<void>;
}

export interface HeldCall {
  /** Resolves when the call is made and waits. */
  readonly reached: Promise<void>;
  release(): void;
}

export class HeldFiles implements Files {
  readonly #inner: Files;
  readonly #holds: Hold[] = [];

  constructor(inner: Files) {
    this.#inner = inner;
  }

  /** Stops the next such call on a path that ends so. */
  hold(name: HeldName, pathPart: string): HeldCall {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#holds.push({ name, pathPart, reached, released });
    return { reached: reached.promise, release: () => released.resolve() };
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    if (mode === 'create') await this.#pass('create', path);
    const file = await this.#inner.open(path, mode);
    return {
      read: async (into, position) => {
        await this.#pass('read', path);
        return file.read(into, position);
      },
      write: async (chunks, position) => {
        await this.#pass('write', path);
        return file.write(chunks, position);
      },
      sync: async () => {
        await this.#pass('sync', path);
        await file.sync();
      },
      truncate: (bytes) => file.truncate(bytes),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  list(directory: string): ReturnType<Files['list']> {
    return this.#inner.list(directory);
  }

  makeDir(directory: string): Promise<void> {
    return this.#inner.makeDir(directory);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#pass('rename', to);
    await this.#inner.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    await this.#pass('remove', path);
    await this.#inner.remove(path);
  }

  removeDir(directory: string): Promise<void> {
    return this.#inner.removeDir(directory);
  }

  async syncDir(directory: string): Promise<void> {
    await this.#pass('syncDir', directory);
    await this.#inner.syncDir(directory);
  }

  async #pass(name: HeldName, path: string): Promise<void> {
    const at = this.#holds.findIndex((each) => each.name === name && path.endsWith(each.pathPart));
    if (at === -1) return;
    const [hold] = this.#holds.splice(at, 1) as [Hold];
    hold.reached.resolve();
    await hold.released.promise;
  }
}

/** Lets everything run that is not held: more turns of the event loop than any call takes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
