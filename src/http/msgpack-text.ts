/**
 * MessagePack (github.com/msgpack/msgpack, spec.md) put together as byte text, a string with one
 * character per byte: for answers of a fixed shape with thousands of entries, where making a string
 * and turning it into bytes once (latin1) is several times as fast as an encoder and its objects.
 */
import { byteText } from './record-view.ts';

export const MSGPACK_NIL = '\xc0';
export const MSGPACK_TRUE = '\xc3';

/** An integer in its shortest form. */
export function msgpackInteger(value: number): string {
  if (value >= 0) {
    if (value < 0x80) return String.fromCharCode(value);
    if (value <= 0xff) return `\xcc${String.fromCharCode(value)}`;
    if (value <= 0xffff) return `\xcd${uint16(value)}`;
    if (value <= 0xffff_ffff) return `\xce${uint32(value)}`;
    return `\xcf${int64(value)}`;
  }
  return value >= -32 ? String.fromCharCode(value + 0x100) : `\xd3${int64(value)}`;
}

export function msgpackText(text: string): string {
  const utf8 = byteText(text);
  const { length } = utf8;
  if (length < 32) return String.fromCharCode(0xa0 | length) + utf8;
  if (length <= 0xff) return `\xd9${String.fromCharCode(length)}${utf8}`;
  if (length <= 0xffff) return `\xda${uint16(length)}${utf8}`;
  return `\xdb${uint32(length)}${utf8}`;
}

/** The head of an array; its `count` elements follow. */
export function msgpackArray(count: number): string {
  if (count < 16) return String.fromCharCode(0x90 | count);
  return count <= 0xffff ? `\xdc${uint16(count)}` : `\xdd${uint32(count)}`;
}

/** The head of a map of at most 15; its `count` pairs follow. */
export function msgpackMap(count: number): string {
  return String.fromCharCode(0x80 | count);
}

/** The head of a binary; its `length` bytes follow. */
export function msgpackBinaryHead(length: number): string {
  if (length <= 0xff) return `\xc4${String.fromCharCode(length)}`;
  return length <= 0xffff ? `\xc5${uint16(length)}` : `\xc6${uint32(length)}`;
}

function uint16(value: number): string {
  return String.fromCharCode(value >>> 8, value & 0xff);
}

function uint32(value: number): string {
  return String.fromCharCode(
    value >>> 24,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  );
}

function int64(value: number): string {
  const high = Math.floor(value / 0x1_0000_0000);
  return uint32(high >>> 0) + uint32(value - high * 0x1_0000_0000);
}
