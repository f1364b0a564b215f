/**
 * The sparse offset index of one segment, in memory in the very form it has on disk.
 *
 *   entry, 8 bytes:  +0 uint32  last offset of a batch, minus the segment's base offset
 *                    +4 uint32  position in the .log file where that batch starts
 *
 * Entries rise in both fields. One is added for the first batch that begins more than 4,096 bytes
 * behind the last indexed one (Kafka's LogSegment.append). A cache: anything doubtful is rebuilt
 * from the segment.
 */
import assert from 'node:assert/strict';
import { INT32_MAX } from '../model/limits.ts';
import { IndexEntries } from './index-entries.ts';

const ENTRY_BYTES = 8;

export interface IndexEntry {
  /** Where a batch starts. */
  readonly position: number;
  /** Of that batch; undefined for the segment's first one, which is known without an entry. */
  readonly lastOffset: number | undefined;
}

export class OffsetIndex {
  readonly #baseOffset: number;
  readonly #entries: IndexEntries;

  /** `stored` holds whole entries, checked by the caller; the index takes it over. */
  constructor(baseOffset: number, stored: Buffer = Buffer.alloc(0)) {
    this.#baseOffset = baseOffset;
    this.#entries = new IndexEntries(ENTRY_BYTES, stored);
  }

  /** Length of the file form. */
  get bytes(): number {
    return this.#entries.bytes;
  }

  /** The file form. Never changed once given out: later entries land behind it. */
  get stored(): Buffer {
    return this.#entries.stored;
  }

  /** Position of the last indexed batch, 0 without entries. */
  get lastPosition(): number {
    const { bytes, buffer } = this.#entries;
    return bytes === 0 ? 0 : buffer.readUInt32BE(bytes - 4);
  }

  append(lastOffset: number, position: number): void {
    const relative = lastOffset - this.#baseOffset;
    assert(relative >= 0 && relative <= INT32_MAX && position <= INT32_MAX);
    const at = this.#entries.add();
    const { buffer } = this.#entries;
    buffer.writeUInt32BE(relative, at);
    buffer.writeUInt32BE(position, at + 4);
  }

  /** Where to begin looking for the batch that holds `offset`: the closest indexed one before it. */
  entryAtOrBefore(offset: number): IndexEntry {
    const relative = offset - this.#baseOffset;
    const { buffer, count } = this.#entries;
    let low = 0;
    let high = count;
    // Finds the first entry whose last offset is above `offset`.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (buffer.readUInt32BE(middle * ENTRY_BYTES) > relative) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return { position: 0, lastOffset: undefined };
    const at = (low - 1) * ENTRY_BYTES;
    return {
      position: buffer.readUInt32BE(at + 4),
      lastOffset: this.#baseOffset + buffer.readUInt32BE(at),
    };
  }
}
