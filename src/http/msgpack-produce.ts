/**
 * Reads the records of a MessagePack produce body by a walk over its bytes: the shapes of the
 * native JSON, where a key or a value is bytes (`bin` as they are, `str` as its UTF-8) or nil. Keys
 * and values are views of the body, never copies; the body lives as long as its records. What a
 * body may hold at all is `codec/msgpack-scan.ts`'s to say.
 *
 * Measured from body to records, 1,000 of 100 bytes: 175 ns each for `bin` values, 200 for `str`,
 * of which the scan takes 50 and 70; 75 more for a key.
 */
import { MsgpackMembers } from '../codec/msgpack-members.ts';
import { scanMsgpack } from '../codec/msgpack-scan.ts';
import type { MsgpackKind } from '../codec/msgpack-walk.ts';
import { MsgpackWalk } from '../codec/msgpack-walk.ts';
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

// Indexes of the members; a header has the first two.
const KEY = 0;
const VALUE = 1;
const HEADERS = 2;
const TIMESTAMP = 3;
const PARTITION = 4;
const HEADER_MEMBERS = ['key', 'value'] as const;
const RECORD_MEMBERS = [...HEADER_MEMBERS, 'headers', 'timestamp', 'partition'] as const;
const RECORDS = 0;

// One of each for all bodies: nothing here waits, so none is used twice at a time.
const BODY = new MsgpackMembers(['records']);
const RECORD = new MsgpackMembers(RECORD_MEMBERS);
const HEADER = new MsgpackMembers(HEADER_MEMBERS);

const BYTES_RULE = 'send bin, str or nil';

/** `nowMs` becomes the timestamp of records without one. Throws 4xx naming what is wrong. */
export function readMsgpackRecords(body: Buffer, nowMs: number): ProduceInput {
  scanMsgpack(body);
  const walk = new MsgpackWalk(body);
  const count = enterRecords(walk);
  if (count === 0) throw noRecords();
  checkRecordCount(count - 1);
  const reader = new Reader(walk, nowMs);
  for (let index = 0; index < count; index++) reader.read(index);
  return reader.end();
}

/** Moves to the first record; answers how many there are. */
function enterRecords(walk: MsgpackWalk): number {
  if (walk.kind !== 'map') {
    throw badBody(`the body is ${shown(walk.kind)}; it must be a map {"records": [...]}`);
  }
  BODY.scan(walk);
  const fault = BODY.fault(walk);
  if (fault !== undefined) throw badBody(`the body ${fault}`);
  const kind = BODY.moveTo(walk, RECORDS);
  if (kind === undefined) throw badBody('the body has no records');
  if (kind === 'list') return walk.takeCount();
  throw badBody(`records is ${shown(kind)}; it must be a list of records`);
}

class Reader {
  readonly #walk: MsgpackWalk;
  readonly #nowMs: number;
  readonly #list = new RecordList();
  readonly #faults = new RecordFaults();
  /** Of the record that is being read. */
  #index = 0;

  constructor(walk: MsgpackWalk, nowMs: number) {
    this.#walk = walk;
    this.#nowMs = nowMs;
  }

  /** The record that comes next. */
  read(index: number): void {
    const walk = this.#walk;
    this.#index = index;
    const { kind } = walk;
    if (kind !== 'map') {
      this.#faults.malformed(index, '', `is ${shown(kind)}; it must be a map`);
      walk.skip();
      return;
    }
    RECORD.scan(walk);
    const end = walk.at;
    const fault = RECORD.fault(walk);
    if (fault !== undefined) this.#faults.malformed(index, '', fault);
    const key = this.#bytes(KEY, null);
    const value = this.#bytes(VALUE, VALUE_MISSING);
    const headers = this.#headers();
    const timestamp = this.#integer(TIMESTAMP, this.#nowMs, INT64_SAFE_MAX, TIMESTAMP_RULE);
    const partition = this.#integer(PARTITION, ANY_PARTITION, INT32_MAX, PARTITION_RULE);
    this.#list.add({ key, value, headers, timestamp }, partition);
    walk.at = end;
  }

  end(): ProduceInput {
    this.#faults.throwIfAny();
    return this.#list;
  }

  /** `missing` is what is wrong without the member; null when nothing is. */
  #bytes(member: number, missing: string | null): Uint8Array | null {
    const kind = RECORD.moveTo(this.#walk, member);
    if (isBytes(kind)) return this.#walk.takeBytes();
    const fault = kind === undefined ? missing : bytesFault(kind);
    if (fault !== null && kind !== 'nil') this.#refuse(RECORD_MEMBERS[member] as string, fault);
    return null;
  }

  /** nil is as good as absent, as in many an encoder's output. */
  #integer(member: number, fallback: number, max: number, rule: string): number {
    const kind = RECORD.moveTo(this.#walk, member);
    if (kind === undefined || kind === 'nil') return fallback;
    const sent = kind === 'number' ? this.#walk.takeNumber() : undefined;
    if (sent !== undefined && Number.isSafeInteger(sent) && sent >= 0 && sent <= max) return sent;
    this.#refuse(RECORD_MEMBERS[member] as string, `is ${sent ?? shown(kind)}; it ${rule}`);
    return fallback;
  }

  #headers(): readonly RecordHeader[] {
    const kind = RECORD.moveTo(this.#walk, HEADERS);
    if (kind === undefined || kind === 'nil') return NO_HEADERS;
    if (kind !== 'list' && kind !== 'map') {
      this.#refuse('headers', `is ${shown(kind)}; send a list of {key, value} or a map`);
      return NO_HEADERS;
    }
    const headers: RecordHeader[] = [];
    for (let left = this.#walk.takeCount(); left > 0; left--) {
      const isGood = kind === 'list' ? this.#listed(headers) : this.#named(headers);
      if (!isGood) return NO_HEADERS;
    }
    return headers;
  }

  /** A header that comes next in a list; false when it was refused. */
  #listed(headers: RecordHeader[]): boolean {
    const walk = this.#walk;
    const { kind } = walk;
    const index = headers.length;
    if (kind !== 'map') {
      return this.#refuseHeader(index, '', `is ${shown(kind)}; it must be a map {key, value}`);
    }
    HEADER.scan(walk);
    const end = walk.at;
    const fault = HEADER.fault(walk);
    if (fault !== undefined) return this.#refuseHeader(index, '', fault);
    const keyKind = HEADER.moveTo(walk, KEY);
    if (keyKind !== 'str') {
      return this.#refuseHeader(index, '.key', `is ${shown(keyKind)}; it must be a str`);
    }
    const key = walk.takeText();
    const isGood = this.#addHeader(headers, index, key, HEADER.moveTo(walk, VALUE));
    walk.at = end;
    return isGood;
  }

  /** A header that comes next in a map; false when it was refused. */
  #named(headers: RecordHeader[]): boolean {
    const walk = this.#walk;
    const key = walk.takeText();
    if (headers.some((header) => header.key === key)) {
      const fault = 'is given twice; a list of {key, value} can repeat a header';
      return this.#refuseHeader(key, '', fault);
    }
    const valueAt = walk.at;
    const isGood = this.#addHeader(headers, key, key, walk.kind);
    walk.at = valueAt;
    walk.skip();
    return isGood;
  }

  /** Its value, of this kind, comes next. `place` is its index in the list, or its name. */
  #addHeader(
    headers: RecordHeader[],
    place: number | string,
    key: string,
    kind: MsgpackKind | undefined,
  ): boolean {
    const fault = headerFault(headers.length, key);
    if (fault !== undefined) return this.#refuseHeader(place, '.key', fault);
    if (isBytes(kind)) headers.push({ key, value: this.#walk.takeBytes() });
    else if (kind === 'nil') headers.push({ key, value: null });
    else return this.#refuseHeader(place, '.value', bytesFault(kind));
    return true;
  }

  #refuseHeader(place: number | string, member: string, message: string): false {
    const shownPlace = typeof place === 'string' ? quote(place) : place;
    this.#refuse(`headers[${shownPlace}]${member}`, message);
    return false;
  }

  #refuse(member: string, message: string): void {
    this.#faults.refuse(this.#index, member, message);
  }
}

function isBytes(kind: MsgpackKind | undefined): boolean {
  return kind === 'bin' || kind === 'str';
}

function bytesFault(kind: MsgpackKind | undefined): string {
  return `is ${shown(kind)}; ${BYTES_RULE}`;
}

/** What a member is, when there is one, in a message. */
function shown(kind: MsgpackKind | undefined): string {
  if (kind === undefined) return 'missing';
  return kind === 'nil' || kind === 'bin' ? kind : `a ${kind}`;
}
