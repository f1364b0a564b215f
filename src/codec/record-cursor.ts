/**
 * Steps over the records of one uncompressed batch (drawn in batch-writer.ts) and shows where the
 * parts of each lie. One cursor serves a whole batch: no object is made for a record.
 *
 * Every length and count is checked against the bytes left in its record before it is used.
 */
import type { MillraceError } from '../model/errors.ts';
import { corrupt } from './corrupt.ts';
import { VarintCursor } from './varint.ts';

/** Length, attributes, two deltas, two lengths and a header count of one byte each. */
export const RECORD_BYTES_MIN = 7;

export class RecordCursor {
  /** The record that `next` stepped over last. Positions are in `bytes`; -1, -1 is null. */
  timestampDelta = 0;
  offsetDelta = 0;
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  /** For `readHeaders`. */
  headersStart = -1;
  headerCount = 0;

  readonly bytes: Buffer;
  readonly #cursor: VarintCursor;
  readonly #end: number;

  /** Records stand in `bytes[start, end)`. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.#cursor = new VarintCursor(bytes, start, end);
    this.#end = end;
  }

  /** Bytes behind the last record. */
  get left(): number {
    return this.#end - this.#cursor.at;
  }

  /** Steps over one record, wholly checked; throws CORRUPT_MESSAGE when there is none. */
  next(): void {
    const cursor = this.#cursor;
    const length = cursor.varint('record length');
    const end = cursor.at + length;
    if (length < RECORD_BYTES_MIN - 1 || end > this.#end) throw badLength(length, this.left);
    // Whatever is read next must lie within this record.
    cursor.end = end;
    cursor.at++;
    this.timestampDelta = cursor.varlong('record timestampDelta');
    this.offsetDelta = cursor.varint('record offsetDelta');
    const keyBytes = cursor.varint('record key length');
    this.keyStart = keyBytes === -1 ? -1 : cursor.skip(keyBytes, 'record key length');
    this.keyEnd = keyBytes === -1 ? -1 : cursor.at;
    const valueBytes = cursor.varint('record value length');
    this.valueStart = valueBytes === -1 ? -1 : cursor.skip(valueBytes, 'record value length');
    this.valueEnd = valueBytes === -1 ? -1 : cursor.at;
    const headerCount = cursor.varint('record header count');
    this.headerCount = headerCount;
    this.headersStart = cursor.at;
    if (headerCount !== 0) skipHeaders(cursor, headerCount);
    if (cursor.at !== end) throw leftOver('record', end - cursor.at);
    cursor.end = this.#end;
  }
}

function skipHeaders(cursor: VarintCursor, headerCount: number): void {
  // A header takes two bytes at least.
  const max = Math.floor((cursor.end - cursor.at) / 2);
  if (!(headerCount >= 0 && headerCount <= max)) {
    throw corrupt({
      field: 'record header count',
      expected: `0 to ${max}, for ${cursor.end - cursor.at} bytes`,
      found: String(headerCount),
    });
  }
  for (let index = 0; index < headerCount; index++) {
    cursor.skip(cursor.varint('header key length'), 'header key length');
    const valueBytes = cursor.varint('header value length');
    if (valueBytes !== -1) cursor.skip(valueBytes, 'header value length');
  }
}

function badLength(length: number, left: number): MillraceError {
  const expected = `${RECORD_BYTES_MIN - 1} to the ${left} bytes left in the batch`;
  return corrupt({ field: 'record length', expected, found: String(length) });
}

/** Bytes behind the last thing that was announced. */
export function leftOver(what: 'record' | 'batch', bytes: number): MillraceError {
  const field = what === 'record' ? 'record length' : 'batchLength';
  return corrupt({ field, expected: 'no bytes left over', found: `${bytes} bytes left over` });
}
