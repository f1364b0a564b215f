/**
 * Stored bytes as members of a JSON answer. Any Kafka client may have stored them, so they must
 * not be able to forge the answer's structure: a key or text is escaped, and a value is copied as
 * it stands only after `JSON.parse` of exactly its bytes has passed. What does
 * not fit comes as base64 under another name.
 *
 * Everything here is byte text; `checked` says whether each text is proved to be UTF-8 here, or
 * the whole chunk afterwards (`record-chunks.ts`).
 */
import { isUtf8 } from 'node:buffer';
import { readHeaders } from '../codec/batch-reader.ts';
import type { RecordHeader } from '../model/record.ts';
import { isJson } from './record-json-proof.ts';
import type { RecordView } from './record-view.ts';
import { byteText } from './record-view.ts';

/** Makes a member of what stands at `[start, end)` of a record's batch; a start of -1 is null. */
export type WriteMember = (record: RecordView, start: number, end: number) => string;

type MakeMember = (name: 'key' | 'value', checked: boolean) => WriteMember;

/** `"key":"..."`, `"key":null`, or `"key_base64":"..."` for what is not UTF-8. */
export const textMember: MakeMember = (name, checked) => {
  const prefix = `"${name}":`;
  const inBase64 = base64Member(name);
  return (record, start, end) => {
    if (start === -1) return `${prefix}null`;
    if (checked && !isUtf8(record.bytes.subarray(start, end))) return inBase64(record, start, end);
    // JSON.stringify leaves the characters from 0x80 to 0xff as they are: it stays byte text.
    return prefix + JSON.stringify(record.text.substring(start, end));
  };
};

/** `"value":<the JSON as it was stored>`, or `"value_base64":"..."` for what is no JSON. */
export const jsonMember: MakeMember = (name, checked) => {
  const prefix = `"${name}":`;
  const inBase64 = base64Member(name);
  return (record, start, end) => {
    if (start === -1) return `${prefix}null`;
    const text = record.text.substring(start, end);
    if (!isJson(text) || (checked && !isUtf8(record.bytes.subarray(start, end)))) {
      return inBase64(record, start, end);
    }
    return prefix + text;
  };
};

/** Like `jsonMember`, on one line: a raw CR or LF in JSON can only stand between its tokens. */
export const jsonLineMember: MakeMember = (name, checked) => {
  const write = jsonMember(name, checked);
  return (record, start, end) => {
    const member = write(record, start, end);
    return LINE_END.test(member) ? member.replace(LINE_ENDS, ' ') : member;
  };
};

const LINE_END = /[\r\n]/;
const LINE_ENDS = /[\r\n]/g;

/** `"value_base64":"..."`, or null under the same name. */
export function base64Member(name: 'key' | 'value'): WriteMember {
  const prefix = `"${name}_base64":`;
  return (record, start, end) => prefix + base64(record, start, end);
}

/** v2's binary format: base64 under the plain name. */
export const binaryMember: MakeMember = (name) => {
  const prefix = `"${name}":`;
  return (record, start, end) => prefix + base64(record, start, end);
};

function base64({ bytes }: RecordView, start: number, end: number): string {
  return start === -1 ? 'null' : `"${bytes.toString('base64', start, end)}"`;
}

/** `"headers":[...]`; keys are text, values text or base64. */
export function headersMember(record: RecordView, asBase64: boolean): string {
  const { headersStart, headerCount } = record.at;
  if (headerCount === 0) return '"headers":[]';
  const headers = readHeaders(record.bytes, headersStart, headerCount);
  return `"headers":[${headers.map((each) => headerJson(each, asBase64)).join()}]`;
}

function headerJson({ key, value }: RecordHeader, asBase64: boolean): string {
  const name = JSON.stringify(byteText(key));
  if (!asBase64 && (value === null || isUtf8(value))) {
    const text = value === null ? 'null' : JSON.stringify(Buffer.from(value).toString('latin1'));
    return `{"key":${name},"value":${text}}`;
  }
  const coded = value === null ? 'null' : `"${Buffer.from(value).toString('base64')}"`;
  return `{"key":${name},"value_base64":${coded}}`;
}
