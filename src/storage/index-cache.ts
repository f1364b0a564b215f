/** The indexes of closed segments that were used last, over all partitions, within one budget. */
import type { SegmentIndexes } from './segment.ts';

/** What an entry costs beside its index entries: most small segments have next to none. */
export const ENTRY_OVERHEAD_BYTES = 512;

export class IndexCache {
  readonly #bytesMax: number;
  /** By path of the segment; in order of use. */
  readonly #entries = new Map<string, SegmentIndexes>();
  /** Being loaded, shared by all who ask meanwhile. */
  readonly #loading = new Map<string, Promise<SegmentIndexes>>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What it holds, overhead included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The indexes of a segment, by `load` when they are not here: once, however many ask. */
  async get(path: string, load: () => Promise<SegmentIndexes>): Promise<SegmentIndexes> {
    const found = this.#entries.get(path);
    if (found !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, found);
      return found;
    }
    const underWay = this.#loading.get(path);
    if (underWay !== undefined) return underWay;
    const loading = load();
    this.#loading.set(path, loading);
    try {
      const loaded = await loading;
      // `delete` was faster when it is not there any more.
      if (this.#loading.get(path) === loading) this.set(path, loaded);
      return loaded;
    } finally {
      if (this.#loading.get(path) === loading) this.#loading.delete(path);
    }
  }

  /** Keeps at least the newest, however large. */
  set(path: string, indexes: SegmentIndexes): void {
    this.delete(path);
    this.#entries.set(path, indexes);
    this.#bytes += costOf(indexes);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === path) break;
      this.#drop(oldest);
    }
  }

  delete(path: string): void {
    this.#loading.delete(path);
    this.#drop(path);
  }

  #drop(path: string): void {
    const found = this.#entries.get(path);
    if (found === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= costOf(found);
  }
}

/** An index of a closed segment does not grow, so this is the same at both ends. */
function costOf(indexes: SegmentIndexes): number {
  return ENTRY_OVERHEAD_BYTES + indexes.offsets.bytes + indexes.times.bytes;
}
