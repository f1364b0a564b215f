/**
 * Bytes at contracts are `Uint8Array`; inside they are `Buffer`. And Kafka's int64 fields, which
 * are JavaScript numbers here: exact within the safe integers, and nothing outside them.
 */
import assert from 'node:assert';

const TWO_32 = 4_294_967_296;

/** The same memory as a `Buffer`: never a copy, and the very object when it is one already. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The big-endian int64 at `at`. A value outside the safe integers is answered as NaN, so that no
 * rounded offset or timestamp ever passes for a real one: NaN fails every comparison, so callers
 * ask `value >= 0`, not `!(value < 0)`.
 */
export function readInt64(buffer: Buffer, at: number): number {
  const value = buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Mirror of `readInt64`; a value that is not a safe integer is a programmer's error. */
export function writeInt64(buffer: Buffer, value: number, at: number): void {
  assert(Number.isSafeInteger(value), `${value} is not a safe integer`);
  const high = Math.floor(value / TWO_32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * TWO_32, at + 4);
}
