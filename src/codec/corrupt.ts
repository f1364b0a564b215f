/** What is wrong with bytes that fail a check, told the same way by every decoder here. */
import { MillraceError } from '../model/errors.ts';

/** One disagreement: which field, what it should have been, and what was there. */
export interface Fault {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** A CORRUPT_MESSAGE error whose details are the fault, for the caller to throw. */
export function corrupt(fault: Fault, cause?: unknown): MillraceError {
  return new MillraceError('CORRUPT_MESSAGE', faultText(fault), { details: { ...fault }, cause });
}

export function faultText({ field, expected, found }: Fault): string {
  return `${field} is ${found}; expected ${expected}`;
}

/** Compressed bytes that would become more than they may. */
export function tooLarge(field: string, bytesMax: number): MillraceError {
  return corrupt({
    field,
    expected: `at most ${bytesMax} bytes decompressed`,
    found: 'more',
  });
}
