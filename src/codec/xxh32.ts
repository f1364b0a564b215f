/**
 * XXH32 with seed 0, the checksum inside LZ4 frames (github.com/Cyan4973/xxHash,
 * doc/xxhash_spec.md). In steps, because the checksum of a frame's content is that of all its
 * blocks, and hashing 64 MiB in one go would hold up everybody else.
 */
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
/** Four lanes of four bytes. */
const STRIPE_BYTES = 16;

/** Of bytes that are all there. */
export function xxh32(bytes: Buffer): number {
  return new Xxh32().update(bytes).digest();
}

export class Xxh32 {
  #lane1 = (PRIME_1 + PRIME_2) | 0;
  #lane2 = PRIME_2 | 0;
  #lane3 = 0;
  #lane4 = -PRIME_1 | 0;
  #length = 0;
  /** The bytes since the last whole stripe. */
  readonly #pending = Buffer.alloc(STRIPE_BYTES);

  update(bytes: Buffer): this {
    const pendingBytes = this.#length % STRIPE_BYTES;
    this.#length += bytes.length;
    let at = 0;
    if (pendingBytes > 0) {
      at = bytes.copy(this.#pending, pendingBytes);
      if (pendingBytes + at < STRIPE_BYTES) return this;
      this.#stripes(this.#pending, 0, STRIPE_BYTES);
    }
    const end = bytes.length - ((bytes.length - at) % STRIPE_BYTES);
    this.#stripes(bytes, at, end);
    bytes.copy(this.#pending, 0, end);
    return this;
  }

  #stripes(bytes: Buffer, start: number, end: number): void {
    let lane1 = this.#lane1;
    let lane2 = this.#lane2;
    let lane3 = this.#lane3;
    let lane4 = this.#lane4;
    for (let at = start; at < end; at += STRIPE_BYTES) {
      lane1 = round(lane1, word(bytes, at));
      lane2 = round(lane2, word(bytes, at + 4));
      lane3 = round(lane3, word(bytes, at + 8));
      lane4 = round(lane4, word(bytes, at + 12));
    }
    this.#lane1 = lane1;
    this.#lane2 = lane2;
    this.#lane3 = lane3;
    this.#lane4 = lane4;
  }

  /** Unsigned. More may follow: the state stays as it is. */
  digest(): number {
    let hash = PRIME_5;
    if (this.#length >= STRIPE_BYTES) {
      hash = rotate(this.#lane1, 1) + rotate(this.#lane2, 7);
      hash += rotate(this.#lane3, 12) + rotate(this.#lane4, 18);
    }
    hash = (hash + this.#length) | 0;
    const pendingBytes = this.#length % STRIPE_BYTES;
    let at = 0;
    for (; at + 4 <= pendingBytes; at += 4) {
      hash = (hash + Math.imul(word(this.#pending, at), PRIME_3)) | 0;
      hash = Math.imul(rotate(hash, 17), PRIME_4);
    }
    for (; at < pendingBytes; at++) {
      hash = (hash + Math.imul(this.#pending[at] as number, PRIME_5)) | 0;
      hash = Math.imul(rotate(hash, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Buffer, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
