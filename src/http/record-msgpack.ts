/**
 * Records as MessagePack: the shapes of the native JSON, keys and values as `bin`, so every byte
 * comes back as it is. Written by hand as byte text: the shape is fixed, and no object is made
 * for a record.
 *
 * A record is a map of seven:
 *
 *     87 "topic" str "partition" int "offset" int "timestamp" int "key" bin|nil "value" bin|nil
 *        "headers" [{"key": str, "value": bin|nil} ...]
 */
import { readHeaders } from '../codec/batch-reader.ts';
import type { RecordHeader } from '../model/record.ts';
import type { RecordFormat, RecordPlace, RecordView } from './record-view.ts';
import { byteText } from './record-view.ts';

const NIL = '\xc0';

export function msgpackRecords({ topic, partition }: RecordPlace): RecordFormat {
  const start =
    msgpackMap(7) +
    msgpackText('topic') +
    msgpackText(topic) +
    msgpackText('partition') +
    msgpackInteger(partition) +
    msgpackText('offset');
  const write = (record: RecordView): string => {
    const { at } = record;
    return (
      start +
      msgpackInteger(record.offset) +
      TIMESTAMP +
      msgpackInteger(record.timestamp) +
      KEY +
      bytes(record, at.keyStart, at.keyEnd) +
      VALUE +
      bytes(record, at.valueStart, at.valueEnd) +
      HEADERS +
      (at.headerCount === 0 ? NO_HEADERS : headers(record))
    );
  };
  // Stored bytes stand in `bin`, where anything may.
  return { write, writeChecked: undefined };
}

function bytes({ text }: RecordView, start: number, end: number): string {
  return start === -1 ? NIL : binaryHead(end - start) + text.substring(start, end);
}

function headers(record: RecordView): string {
  const { headersStart, headerCount } = record.at;
  const all = readHeaders(record.bytes, headersStart, headerCount);
  return msgpackArray(all.length) + all.map(header).join('');
}

function header({ key, value }: RecordHeader): string {
  const stored =
    value === null ? NIL : binaryHead(value.length) + Buffer.from(value).toString('latin1');
  return msgpackMap(2) + KEY + msgpackText(key) + VALUE + stored;
}

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

function binaryHead(length: number): string {
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

const TIMESTAMP = msgpackText('timestamp');
const KEY = msgpackText('key');
const VALUE = msgpackText('value');
const HEADERS = msgpackText('headers');
const NO_HEADERS = msgpackArray(0);
