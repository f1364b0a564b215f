/**
 * Reads the headers of one record out of scanned JSON: a list of `{key, value}` (text or null) or
 * `{key, value_base64}`, or a plain object `{name: text}`. Order is kept, so nothing here goes
 * through JavaScript objects, which move names like "1" to the front.
 */
import type { RecordHeader } from '../model/record.ts';
import { NO_HEADERS } from '../model/record.ts';
import { headerFault } from './header-rules.ts';
import { MemberScan, memberName } from './json-members.ts';
import {
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COMMA,
  LETTER_N,
  QUOTE,
  skipName,
  skipSpace,
  skipValue,
} from './json-scan.ts';
import type { Taken } from './json-values.ts';
import { kindOfJson, readString, takeBase64, takeText } from './json-values.ts';

/** Why the headers are refused: behind `headers` in the field's name, and in words. */
export interface HeaderFault {
  readonly member: string;
  readonly message: string;
}

const KEY = 0;
const VALUE = 1;
const VALUE_BASE64 = 2;
const HEADER = new MemberScan(['key', 'value', 'value_base64']);

export function readJsonHeaders(
  bytes: Buffer,
  start: number,
  isPlain: boolean,
): readonly RecordHeader[] | HeaderFault {
  switch (bytes[start]) {
    case LETTER_N:
      return NO_HEADERS;
    case BRACKET_OPEN:
      return readList(bytes, start, isPlain);
    case BRACE_OPEN:
      return readObject(bytes, start, isPlain);
    default:
      return fault('', `is ${kindOfJson(bytes, start)}; send a list of {key, value} or an object`);
  }
}

function readList(
  bytes: Buffer,
  start: number,
  isPlain: boolean,
): readonly RecordHeader[] | HeaderFault {
  const headers: RecordHeader[] = [];
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] !== BRACKET_CLOSE) {
    const where = `[${headers.length}]`;
    if (bytes[at] !== BRACE_OPEN) {
      return fault(where, `is ${kindOfJson(bytes, at)}; it must be an object {key, value}`);
    }
    at = skipSpace(bytes, HEADER.scan(bytes, at, 0, isPlain));
    const added = addHeader(headers, headerKey(bytes), headerValue(bytes));
    if (HEADER.fault !== undefined) return fault(where, HEADER.fault);
    if (added !== undefined) return { ...added, member: where + added.member };
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  return headers;
}

/** Of the header that was scanned last. */
function headerKey(bytes: Buffer): string | HeaderFault {
  const start = HEADER.starts[KEY] as number;
  if (!HEADER.has(KEY)) return fault('.key', 'is missing');
  if (bytes[start] !== QUOTE) {
    return fault('.key', `is ${kindOfJson(bytes, start)}; it must be a string`);
  }
  return readString(bytes, start, HEADER.ends[KEY] as number);
}

function headerValue(bytes: Buffer): Uint8Array | null | HeaderFault {
  const { starts, ends } = HEADER;
  if (HEADER.has(VALUE) && HEADER.has(VALUE_BASE64)) {
    return fault('', 'has both value and value_base64; send one of them');
  }
  const name = HEADER.has(VALUE_BASE64) ? VALUE_BASE64 : VALUE;
  if (!HEADER.has(name)) return fault('.value', 'is missing; send null for a header without one');
  const take = name === VALUE ? takeText : takeBase64;
  const taken = take(bytes, starts[name] as number, ends[name] as number);
  return asValue(taken, name === VALUE ? '.value' : '.value_base64');
}

function asValue(taken: Taken, member: string): Uint8Array | null | HeaderFault {
  return typeof taken === 'string' ? fault(member, taken) : taken;
}

function readObject(
  bytes: Buffer,
  start: number,
  isPlain: boolean,
): readonly RecordHeader[] | HeaderFault {
  const headers: RecordHeader[] = [];
  let at = skipSpace(bytes, start + 1);
  while (bytes[at] !== BRACE_CLOSE) {
    const key = memberName(bytes, at);
    const where = `[${JSON.stringify(key.slice(0, 80))}]`;
    at = skipName(bytes, at, isPlain);
    const end = skipValue(bytes, at, 0, isPlain);
    if (headers.some((header) => header.key === key)) {
      return fault(where, 'is given twice; a list of {key, value} can repeat a header');
    }
    const added = addHeader(headers, key, asValue(takeText(bytes, at, end), ''));
    if (added !== undefined) return { ...added, member: where };
    at = skipSpace(bytes, end);
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1);
  }
  return headers;
}

/** Answers why not, when the header cannot be added. */
function addHeader(
  headers: RecordHeader[],
  key: string | HeaderFault,
  value: Uint8Array | null | HeaderFault,
): HeaderFault | undefined {
  if (typeof key !== 'string') return key;
  if (isFault(value)) return value;
  const refused = headerFault(headers.length, key);
  if (refused !== undefined) return fault('.key', refused);
  headers.push({ key, value });
  return undefined;
}

function isFault(value: Uint8Array | null | HeaderFault): value is HeaderFault {
  return value !== null && 'message' in value;
}

function fault(member: string, message: string): HeaderFault {
  return { member, message };
}
