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
import {
  MSGPACK_NIL,
  msgpackArray,
  msgpackBinaryHead,
  msgpackInteger,
  msgpackMap,
  msgpackText,
} from './msgpack-text.ts';
import type { RecordHeader } from '../model/record.ts';
import type { RecordFormat, RecordPlace, RecordView } from './record-view.ts';

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
  return start === -1 ? MSGPACK_NIL : msgpackBinaryHead(end - start) + text.substring(start, end);
}

function headers(record: RecordView): string {
  const { headersStart, headerCount } = record.at;
  const all = readHeaders(record.bytes, headersStart, headerCount);
  return msgpackArray(all.length) + all.map(header).join('');
}

function header({ key, value }: RecordHeader): string {
  const stored =
    value === null
      ? MSGPACK_NIL
      : msgpackBinaryHead(value.length) + Buffer.from(value).toString('latin1');
  return msgpackMap(2) + KEY + msgpackText(key) + VALUE + stored;
}

const TIMESTAMP = msgpackText('timestamp');
const KEY = msgpackText('key');
const VALUE = msgpackText('value');
const HEADERS = msgpackText('headers');
const NO_HEADERS = msgpackArray(0);
