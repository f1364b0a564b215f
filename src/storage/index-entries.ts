/**
 * Index entries of one size, one behind the other in a buffer that grows: the memory of a sparse
 * index, in the very form of its file. What an entry says, and how it is found, is the index's own.
 */
import assert from 'node:assert/strict';

export class IndexEntries {
  readonly #entryBytes: number;
  #buffer: Buffer;
  #bytes: number;

  /** `stored` holds whole entries, checked by the caller, and now belongs to this. */
  constructor(entryBytes: number, stored: Buffer) {
    assert(stored.length % entryBytes === 0);
    this.#entryBytes = entryBytes;
    this.#buffer = stored;
    this.#bytes = stored.length;
  }

  /** Length of the file form. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#bytes / this.#entryBytes;
  }

  /** The file form. Never changed once given out: later entries land behind it. */
  get stored(): Buffer {
    return this.#buffer.subarray(0, this.#bytes);
  }

  /** To read entries from and to write a new one into; another one after the next `add`. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Makes room for one more entry and answers where it begins; the caller writes all of it. */
  add(): number {
    const at = this.#bytes;
    const end = at + this.#entryBytes;
    if (end > this.#buffer.length) {
      const bytes = Math.max(ENTRIES_AT_FIRST * this.#entryBytes, this.#buffer.length * 2);
      const grown = Buffer.allocUnsafe(bytes);
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    this.#bytes = end;
    return at;
  }
}

const ENTRIES_AT_FIRST = 16;
