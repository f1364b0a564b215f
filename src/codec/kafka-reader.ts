/**
 * Reads Kafka's primitive types one after the other, big-endian; `kafka-writer.ts` mirrors it. The
 * lengths before strings, bytes and arrays come in two forms, and the version of a message says
 * which one it uses:
 *
 *     boolean, int8            1 byte
 *     int16, int32, int64      2, 4, 8 bytes
 *     uuid                     16 bytes
 *                              plain                    flexible (KIP-482)
 *     string                   length int16, UTF-8      length + 1 unsigned varint, UTF-8
 *     bytes                    length int32, bytes      length + 1 unsigned varint, bytes
 *     array                    count int32, elements    count + 1 unsigned varint, elements
 *     null of these            -1                       0
 *     tags                     nothing                  count, then tag, size, so many bytes each:
 *                                                       unsigned varints
 *
 * Whatever the bytes are, a read answers or throws a `MillraceError` of the code given that names
 * the field. Every length and count is checked against the bytes left before anything is made of
 * it. Like Kafka's own reader it makes U+FFFD of what is not UTF-8.
 */
import type { ErrorCode, MillraceError } from '../model/errors.ts';
import { asBuffer, readInt64 } from './bytes.ts';
import { faultError } from './corrupt.ts';

/** A tag and a size of one byte each. */
const TAG_BYTES_MIN = 2;
const UUID_BYTES = 16;
/** Kafka's limit for both forms: what an int16 can say. */
const STRING_BYTES_MAX = 32_767;
/** Bits in front of the fifth and last byte of an unsigned varint, which has four left. */
const LAST_VARINT_SHIFT = 28;

export interface ArrayBounds {
  readonly field: string;
  /** What one element takes at the least: a count is held against the bytes left. */
  readonly elementBytesMin: number;
  /** Where objects are made of the elements, and their number must have an end. */
  readonly countMax?: number;
}

export class KafkaReader {
  /** Which form lengths have. Set as soon as the version is known. */
  isFlexible = false;
  readonly #bytes: Buffer;
  readonly #code: ErrorCode;
  #at = 0;
  #end: number;

  /** `code` is that of the errors: bytes of a request and bytes of a disk are different cases. */
  constructor(bytes: Uint8Array, code: ErrorCode) {
    this.#bytes = asBuffer(bytes);
    this.#code = code;
    this.#end = bytes.length;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Anything but 0 is true, as for Kafka. */
  readBoolean(field: string): boolean {
    return this.readInt8(field) !== 0;
  }

  readInt8(field: string): number {
    return this.#bytes.readInt8(this.#take(1, field));
  }

  readInt16(field: string): number {
    return this.#bytes.readInt16BE(this.#take(2, field));
  }

  readInt32(field: string): number {
    return this.#bytes.readInt32BE(this.#take(4, field));
  }

  /** Within the safe integers. */
  readInt64(field: string): number {
    const at = this.#take(8, field);
    const value = readInt64(this.#bytes, at);
    if (!Number.isNaN(value)) return value;
    const found = String(this.#bytes.readBigInt64BE(at));
    throw this.fault(field, 'an integer within +-(2^53 - 1)', found);
  }

  /** Lower-case with hyphens. */
  readUuid(field: string): string {
    const at = this.#take(UUID_BYTES, field);
    const hex = this.#bytes.toString('hex', at, this.#at);
    // Cut by hand: a log of commits has one in each of a million records.
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  readString(field: string): string {
    return this.readNullableString(field) ?? this.#neverNull(field);
  }

  readNullableString(field: string): string | null {
    const length = this.isFlexible ? this.#flexibleLength(field) : this.readInt16(field);
    const at = this.#takeLength(length, field);
    if (length === -1) return null;
    const text = this.#bytes.toString('utf8', at, this.#at);
    // What is read can be written again, in the plain form too: an invalid byte has become three.
    if (length * 3 > STRING_BYTES_MAX && Buffer.byteLength(text) > STRING_BYTES_MAX) {
      throw this.fault(field, `at most ${STRING_BYTES_MAX} bytes`, `${length} bytes`);
    }
    return text;
  }

  /** The same memory, not a copy. */
  readBytes(field: string): Buffer {
    return this.readNullableBytes(field) ?? this.#neverNull(field);
  }

  /** The same memory, not a copy. */
  readNullableBytes(field: string): Buffer | null {
    const length = this.isFlexible ? this.#flexibleLength(field) : this.readInt32(field);
    const at = this.#takeLength(length, field);
    return length === -1 ? null : this.#bytes.subarray(at, this.#at);
  }

  /** `read` is called for each element in turn. */
  readArray<T>(bounds: ArrayBounds, read: () => T): T[] {
    return this.#readElements(this.#arrayCount(bounds, 0), read);
  }

  readNullableArray<T>(bounds: ArrayBounds, read: () => T): T[] | null {
    const count = this.#arrayCount(bounds, -1);
    return count === -1 ? null : this.#readElements(count, read);
  }

  /** Calls `read` at the content of each tag, and goes on behind it whatever was read of it. */
  readTags(field: string, read: (tag: number) => void = () => {}): void {
    if (!this.isFlexible) return;
    const count = this.#unsignedVarint(field);
    const countMax = Math.floor(this.left / TAG_BYTES_MIN);
    if (count > countMax) {
      throw this.fault(field, `at most ${countMax} for the ${this.left} bytes left`, String(count));
    }
    const end = this.#end;
    for (let index = 0; index < count; index++) {
      const tag = this.#unsignedVarint(field);
      const size = this.#unsignedVarint(field);
      const at = this.#take(size, field);
      // Whatever is read of it must lie within it.
      this.#end = this.#at;
      this.#at = at;
      read(tag);
      this.#at = this.#end;
      this.#end = end;
    }
  }

  /** Passes over `count` bytes that are there but of no interest. */
  skip(count: number, field: string): void {
    this.#take(count, field);
  }

  /** For messages that nothing may follow. */
  readEnd(field: string): void {
    if (this.left > 0) throw this.fault(field, 'no bytes left over', `${this.left} left over`);
  }

  /** An error that says of a field what its reader found wrong with it, for the caller to throw. */
  fault(field: string, expected: string, found: string): MillraceError {
    return faultError(this.#code, { field, expected, found });
  }

  #arrayCount({ field, elementBytesMin, countMax }: ArrayBounds, countMin: -1 | 0): number {
    const count = this.isFlexible ? this.#flexibleLength(field) : this.readInt32(field);
    const fitting = Math.floor(this.left / elementBytesMin);
    if (count < countMin || count > fitting) {
      const expected = `${countMin} to ${fitting} elements for the ${this.left} bytes left`;
      throw this.fault(field, expected, String(count));
    }
    if (countMax === undefined || count <= countMax) return count;
    throw this.fault(field, `at most ${countMax} elements`, String(count));
  }

  #readElements<T>(count: number, read: () => T): T[] {
    const elements: T[] = [];
    for (let index = 0; index < count; index++) elements.push(read());
    return elements;
  }

  #neverNull(field: string): never {
    throw this.fault(field, 'a value', 'null');
  }

  /** -1 for null. */
  #flexibleLength(field: string): number {
    return this.#unsignedVarint(field) - 1;
  }

  #unsignedVarint(field: string): number {
    let value = 0;
    for (let shift = 0; shift <= LAST_VARINT_SHIFT; shift += 7) {
      const byte = this.#bytes[this.#take(1, field)] as number;
      if (shift === LAST_VARINT_SHIFT && byte > 15) break;
      // Not a shift: the last one would reach the sign of an int32.
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw this.fault(field, 'an unsigned varint of 32 bits', 'a longer one');
  }

  #takeLength(length: number, field: string): number {
    if (length >= -1) return this.#take(Math.max(length, 0), field);
    throw this.fault(field, 'a length of at least -1', String(length));
  }

  /** Moves over `count` bytes and answers where they begin. */
  #take(count: number, field: string): number {
    const at = this.#at;
    if (count > this.left) {
      throw this.fault(field, `${count} bytes`, `${this.left} bytes to the end`);
    }
    this.#at = at + count;
    return at;
  }
}
