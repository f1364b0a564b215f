/** A disk on which some syncs do nothing, of files or directories: to show that tests would notice. */
import type { FileHandle, Files, OpenMode } from '../../src/storage/files.ts';

export class UnsyncedFiles implements Files {
  readonly #inner: Files;
  readonly #isLeftOut: (path: string) => boolean;

  /** Default: the syncs of segments. */
  constructor(inner: Files, isLeftOut = (path: string) => path.endsWith('.log')) {
    this.#inner = inner;
    this.#isLeftOut = isLeftOut;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    const file = await this.#inner.open(path, mode);
    return {
      read: (into, position) => file.read(into, position),
      write: (chunks, position) => file.write(chunks, position),
      truncate: (bytes) => file.truncate(bytes),
      // This line is the experiment.
      sync: this.#isLeftOut(path) ? async () => {} : () => file.sync(),
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

  rename(from: string, to: string): Promise<void> {
    return this.#inner.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return this.#inner.remove(path);
  }

  removeDir(directory: string): Promise<void> {
    return this.#inner.removeDir(directory);
  }

  async syncDir(directory: string): Promise<void> {
    if (!this.#isLeftOut(directory)) await this.#inner.syncDir(directory);
  }
}
