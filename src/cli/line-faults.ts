/** What a refused request says about the lines that were in it. */
import { ServerError, UnreachableError } from '../client/server-error.ts';
import { MillraceError } from '../model/errors.ts';

/** Whether it is certain that nothing of the request was, or will be, written. */
export function isUnwritten(error: unknown): boolean {
  if (error instanceof UnreachableError) return !error.mayHaveArrived;
  if (error instanceof ServerError) return error.written === 'no';
  // Refused here, before it was sent.
  return error instanceof MillraceError;
}

/** Whether the request was too large for the server, rather than one of its records. */
export function isTooLargeTogether(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'BODY_TOO_LARGE';
}

export interface LineFault {
  /** In the request. */
  readonly index: number;
  /** Follows "line 17 ". */
  readonly message: string;
}

/** The first line that the server refused; undefined when no single line is at fault. */
export function lineFaultOf(error: unknown): LineFault | undefined {
  if (!(error instanceof ServerError)) return undefined;
  if (isTooLargeTogether(error)) return { index: 0, message: `is too long: ${error.message}` };
  const bad = error.details['bad_records'];
  const faults = Array.isArray(bad) ? (bad as BadRecord[]) : [];
  const [first] = faults.toSorted((a, b) => a.record - b.record);
  if (first === undefined) return undefined;
  // `records[17].key`: the part of the record, if it is not the record itself.
  const [, part] = first.field.split('.', 2);
  const message = part === undefined ? first.message : `(${part}) ${first.message}`;
  return { index: first.record, message };
}

/** As the server's `details.bad_records` has it. */
interface BadRecord {
  readonly record: number;
  readonly field: string;
  readonly message: string;
}
