/** What is wrong with bytes that fail a check, told the same way by every decoder here. */
import { MillraceError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';

/** One disagreement: which field, what it should have been, and what was there. */
export interface Fault {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** An error of this code whose message and details are the fault, for the caller to throw. */
export function faultError(code: ErrorCode, fault: Fault, cause?: unknown): MillraceError {
  const { field, expected, found } = fault;
  return new MillraceError(code, `${field}: expected ${expected}, found ${found}`, {
    details: { field, expected, found },
    cause,
  });
}

export function corrupt(fault: Fault, cause?: unknown): MillraceError {
  return faultError('CORRUPT_MESSAGE', fault, cause);
}

/**
 * Compressed bytes that would become more than they may. Not CORRUPT_MESSAGE: Kafka's producers send
 * a corrupt batch again as it is, and one that is too large in parts.
 */
export function tooLarge(field: string, bytesMax: number): MillraceError {
  const expected = `at most ${bytesMax} bytes decompressed`;
  return faultError('MESSAGE_TOO_LARGE', { field, expected, found: 'more' });
}
