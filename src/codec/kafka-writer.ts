/**
 * Writes Kafka's primitive types one after the other: the mirror of `kafka-reader.ts`, which draws
 * them. A value that does not fit its type is a mistake of the caller, who checks what comes from
 * outside.
 */
import assert from 'node:assert';
import { writeInt64 } from './bytes.ts';

const INT16_MAX = 32_767;
const UUID_BYTES = 16;
/** Most messages fit; a longer one doubles it. */
const BYTES_AT_FIRST = 256;
/** Bytes so few are copied sooner than they are handed to a socket by themselves. */
const COPIED_BYTES_MAX = 4_096;

export interface TaggedBytes {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

export class KafkaWriter {
  /** Which form lengths have. Set as soon as the version is written. */
  isFlexible = false;
  /** What is written and stays where it is. */
  readonly #parts: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(BYTES_AT_FIRST);
  #at = 0;

  /** All so far; the memory is the writer's, which is to write no more. */
  written(): Buffer {
    assert(this.#parts.length === 0, 'it is in several parts');
    return this.#buffer.subarray(0, this.#at);
  }

  /** The same in the parts that it is made of, at least one. */
  writtenParts(): readonly Buffer[] {
    return [...this.#parts, this.#buffer.subarray(0, this.#at)];
  }

  writeBoolean(value: boolean): void {
    this.#byte(value ? 1 : 0);
  }

  writeInt8(value: number): void {
    assert((value << 24) >> 24 === value, `${value} is not an int8`);
    this.#byte(value & 255);
  }

  writeInt16(value: number): void {
    assert((value << 16) >> 16 === value, `${value} is not an int16`);
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
  }

  writeInt32(value: number): void {
    assert((value | 0) === value, `${value} is not an int32`);
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
  }

  writeInt64(value: number): void {
    const at = this.#room(8);
    writeInt64(this.#buffer, value, at);
  }

  /** Hexadecimal digits with hyphens. */
  writeUuid(value: string): void {
    const bytes = Buffer.from(value.replaceAll('-', ''), 'hex');
    assert(bytes.length === UUID_BYTES, `${value} is not a UUID`);
    this.#bytes(bytes);
  }

  writeString(value: string): void {
    this.writeNullableString(value);
  }

  writeNullableString(value: string | null): void {
    const length = value === null ? -1 : Buffer.byteLength(value);
    assert(length <= INT16_MAX, `a string of ${length} bytes, and ${INT16_MAX} are allowed`);
    if (this.isFlexible) this.#unsignedVarint(length + 1);
    else this.writeInt16(length);
    if (value === null) return;
    const at = this.#room(length);
    this.#buffer.write(value, at, 'utf8');
  }

  writeBytes(value: Uint8Array): void {
    this.writeNullableBytes(value);
  }

  writeNullableBytes(value: Uint8Array | null): void {
    this.#length(value === null ? -1 : value.length);
    if (value !== null) this.#bytes(value);
  }

  /** Bytes in several pieces, which are not copied when they are large: they must stay as they are. */
  writeSharedBytes(pieces: readonly Buffer[]): void {
    this.#length(pieces.reduce((sum, piece) => sum + piece.length, 0));
    for (const piece of pieces) {
      if (piece.length <= COPIED_BYTES_MAX) {
        this.#bytes(piece);
        continue;
      }
      this.#parts.push(this.#buffer.subarray(0, this.#at), piece);
      this.#buffer = this.#buffer.subarray(this.#at);
      this.#at = 0;
    }
  }

  /** `write` is called for each element in turn. */
  writeArray<T>(elements: readonly T[], write: (element: T) => void): void {
    this.#length(elements.length);
    for (const element of elements) write(element);
  }

  writeNullableArray<T>(elements: readonly T[] | null, write: (element: T) => void): void {
    if (elements === null) this.#length(-1);
    else this.writeArray(elements, write);
  }

  /** By tag, ascending. */
  writeTags(tags: readonly TaggedBytes[] = []): void {
    if (!this.isFlexible) return;
    this.#unsignedVarint(tags.length);
    for (const { tag, bytes } of tags) {
      this.#unsignedVarint(tag);
      this.#unsignedVarint(bytes.length);
      this.#bytes(bytes);
    }
  }

  #length(length: number): void {
    if (this.isFlexible) this.#unsignedVarint(length + 1);
    else this.writeInt32(length);
  }

  #unsignedVarint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest >>>= 7) this.#byte((rest & 127) | 128);
    this.#byte(rest);
  }

  #byte(value: number): void {
    const at = this.#room(1);
    this.#buffer[at] = value;
  }

  #bytes(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Makes room for `count` bytes and answers where they begin; `#buffer` may be another then. */
  #room(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#at, 2 * this.#buffer.length));
      this.#buffer.copy(grown, 0, 0, at);
      this.#buffer = grown;
    }
    return at;
  }
}
