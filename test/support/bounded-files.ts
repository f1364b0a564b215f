/**
 * A small disk in memory that takes no time and is never full, and that throws when it is asked for
 * more than the files on it can account for: a loop that does not end, a buffer that a damaged
 * length has made large.
 */
import { dirname } from 'node:path';
import type { DirectoryEntry, FileHandle, Files } from '../../src/storage/files.ts';
import { fileError } from './file-error.ts';

interface Node {
  content: Buffer;
}

export class BoundedFiles implements Files {
  /** Largest buffer that anything may ask to be filled. */
  readonly readBytesMax: number;
  readonly callsMax: number;
  #calls = 0;
  readonly #files = new Map<string, Node>();
  readonly #directories = new Set<string>(['/']);

  constructor(bounds: { readonly readBytesMax: number; readonly callsMax: number }) {
    this.readBytesMax = bounds.readBytesMax;
    this.callsMax = bounds.callsMax;
  }

  get callCount(): number {
    return this.#calls;
  }

  /** The contents of all files, by path. */
  get contents(): ReadonlyMap<string, Buffer> {
    return new Map([...this.#files].map(([path, { content }]) => [path, content]));
  }

  put(path: string, content: Uint8Array): void {
    this.#makeDirectories(dirname(path));
    this.#files.set(path, { content: Buffer.from(content) });
  }

  async open(path: string, mode: 'read' | 'read-write' | 'create'): Promise<FileHandle> {
    this.#count();
    let node = this.#files.get(path);
    if (mode === 'create') {
      if (node !== undefined) throw fileError('EEXIST', 'open', path);
      node = { content: Buffer.alloc(0) };
      this.#files.set(path, node);
    }
    if (node === undefined) throw fileError('ENOENT', 'open', path);
    return this.#handle(node);
  }

  async list(directory: string): Promise<readonly DirectoryEntry[]> {
    this.#count();
    if (!this.#directories.has(directory)) throw fileError('ENOENT', 'scandir', directory);
    const entries: DirectoryEntry[] = [];
    for (const [paths, kind] of [
      [this.#files.keys(), 'file'],
      [this.#directories, 'directory'],
    ] as const) {
      for (const path of paths) {
        if (path !== '/' && dirname(path) === directory) {
          entries.push({ name: path.slice(path.lastIndexOf('/') + 1), kind });
        }
      }
    }
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async makeDir(directory: string): Promise<void> {
    this.#count();
    this.#makeDirectories(directory);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#count();
    const isDirectory = this.#directories.delete(from);
    if (isDirectory) this.#makeDirectories(to);
    for (const [path, node] of this.#files) {
      if (path !== from && !(isDirectory && path.startsWith(`${from}/`))) continue;
      this.#files.delete(path);
      this.#files.set(to + path.slice(from.length), node);
      if (!isDirectory) return;
    }
    if (!isDirectory) throw fileError('ENOENT', 'rename', from);
  }

  async remove(path: string): Promise<void> {
    this.#count();
    if (!this.#files.delete(path)) throw fileError('ENOENT', 'unlink', path);
  }

  async removeDir(directory: string): Promise<void> {
    this.#count();
    for (const path of [...this.#files.keys(), ...this.#directories]) {
      if (path !== directory && !path.startsWith(`${directory}/`)) continue;
      this.#files.delete(path);
      this.#directories.delete(path);
    }
  }

  async syncDir(): Promise<void> {
    this.#count();
  }

  #makeDirectories(directory: string): void {
    for (let path = directory; path !== '/'; path = dirname(path)) this.#directories.add(path);
  }

  #count(): void {
    this.#calls += 1;
    if (this.#calls > this.callsMax)
      throw new Error(`over ${this.callsMax} calls: an endless loop?`);
  }

  #handle(node: Node): FileHandle {
    return {
      read: async (into, position) => {
        this.#count();
        // Of a large buffer often only a part is asked for. Small ones share one with others.
        const { byteLength } = into.buffer;
        if (byteLength > Math.max(this.readBytesMax, 131_072)) {
          throw new Error(`${byteLength} bytes were allocated`);
        }
        return node.content.copy(into, 0, position, position + into.length);
      },
      write: async (chunks, position) => {
        this.#count();
        const bytes = Buffer.concat(chunks);
        const end = position + bytes.length;
        if (end > node.content.length) {
          node.content = Buffer.concat([node.content, Buffer.alloc(end - node.content.length)]);
        }
        bytes.copy(node.content, position);
        return bytes.length;
      },
      truncate: async (bytes) => {
        this.#count();
        const cut = Buffer.alloc(bytes);
        node.content.copy(cut);
        node.content = cut;
      },
      sync: async () => this.#count(),
      size: async () => {
        this.#count();
        return node.content.length;
      },
      close: async () => this.#count(),
    };
  }
}
