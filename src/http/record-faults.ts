/**
 * What is wrong with the records of one request: the first ten faults, each named like
 * `records[17].key`. A request is refused as a whole, so one fault is enough to refuse it and ten
 * are enough to mend a program.
 */
import { MillraceError } from '../model/errors.ts';

const FAULTS_SHOWN = 10;

/** As it stands in `details.bad_records`. */
export interface RecordFault {
  /** Index in the request. */
  readonly record: number;
  /** Such as `records[17].key`. */
  readonly field: string;
  /** Follows the field in a sentence: "is missing". */
  readonly message: string;
}

export class RecordFaults {
  readonly #faults: RecordFault[] = [];
  #isMalformed = false;

  /** The record is well-formed but cannot be taken: 422. `member` '' means the record itself. */
  refuse(record: number, member: string, message: string): void {
    this.#faults.push({ record, field: fieldName(record, member), message });
    // Reading on would find nothing that is shown.
    if (this.#faults.length === FAULTS_SHOWN) this.throwIfAny();
  }

  /** The record is not what a record looks like: 400 for the whole request. */
  malformed(record: number, member: string, message: string): void {
    this.#isMalformed = true;
    this.refuse(record, member, message);
  }

  throwIfAny(): void {
    const [first, ...more] = this.#faults;
    if (first === undefined) return;
    throw new MillraceError(
      this.#isMalformed ? 'INVALID_REQUEST' : 'INVALID_RECORD',
      sentence(first, more.length),
      { written: 'no', details: { bad_records: this.#faults } },
    );
  }
}

export function fieldName(record: number, member: string): string {
  return member === '' ? `records[${record}]` : `records[${record}].${member}`;
}

export function sentence(first: RecordFault, more: number): string {
  return `${first.field} ${first.message}${more === 0 ? '' : ` (and ${more} more in details.bad_records)`}`;
}
