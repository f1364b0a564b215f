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

const ENTRY_BYTES = 8;

export interface IndexEntry {
  /** Where a batch starts. */
  readonly position: number;
  /** Of that batch; undefined for the segment's first one, which is known without an entry. */
  readonly lastOffset: number | undefined;
}

export class OffsetIndex {
  readonly #baseOffset: number;
  #buffer: Buffer;
  #bytes: number;

  /** `stored` holds whole entries, checked by the caller; the index takes it over. */
  constructor(baseOffset: number, stored: Buffer = Buffer.alloc(0)) {
    assert(stored.length % ENTRY_BYTES === 0);
    this.#baseOffset = baseOffset;
    this.#buffer = stored;
    this.#bytes = stored.length;
  }

  /** Length of the file form. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The file form. Never changed once given out: later entries land behind it. */
  get stored(): Buffer {
    return this.#buffer.subarray(0, this.#bytes);
  }

  /** Position of the last indexed batch, 0 without entries. */
  get lastPosition(): number {
    return this.#bytes === 0 ? 0 : this.#buffer.readUInt32BE(this.#bytes - 4);
  }

  append(lastOffset: number, position: number): void {
    const relative = lastOffset - this.#baseOffset;
    assert(relative >= 0 && relative <= INT32_MAX && position <= INT32_MAX);
    this.#buffer = withRoomFor(this.#buffer, this.#bytes, ENTRY_BYTES);
    this.#buffer.writeUInt32BE(relative, this.#bytes);
    this.#buffer.writeUInt32BE(position, this.#bytes + 4);
    this.#bytes += ENTRY_BYTES;
  }

  /** Where to begin looking for the batch that holds `offset`: the closest indexed one before it. */
  entryAtOrBefore(offset: number): IndexEntry {
    const relative = offset - this.#baseOffset;
    let low = 0;
    let high = this.#bytes / ENTRY_BYTES;
    // Finds the first entry whose last offset is above `offset`.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#buffer.readUInt32BE(middle * ENTRY_BYTES) > relative) high = middle;
      else low = middle + 1;
    }
    if (low === 0) return { position: 0, lastOffset: undefined };
    const at = (low - 1) * ENTRY_BYTES;
    return {
      position: this.#buffer.readUInt32BE(at + 4),
      lastOffset: this.#baseOffset + this.#buffer.readUInt32BE(at),
    };
  }
}

/** A buffer with `more` bytes free behind `used`: the same one, or a copy of twice the size. */
export function withRoomFor(buffer: Buffer, used: number, more: number): Buffer {
  if (used + more <= buffer.length) return buffer;
  const grown = Buffer.allocUnsafe(Math.max(16 * more, buffer.length * 2));
  buffer.copy(grown, 0, 0, used);
  return grown;
}
