/**
 * The sparse time index of one segment, in memory in the very form it has on disk.
 *
 *   entry, 12 bytes:  +0 int64   largest record timestamp of the segment so far, milliseconds
 *                     +8 uint32  last offset of the batch that holds it, minus the base offset
 *
 * Timestamps strictly rise: an entry is only added when the largest one has risen. It is added
 * together with an offset index entry, and once more when the segment is closed (Kafka's
 * LogSegment). A cache, like the offset index.
 */
import assert from 'node:assert/strict';
import { readInt64, writeInt64 } from '../codec/bytes.ts';
import { INT32_MAX } from '../model/limits.ts';
import { IndexEntries } from './index-entries.ts';

const ENTRY_BYTES = 12;

export class TimeIndex {
  readonly #baseOffset: number;
  readonly #entries: IndexEntries;

  /** `stored` holds whole entries, checked by the caller; the index takes it over. */
  constructor(baseOffset: number, stored: Buffer = Buffer.alloc(0)) {
    this.#baseOffset = baseOffset;
    this.#entries = new IndexEntries(ENTRY_BYTES, stored);
  }

  get bytes(): number {
    return this.#entries.bytes;
  }

  /** The file form. Never changed once given out. */
  get stored(): Buffer {
    return this.#entries.stored;
  }

  /** Adds an entry if `timestamp` is above the last one's. */
  appendIfLater(timestamp: number, lastOffset: number): void {
    const lastAt = this.#entries.bytes - ENTRY_BYTES;
    if (lastAt >= 0 && timestamp <= readInt64(this.#entries.buffer, lastAt)) return;
    const relative = lastOffset - this.#baseOffset;
    assert(relative >= 0 && relative <= INT32_MAX);
    const at = this.#entries.add();
    const { buffer } = this.#entries;
    writeInt64(buffer, timestamp, at);
    buffer.writeUInt32BE(relative, at + 8);
  }

  /**
   * An offset such that every record of the segment before it is older than `timestamp`: where
   * to begin looking for the first that is not.
   */
  offsetToSearchFrom(timestamp: number): number {
    const { buffer, count } = this.#entries;
    let low = 0;
    let high = count;
    // Finds the first entry at or above `timestamp`; the one before it is all older.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (readInt64(buffer, middle * ENTRY_BYTES) >= timestamp) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return this.#baseOffset;
    return this.#baseOffset + buffer.readUInt32BE((low - 1) * ENTRY_BYTES + 8);
  }
}
