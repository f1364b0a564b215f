/** What every form of produce body becomes: records, and the partitions that they name. */
import { MillraceError } from '../model/errors.ts';
import {
  HEADERS_PER_REQUEST_MAX,
  INT32_MAX,
  INT64_SAFE_MAX,
  RECORDS_PER_REQUEST_MAX,
} from '../model/limits.ts';
import type { Record } from '../model/record.ts';
import { HttpError } from './http-error.ts';

export interface ProduceInput {
  readonly records: readonly Record[];
  /** For each record the partition it names or `ANY_PARTITION`; undefined when none names one. */
  readonly partitions: readonly number[] | undefined;
}

export const ANY_PARTITION = -1;

/** Ends the sentence of a fault. */
export const TIMESTAMP_RULE = `must be an integer from 0 to ${INT64_SAFE_MAX} (milliseconds since 1970)`;
export const PARTITION_RULE = `must be an integer from 0 to ${INT32_MAX}`;
export const VALUE_MISSING = 'is missing; send null for a tombstone';

/** Gathers records as a body is read. */
export class RecordList implements ProduceInput {
  readonly records: Record[] = [];
  partitions: number[] | undefined;
  #headerCount = 0;

  /** Throws when the records have too many headers together. */
  add(record: Record, partition: number): void {
    this.#headerCount += record.headers.length;
    if (this.#headerCount > HEADERS_PER_REQUEST_MAX) throw tooManyHeaders();
    if (partition !== ANY_PARTITION && this.partitions === undefined) {
      this.partitions = this.records.map(() => ANY_PARTITION);
    }
    this.partitions?.push(partition);
    this.records.push(record);
  }
}

/** Throws when a body is to have a record more than `count`, before anything is made of it. */
export function checkRecordCount(count: number): void {
  if (count < RECORDS_PER_REQUEST_MAX) return;
  throw tooMany(`${RECORDS_PER_REQUEST_MAX} records`, { limit_records: RECORDS_PER_REQUEST_MAX });
}

function tooManyHeaders(): HttpError {
  const what = `${HEADERS_PER_REQUEST_MAX} headers of all records together`;
  return tooMany(what, { limit_headers: HEADERS_PER_REQUEST_MAX });
}

function tooMany(what: string, details: Readonly<{ [name: string]: number }>): HttpError {
  return new HttpError(
    'BODY_TOO_LARGE',
    `the body has more than the ${what} that are allowed; send several requests, or encoded record batches`,
    { details },
  );
}

export function noRecords(): MillraceError {
  return new MillraceError('INVALID_RECORD', 'records is empty; send at least one record', {
    written: 'no',
    details: { field: 'records' },
  });
}

/** INVALID_REQUEST: the body is not what a produce body looks like. */
export function badBody(message: string): MillraceError {
  return new MillraceError('INVALID_REQUEST', message, { written: 'no' });
}
