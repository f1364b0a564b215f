/** What a refusing function threw, for a test to compare. */
import { MillraceError } from '../../src/model/errors.ts';
import { HttpError } from '../../src/http/http-error.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<{ [name: string]: unknown }>;
}

/** Throws when `act` does not, or when it throws something that is no refusal. */
export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (!(error instanceof MillraceError) && !(error instanceof HttpError)) throw error;
    const { code, message, details } = error;
    return { code, message, details };
  }
  throw new Error('it was not refused');
}
