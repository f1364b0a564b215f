/** The bytes of a file in memory: written anywhere, zero where nobody wrote. */
export class GrowingBytes {
  #buffer: Buffer;
  #size = 0;

  constructor(copied?: GrowingBytes) {
    this.#buffer = copied === undefined ? Buffer.alloc(0) : Buffer.from(copied.bytes);
    this.#size = this.#buffer.length;
  }

  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#size);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#size) this.resize(end);
    this.#buffer.set(bytes, position);
  }

  /** Cuts, or grows with zeros. */
  resize(size: number): void {
    if (size > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(size, 2 * this.#buffer.length));
      grown.set(this.bytes);
      this.#buffer = grown;
    } else if (size < this.#size) {
      this.#buffer.fill(0, size, this.#size);
    }
    this.#size = size;
  }
}
