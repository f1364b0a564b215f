/**
 * Counts the calls that reach a `Files` and spoils one of them, or all from one on. A test fails
 * the first call, the second, ... until a run passes untouched: then every place was tried.
 *
 * - EIO fails any call. A write has then written its first half, a close has closed.
 * - ENOSPC fails what needs room: create, makeDir, rename, write, sync, syncDir.
 * - EROFS fails what changes something, as on a file system that has stopped: see README.md of the
 *   storage engine for when they do.
 * - EMFILE fails what takes a descriptor: open, create, list, syncDir.
 * - `short-write` writes the first half and answers so.
 * - `hang` never returns, and no call after it does: the moment to `crash()` a simulated disk.
 *
 * Only calls that the fault could spoil are counted.
 */
import type { FileHandle, Files, OpenMode } from '../../src/storage/files.ts';
import { fileError } from './file-error.ts';

export type FileCallName =
  | 'open'
  | 'create'
  | 'list'
  | 'makeDir'
  | 'rename'
  | 'remove'
  | 'removeDir'
  | 'syncDir'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'size'
  | 'close';

export interface FileCall {
  readonly name: FileCallName;
  /** For rename, the old name. */
  readonly path: string;
}

export interface Fault {
  readonly kind: 'EIO' | 'ENOSPC' | 'EROFS' | 'EMFILE' | 'short-write' | 'hang';
  /** 1 = the next call that it could spoil. */
  readonly at: number;
  /** From that call on, all of them. Default: that one only. `hang` always lasts. */
  readonly lasts?: boolean;
  /** Narrows which calls are counted and spoiled. */
  readonly only?: (call: FileCall) => boolean;
  /** Told of each call before it is spoiled, for instance to `loseUnsynced` at a failed sync. */
  readonly onFault?: (call: FileCall) => void;
}

const NEEDS_ROOM: readonly FileCallName[] = [
  'create',
  'makeDir',
  'rename',
  'write',
  'sync',
  'syncDir',
];

const CHANGES: readonly FileCallName[] = [...NEEDS_ROOM, 'remove', 'removeDir', 'truncate'];

const NEEDS_DESCRIPTOR: readonly FileCallName[] = ['open', 'create', 'list', 'syncDir'];

export class FaultyFiles implements Files {
  readonly #inner: Files;
  #fault: Fault | undefined;
  #counted = 0;
  #spoiled = 0;
  #recorded: FileCall[] | undefined;
  readonly #hanging = Promise.withResolvers<void>();

  constructor(inner: Files, fault?: Fault) {
    this.#inner = inner;
    this.#fault = fault;
  }

  /** Calls that the fault could have spoiled; without a fault, all calls. */
  get callCount(): number {
    return this.#counted;
  }

  get spoiledCount(): number {
    return this.#spoiled;
  }

  /** Resolves when a call hangs. */
  get hanging(): Promise<void> {
    return this.#hanging.promise;
  }

  /** Counts anew; without a fault everything is well again. */
  setFault(fault: Fault | undefined): void {
    this.#fault = fault;
    this.#counted = 0;
    this.#spoiled = 0;
  }

  /** The list grows with every call from now on. */
  record(): readonly FileCall[] {
    this.#recorded = [];
    return this.#recorded;
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    await this.#spoil({ name: mode === 'create' ? 'create' : 'open', path });
    return this.#handle(await this.#inner.open(path, mode), path);
  }

  async list(directory: string): ReturnType<Files['list']> {
    await this.#spoil({ name: 'list', path: directory });
    return this.#inner.list(directory);
  }

  async makeDir(directory: string): Promise<void> {
    await this.#spoil({ name: 'makeDir', path: directory });
    await this.#inner.makeDir(directory);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#spoil({ name: 'rename', path: from });
    await this.#inner.rename(from, to);
  }

  async remove(path: string): Promise<void> {
    await this.#spoil({ name: 'remove', path });
    await this.#inner.remove(path);
  }

  async removeDir(directory: string): Promise<void> {
    await this.#spoil({ name: 'removeDir', path: directory });
    await this.#inner.removeDir(directory);
  }

  async syncDir(directory: string): Promise<void> {
    await this.#spoil({ name: 'syncDir', path: directory });
    await this.#inner.syncDir(directory);
  }

  #handle(file: FileHandle, path: string): FileHandle {
    return {
      read: async (into, position) => {
        await this.#spoil({ name: 'read', path });
        return file.read(into, position);
      },
      write: (chunks, position) => this.#write(file, path, { chunks, position }),
      truncate: async (bytes) => {
        await this.#spoil({ name: 'truncate', path });
        await file.truncate(bytes);
      },
      sync: async () => {
        await this.#spoil({ name: 'sync', path });
        await file.sync();
      },
      size: async () => {
        await this.#spoil({ name: 'size', path });
        return file.size();
      },
      close: async () => {
        const fault = await this.#meet({ name: 'close', path });
        await file.close();
        if (fault !== undefined) throw fileError(fault, 'close', path);
      },
    };
  }

  async #write(
    file: FileHandle,
    path: string,
    given: { readonly chunks: readonly Uint8Array[]; readonly position: number },
  ): Promise<number> {
    const isEmpty = given.chunks.every(({ length }) => length === 0);
    const cannotBeShort = isEmpty && this.#fault?.kind === 'short-write';
    const fault = cannotBeShort ? undefined : await this.#meet({ name: 'write', path });
    if (fault === undefined) return file.write(given.chunks, given.position);
    if (fault === 'ENOSPC' || fault === 'EROFS') throw fileError(fault, 'write', path);
    const bytes = Buffer.concat(given.chunks);
    const count = await file.write([bytes.subarray(0, bytes.length >> 1)], given.position);
    if (fault === 'short-write') return count;
    throw fileError(fault, 'write', path);
  }

  async #spoil(call: FileCall): Promise<void> {
    const fault = await this.#meet(call);
    if (fault !== undefined) throw fileError(fault, call.name, call.path);
  }

  /** What is to become of a call: undefined when nothing. Never returns for one that hangs. */
  async #meet(call: FileCall): Promise<Exclude<Fault['kind'], 'hang'> | undefined> {
    this.#recorded?.push(call);
    const fault = this.#fault;
    if (fault !== undefined && !couldSpoil(fault, call)) return undefined;
    this.#counted += 1;
    if (fault === undefined || this.#counted < fault.at) return undefined;
    const lasts = fault.lasts === true || fault.kind === 'hang';
    if (this.#counted > fault.at && !lasts) return undefined;
    this.#spoiled += 1;
    fault.onFault?.(call);
    if (fault.kind !== 'hang') return fault.kind;
    this.#hanging.resolve();
    return new Promise(() => undefined);
  }
}

function couldSpoil(fault: Fault, call: FileCall): boolean {
  if (fault.only?.(call) === false) return false;
  switch (fault.kind) {
    case 'EIO':
    case 'hang':
      return true;
    case 'ENOSPC':
      return NEEDS_ROOM.includes(call.name);
    case 'EROFS':
      return CHANGES.includes(call.name);
    case 'EMFILE':
      return NEEDS_DESCRIPTOR.includes(call.name);
    case 'short-write':
      return call.name === 'write';
  }
}
