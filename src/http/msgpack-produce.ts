/**
 * Reads the records of a MessagePack produce body: the shapes of the native JSON, where a key or a
 * value is bytes (`bin` as they are, `str` as its UTF-8) or nil. What a body may hold at all is
 * `codec/msgpack.ts`'s to say. Of members given twice the last counts: the decoder does not tell.
 */
import { decodeMsgpack } from '../codec/msgpack.ts';
import { INT32_MAX, INT64_SAFE_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { RecordHeader } from '../model/record.ts';
import { NO_HEADERS } from '../model/record.ts';
import { headerFault } from './header-rules.ts';
import type { ProduceInput } from './produce-input.ts';
import {
  ANY_PARTITION,
  PARTITION_RULE,
  RecordList,
  TIMESTAMP_RULE,
  VALUE_MISSING,
  badBody,
  checkRecordCount,
  noRecords,
} from './produce-input.ts';
import { RecordFaults } from './record-faults.ts';

type MsgpackMap = ReadonlyMap<string, unknown>;

const BODY_MEMBERS: readonly string[] = ['records'];
const RECORD_MEMBERS: readonly string[] = ['key', 'value', 'headers', 'timestamp', 'partition'];
const HEADER_MEMBERS: readonly string[] = ['key', 'value'];
const BYTES_RULE = 'send bin, str or nil';

/** `nowMs` becomes the timestamp of records without one. Throws 4xx naming what is wrong. */
export function readMsgpackRecords(body: Buffer, nowMs: number): ProduceInput {
  const records = recordsOf(decodeMsgpack(body));
  if (records.length === 0) throw noRecords();
  checkRecordCount(records.length - 1);
  const reader = new Reader(nowMs);
  for (const record of records) reader.add(record);
  return reader.end();
}

function recordsOf(body: unknown): readonly unknown[] {
  if (!(body instanceof Map)) {
    throw badBody(`the body is ${kindOf(body)}; it must be a map {"records": [...]}`);
  }
  const unknown = unknownMembers(body, BODY_MEMBERS);
  if (unknown !== undefined) throw badBody(`the body ${unknown}`);
  if (!body.has('records')) throw badBody('the body has no records');
  const records: unknown = body.get('records');
  if (Array.isArray(records)) return records;
  throw badBody(`records is ${kindOf(records)}; it must be a list of records`);
}

class Reader {
  readonly #nowMs: number;
  readonly #list = new RecordList();
  readonly #faults = new RecordFaults();
  /** Of the record that is being read. */
  #index = 0;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  add(record: unknown): void {
    if (record instanceof Map) this.#addMap(record);
    else this.#faults.malformed(this.#index, '', `is ${kindOf(record)}; it must be a map`);
    this.#index++;
  }

  end(): ProduceInput {
    this.#faults.throwIfAny();
    return this.#list;
  }

  #addMap(record: MsgpackMap): void {
    const unknown = unknownMembers(record, RECORD_MEMBERS);
    if (unknown !== undefined) this.#faults.malformed(this.#index, '', unknown);
    const key = this.#bytes('key', record.get('key') ?? null);
    const value = this.#bytes('value', record.get('value'));
    const headers = this.#headers(record.get('headers'));
    const timestamp =
      this.#integer('timestamp', record.get('timestamp'), INT64_SAFE_MAX, TIMESTAMP_RULE) ??
      this.#nowMs;
    const partition =
      this.#integer('partition', record.get('partition'), INT32_MAX, PARTITION_RULE) ??
      ANY_PARTITION;
    this.#list.add({ key, value, headers, timestamp }, partition);
  }

  #bytes(member: string, sent: unknown): Uint8Array | null {
    if (sent === null || sent instanceof Uint8Array) return sent;
    if (typeof sent === 'string') return Buffer.from(sent, 'utf8');
    const fault = sent === undefined ? VALUE_MISSING : `is ${kindOf(sent)}; ${BYTES_RULE}`;
    this.#faults.refuse(this.#index, member, fault);
    return null;
  }

  #integer(member: string, sent: unknown, max: number, rule: string): number | undefined {
    if (sent === undefined || sent === null) return undefined;
    if (typeof sent === 'number' && Number.isSafeInteger(sent) && sent >= 0 && sent <= max) {
      return sent;
    }
    const shown = typeof sent === 'number' ? String(sent) : kindOf(sent);
    this.#faults.refuse(this.#index, member, `is ${shown}; it ${rule}`);
    return undefined;
  }

  #headers(sent: unknown): readonly RecordHeader[] {
    if (sent === undefined || sent === null) return NO_HEADERS;
    const headers: RecordHeader[] = [];
    if (Array.isArray(sent)) {
      for (const [index, each] of sent.entries()) {
        if (!this.#addHeader(headers, `headers[${index}]`, each)) return NO_HEADERS;
      }
    } else if (sent instanceof Map) {
      for (const [key, value] of sent as MsgpackMap) {
        const header = new Map<string, unknown>([
          ['key', key],
          ['value', value],
        ]);
        if (!this.#addHeader(headers, `headers[${quote(key)}]`, header)) return NO_HEADERS;
      }
    } else {
      this.#faults.refuse(
        this.#index,
        'headers',
        `is ${kindOf(sent)}; send a list of {key, value} or a map`,
      );
    }
    return headers;
  }

  /** False when it was refused. */
  #addHeader(headers: RecordHeader[], where: string, sent: unknown): boolean {
    if (!(sent instanceof Map))
      return this.#refuse(where, `is ${kindOf(sent)}; it must be a map {key, value}`);
    const header = sent as MsgpackMap;
    const unknown = unknownMembers(header, HEADER_MEMBERS);
    if (unknown !== undefined) return this.#refuse(where, unknown);
    const key = header.get('key');
    if (typeof key !== 'string')
      return this.#refuse(`${where}.key`, `is ${kindOf(key)}; it must be a str`);
    const fault = headerFault(headers.length, key);
    if (fault !== undefined) return this.#refuse(`${where}.key`, fault);
    const value = header.get('value');
    if (typeof value === 'string') headers.push({ key, value: Buffer.from(value, 'utf8') });
    else if (value === null || value instanceof Uint8Array) headers.push({ key, value });
    else return this.#refuse(`${where}.value`, `is ${kindOf(value)}; ${BYTES_RULE}`);
    return true;
  }

  #refuse(member: string, message: string): false {
    this.#faults.refuse(this.#index, member, message);
    return false;
  }
}

function unknownMembers(map: MsgpackMap, known: readonly string[]): string | undefined {
  if (map.size === 0) return undefined;
  const unknown = [...map.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return undefined;
  const named = unknown.slice(0, 10).map(quote).join(', ');
  return `has unknown members: ${named}; known are ${known.join(', ')}`;
}

function kindOf(sent: unknown): string {
  if (sent === undefined) return 'missing';
  if (sent === null) return 'nil';
  if (sent instanceof Uint8Array) return 'bin';
  if (sent instanceof Map) return 'a map';
  if (Array.isArray(sent)) return 'a list';
  return (
    { string: 'a str', number: 'a number', boolean: 'a boolean' }[typeof sent as string] ??
    'of another type'
  );
}
