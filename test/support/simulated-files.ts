/**
 * A disk in memory that can lose its power. Everything is drawn from one seed: how long calls
 * take, and what a power cut leaves of that which was not synced.
 *
 * - `crash()` is a power cut: synced bytes and synced names survive, everything else survives,
 *   is lost, torn or reordered as the seed has it.
 * - `kill()` is SIGKILL: what was written is still seen, and is still not durable.
 * - Both answer the disk as the next process finds it. Calls on the old one never return, as in
 *   a process that is gone.
 * - `loseUnsynced(path)` is what Linux does when a sync fails: the pages count as clean, reads
 *   still see them, further syncs succeed, and at the power cut they are gone.
 * - A full disk writes less than asked (no error), then ENOSPC; room comes back when a file is
 *   cut, or when it is removed and the last handle on it is closed.
 */
import type { DirectoryEntry, FileHandle, Files, OpenMode } from '../../src/storage/files.ts';
import { fileError } from './file-error.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimulatedDirectory } from './simulated-directory.ts';
import type { PowerCut, SimulatedNode } from './simulated-directory.ts';
import { SimulatedFile } from './simulated-file.ts';
import type { CrashStyle } from './simulated-file.ts';
import { SimulatedTree } from './simulated-tree.ts';

export interface SimulatedOptions {
  readonly seed: number;
  /** Sum of the sizes of all files. Default: no bound. */
  readonly capacityBytes?: number;
  /** What the drive writes whole or not at all. Default: drawn from the seed. */
  readonly sectorBytes?: 512 | 4096;
}

/** A write that was begun and is not yet seen. */
interface WriteUnderWay {
  readonly file: SimulatedFile;
  readonly bytes: Uint8Array;
  readonly position: number;
}

export class SimulatedFiles implements Files {
  capacityBytes: number;
  readonly #random: SeededRandom;
  readonly #sectorBytes: number;
  readonly #tree: SimulatedTree;
  readonly #writing = new Set<WriteUnderWay>();
  #usedBytes = 0;
  #openCount = 0;
  #isGone = false;

  constructor(options: SimulatedOptions, root = new SimulatedDirectory()) {
    this.#random = new SeededRandom(options.seed);
    this.#sectorBytes = options.sectorBytes ?? this.#random.pick([512, 4096]);
    this.capacityBytes = options.capacityBytes ?? Infinity;
    this.#tree = new SimulatedTree(root);
    for (const file of this.#tree.files()) {
      file.handleCount = 0;
      file.nameCount = 0;
    }
    for (const file of this.#tree.files()) {
      if (file.nameCount === 0) this.#usedBytes += file.size;
      file.nameCount += 1;
    }
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Handles not yet closed. */
  get openCount(): number {
    return this.#openCount;
  }

  crash(): SimulatedFiles {
    this.#end();
    const random = this.#random.fork();
    const style: CrashStyle | 'mixed' = random.pick(['nothing', 'everything', 'mixed', 'mixed']);
    const survival = new Map<symbol, boolean>();
    const cut: PowerCut = {
      survives: (operation) => {
        const known = survival.get(operation);
        const survives = known ?? (style === 'mixed' ? random.chance(0.5) : style === 'everything');
        survival.set(operation, survives);
        return survives;
      },
      afterwards: (file) => {
        const drawn = random.pick(['nothing', 'everything', 'first', 'scattered'] as const);
        return file.afterPowerCut(style === 'mixed' ? drawn : style, random);
      },
    };
    return this.#next(this.#tree.root.afterPowerCut(cut));
  }

  kill(): SimulatedFiles {
    this.#end();
    return this.#next(this.#tree.root);
  }

  loseUnsynced(path: string): void {
    this.#tree.node(path, 'fsync').loseUnsynced();
  }

  async open(path: string, mode: OpenMode): Promise<FileHandle> {
    await this.#turn();
    const [parent, name] = this.#tree.parent(path, 'open');
    if (mode === 'create') {
      if (parent.names.has(name)) throw fileError('EEXIST', 'open', path);
      this.#needRoom('open', path);
      const file = new SimulatedFile(this.#sectorBytes);
      file.nameCount = 1;
      parent.set(name, file, Symbol('create'));
    }
    const file = this.#tree.file(path, 'open');
    file.handleCount += 1;
    this.#openCount += 1;
    return this.#handle(file, path, mode);
  }

  async list(directory: string): Promise<readonly DirectoryEntry[]> {
    await this.#turn();
    return [...this.#tree.directory(directory, 'scandir').names]
      .map(([name, node]): DirectoryEntry => ({
        name,
        kind: node instanceof SimulatedDirectory ? 'directory' : 'file',
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async makeDir(directory: string): Promise<void> {
    await this.#turn();
    this.#tree.makeDirectories(directory, () => this.#needRoom('mkdir', directory));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#turn();
    const [fromParent, fromName] = this.#tree.parent(from, 'rename');
    const [toParent, toName] = this.#tree.parent(to, 'rename');
    const node = fromParent.names.get(fromName);
    if (node === undefined) throw fileError('ENOENT', 'rename', from);
    const replaced = toParent.names.get(toName);
    if (replaced === node) return;
    if (replaced instanceof SimulatedDirectory) throw fileError('EISDIR', 'rename', to);
    const operation = Symbol('rename');
    toParent.set(toName, node, operation);
    fromParent.set(fromName, undefined, operation);
    if (replaced !== undefined) this.#lostName(replaced);
  }

  async remove(path: string): Promise<void> {
    await this.#turn();
    const file = this.#tree.file(path, 'unlink');
    const [parent, name] = this.#tree.parent(path, 'unlink');
    parent.set(name, undefined, Symbol('remove'));
    this.#lostName(file);
  }

  async removeDir(directory: string): Promise<void> {
    await this.#turn();
    const [parent, name] = this.#tree.parent(directory, 'rm');
    const node = parent.names.get(name);
    if (node === undefined) return;
    this.#lostName(node);
    parent.set(name, undefined, Symbol('remove'));
  }

  async syncDir(directory: string): Promise<void> {
    const node = this.#tree.directory(directory, 'fsync');
    const covered = node.beginSync();
    await this.#turn(() => node.endSync(covered));
  }

  #handle(file: SimulatedFile, path: string, mode: OpenMode): FileHandle {
    let isOpen = true;
    const begin = (call: string, needs: 'read' | 'write' = 'read'): void => {
      const isAllowed = isOpen && (needs === 'read' || mode !== 'read');
      if (!isAllowed) throw fileError('EBADF', call, path);
    };
    return {
      read: async (into, position) => {
        begin('read');
        await this.#turn();
        return file.read(into, position);
      },
      write: async (chunks, position) => {
        begin('write', 'write');
        return this.#write({ file, bytes: Buffer.concat(chunks), position }, path);
      },
      truncate: async (bytes) => {
        begin('ftruncate', 'write');
        await this.#turn();
        this.#usedBytes += bytes - file.size;
        file.resize(bytes);
      },
      sync: async () => {
        begin('fdatasync');
        const covered = file.beginSync();
        await this.#turn(() => file.endSync(covered));
      },
      size: async () => {
        begin('fstat');
        await this.#turn();
        return file.size;
      },
      close: async () => {
        begin('close');
        isOpen = false;
        await this.#turn();
        this.#openCount -= 1;
        file.handleCount -= 1;
        this.#freeIfUnused(file);
      },
    };
  }

  async #write(write: WriteUnderWay, path: string): Promise<number> {
    this.#writing.add(write);
    await this.#turn();
    this.#writing.delete(write);
    const count = this.#roomFor(write);
    if (count === 0 && write.bytes.length > 0) throw fileError('ENOSPC', 'write', path);
    this.#see(write, count);
    return count;
  }

  /** How many of its bytes fit on the disk. */
  #roomFor({ file, bytes, position }: WriteUnderWay): number {
    const room = Math.max(0, this.capacityBytes - this.#usedBytes);
    return Math.max(0, Math.min(bytes.length, file.size + room - position));
  }

  #see({ file, bytes, position }: WriteUnderWay, count: number): void {
    const before = file.size;
    file.write(bytes.subarray(0, count), position);
    this.#usedBytes += file.size - before;
  }

  /** Names, too, need a little room. */
  #needRoom(call: string, path: string): void {
    if (this.#usedBytes >= this.capacityBytes) throw fileError('ENOSPC', call, path);
  }

  /** A directory's files lose theirs too, each on its own: some may come back without the others. */
  #lostName(node: SimulatedNode): void {
    if (node instanceof SimulatedFile) {
      node.nameCount -= 1;
      this.#freeIfUnused(node);
      return;
    }
    for (const [name, inner] of node.names) {
      this.#lostName(inner);
      node.set(name, undefined, Symbol('remove'));
    }
  }

  #freeIfUnused(file: SimulatedFile): void {
    if (file.nameCount === 0 && file.handleCount === 0) this.#usedBytes -= file.size;
  }

  /**
   * Most calls are over within the turn, some let the event loop go round first. What a call does
   * `atTheEnd` is done before a crash or not at all: between the two there is no tick.
   */
  async #turn(atTheEnd?: () => void): Promise<void> {
    if (this.#isGone) await never();
    if (this.#random.chance(0.25)) await new Promise((resolve) => setImmediate(resolve));
    else
      for (let ticks = this.#random.between(1, 3); ticks > 0; ticks -= 1) await Promise.resolve();
    if (this.#isGone) await never();
    atTheEnd?.();
  }

  /** Of what was being written, any first part may have been taken. */
  #end(): void {
    if (this.#isGone) throw new Error('this disk has ended before');
    this.#isGone = true;
    for (const write of this.#writing) {
      this.#see(write, this.#random.below(this.#roomFor(write) + 1));
    }
  }

  #next(root: SimulatedDirectory): SimulatedFiles {
    const seed = this.#random.below(4_294_967_296);
    const { capacityBytes } = this;
    return new SimulatedFiles(
      { seed, capacityBytes, sectorBytes: this.#sectorBytes as 512 | 4096 },
      root,
    );
  }
}

/** One of its own for each call, so that abandoned runs can be collected. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
