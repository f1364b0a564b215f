/**
 * How a stream of records ends: when its reader is gone, when the server stops, or with an error
 * that its last frame tells.
 */
import { shuttingDown } from '../broker/refusals.ts';
import { MillraceError } from '../model/errors.ts';
import { READER_STALL_MS } from '../model/limits.ts';
import type { Log } from '../model/log.ts';
import { HttpError } from './http-error.ts';

export class StreamEnding {
  readonly #stopping: AbortSignal;
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort();
  /** The last frame was given, or nobody takes one any more. */
  isOver = false;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener('abort', this.#abort);
    if (stopping.aborted) this.#abort();
  }

  /** Fires when the reader is gone or the server stops, and ends what is parked. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Throws SHUTTING_DOWN, which the reader is still told. */
  checkServing(): void {
    if (this.#stopping.aborted) throw shuttingDown();
  }

  /** The reader is gone. */
  close(): void {
    this.isOver = true;
    this.#stopping.removeEventListener('abort', this.#abort);
    this.#abort();
  }
}

export function readerStalled(): HttpError {
  const message = `the reader took nothing for ${READER_STALL_MS} ms`;
  return new HttpError('REQUEST_TIMED_OUT', message, { details: { limit_ms: READER_STALL_MS } });
}

/** What the reader is told of whatever was thrown; a fault of ours is in the log instead. */
export function errorToTell(thrown: unknown, log: Log): MillraceError | HttpError {
  if (thrown instanceof MillraceError || thrown instanceof HttpError) return thrown;
  log.error({ err: thrown }, 'a stream failed unexpectedly');
  const message = 'the server failed unexpectedly; its log says more';
  return new MillraceError('UNKNOWN_SERVER_ERROR', message);
}
