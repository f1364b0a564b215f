/**
 * Kafka's variable-length integers: zig-zag (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), then seven
 * bits a byte, lowest first, the high bit saying that more follow. An int32 takes 1 to 5 bytes
 * ("varint"), an int64 1 to 10 ("varlong").
 *
 *     1 byte    -64 ... 63
 *     2 bytes   -8,192 ... 8,191
 *     3 bytes   -1,048,576 ... 1,048,575
 *
 * Values are JavaScript numbers within the safe integers. Reading checks the end of the bytes and
 * of the type; like Kafka it accepts padding (`80 00` is 0) within that length.
 */
import assert from 'node:assert';
import { corrupt } from './corrupt.ts';

/** Bytes that `writeVarint` takes for `value`. */
export function varintBytes(value: number): number {
  if (value >= -64 && value < 64) return 1;
  if (value >= -8_192 && value < 8_192) return 2;
  let rest = magnitude(value) / 8_192;
  let count = 2;
  for (; rest >= 1; rest /= 128) count++;
  return count;
}

/** Writes `value` at `at`, where `varintBytes(value)` bytes must be free; answers the position behind. */
export function writeVarint(buffer: Buffer, value: number, at: number): number {
  if (value >= -64 && value < 64) {
    buffer[at] = (value << 1) ^ (value >> 31);
    return at + 1;
  }
  if ((value | 0) === value) {
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest >= 128; rest >>>= 7) buffer[at++] = rest | 128;
    buffer[at] = rest;
    return at + 1;
  }
  // Twice a safe integer may not be one, so the sign goes into the first byte by itself.
  let rest = magnitude(value);
  buffer[at++] = ((rest % 64) << 1) | (value < 0 ? 1 : 0) | 128;
  for (rest = Math.floor(rest / 64); rest >= 128; rest = Math.floor(rest / 128)) {
    buffer[at++] = (rest % 128) | 128;
  }
  buffer[at] = rest;
  return at + 1;
}

/** Half of the zig-zag form: 0, 0, 1, 1, 2 ... for 0, -1, 1, -2, 2 ... */
function magnitude(value: number): number {
  assert(Number.isSafeInteger(value), `${value} is not a safe integer`);
  return value < 0 ? -value - 1 : value;
}

/**
 * A position that moves through bytes and never past `end`. Every method throws CORRUPT_MESSAGE
 * naming the field when what it is asked for is not there.
 */
export class VarintCursor {
  readonly bytes: Buffer;
  at: number;
  end: number;

  /** Reads `bytes` from `at` up to `end`, which must lie within. */
  constructor(bytes: Buffer, at: number, end: number) {
    assert(at >= 0 && at <= end && end <= bytes.length);
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** An int32. */
  varint(field: string): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.byte(field);
      // The fifth byte holds the last four bits of an int32.
      if (shift === 28 && byte > 15) break;
      value |= (byte & 127) << shift;
      if (byte < 128) return (value >>> 1) ^ -(value & 1);
    }
    throw corrupt({ field, expected: 'a varint of 32 bits', found: 'a longer one' });
  }

  /** An int64 within the safe integers. */
  varlong(field: string): number {
    const first = this.byte(field);
    if (first < 128) return (first >>> 1) ^ -(first & 1);
    let half = (first & 127) >>> 1;
    let scale = 64;
    for (let count = 2; count <= 10; count++) {
      const byte = this.byte(field);
      half += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) {
        const value = (first & 1) === 0 ? half : -half - 1;
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw corrupt({ field, expected: 'a varlong within +-(2^53 - 1)', found: 'one outside' });
  }

  byte(field: string): number {
    if (this.at >= this.end) {
      throw corrupt({ field, expected: 'at least 1 more byte', found: `the end at ${this.end}` });
    }
    return this.bytes[this.at++] as number;
  }

  /** Moves over `count` bytes and answers where they begin. */
  skip(count: number, field: string): number {
    const start = this.at;
    if (!(count >= 0 && count <= this.end - start)) {
      const left = this.end - start;
      throw corrupt({ field, expected: `0 to ${left} bytes`, found: `${count} bytes` });
    }
    this.at = start + count;
    return start;
  }
}
