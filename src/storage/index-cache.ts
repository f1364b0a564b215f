/** The indexes of closed segments that were used last, over all partitions, within one budget. */
import type { SegmentIndexes } from './segment.ts';

export class IndexCache {
  readonly #bytesMax: number;
  /** By path of the segment; in order of use. */
  readonly #entries = new Map<string, SegmentIndexes>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(path: string): SegmentIndexes | undefined {
    const found = this.#entries.get(path);
    if (found !== undefined) {
      this.#entries.delete(path);
      this.#entries.set(path, found);
    }
    return found;
  }

  /** Keeps at least the newest, however large. */
  set(path: string, indexes: SegmentIndexes): void {
    this.delete(path);
    this.#entries.set(path, indexes);
    this.#bytes += bytesOf(indexes);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === path) break;
      this.delete(oldest);
    }
  }

  delete(path: string): void {
    const found = this.#entries.get(path);
    if (found === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= bytesOf(found);
  }
}

/** An index of a closed segment does not grow, so this is the same at both ends. */
function bytesOf(indexes: SegmentIndexes): number {
  return indexes.offsets.bytes + indexes.times.bytes;
}
