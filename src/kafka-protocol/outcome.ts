/**
 * How one thing that an administrator asked for ended: a number of Kafka's, and words where it was
 * refused. Requests name many things at once, and each of them has an outcome of its own.
 */
import { MillraceError } from '../model/errors.ts';
import { KAFKA_ERROR } from './error-numbers.ts';
import { errorNumber, errorText } from './errors.ts';

export interface Outcome {
  readonly error: number;
  /** Null when it was done. */
  readonly message: string | null;
}

export const DONE: Outcome = { error: KAFKA_ERROR.NONE, message: null };

/** A refusal of what only this protocol can ask for, with Kafka's number for it. */
export class KafkaRefusal extends Error {
  override readonly name = 'KafkaRefusal';
  readonly number: number;

  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

export async function outcomeOf(work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return DONE;
  } catch (error) {
    return refusalOutcome(error);
  }
}

/** Whatever else was thrown is thrown on. */
export function refusalOutcome(error: unknown): Outcome {
  if (error instanceof KafkaRefusal) return { error: error.number, message: error.message };
  if (error instanceof MillraceError) {
    return { error: errorNumber(error), message: errorText(error) };
  }
  throw error;
}

/** Of what one request names, that which it names twice: Kafka does neither of the two. */
export function namedTwice(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}
