/**
 * Joins and syncs that wait for their group, over all groups: each has a ticket and is answered
 * once, by the group, because its caller has gone, or because the broker closes.
 */
import type { MillraceError } from '../../model/errors.ts';
import type { JoinGroupResult, SyncGroupResult } from '../groups.ts';
import type { Ticket } from './group-effects.ts';

type Result = JoinGroupResult | SyncGroupResult;

interface Call {
  resolve(result: Result): void;
  reject(error: MillraceError): void;
  /** Stop listening for the caller. */
  release(): void;
}

/** What a call may wait for beside its group. */
export interface CallerSignal {
  readonly signal: AbortSignal | undefined;
  /** The caller has gone. The call is still to be answered. */
  readonly gone: (ticket: Ticket) => void;
}

export class WaitingCalls {
  readonly #calls = new Map<Ticket, Call>();
  #last: Ticket = 0;

  /** How many wait. */
  get count(): number {
    return this.#calls.size;
  }

  /** Begins to wait. The result is of the kind that the group answers such a call with. */
  open<T extends Result>(
    caller?: CallerSignal,
  ): {
    readonly ticket: Ticket;
    readonly answer: Promise<T>;
  } {
    this.#last += 1;
    const ticket = this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#calls.set(ticket, { resolve, reject, release: listen(ticket, caller) });
    return { ticket, answer: promise as Promise<T> };
  }

  /** Without effect when it was answered before. */
  answer(ticket: Ticket, result: Result): void {
    this.#take(ticket)?.resolve(result);
  }

  /** Likewise. */
  refuse(ticket: Ticket, error: MillraceError): void {
    this.#take(ticket)?.reject(error);
  }

  /** Refuses all that wait. */
  close(error: MillraceError): void {
    for (const ticket of [...this.#calls.keys()]) this.refuse(ticket, error);
  }

  #take(ticket: Ticket): Call | undefined {
    const call = this.#calls.get(ticket);
    this.#calls.delete(ticket);
    call?.release();
    return call;
  }
}

function listen(ticket: Ticket, caller: CallerSignal | undefined): () => void {
  const signal = caller?.signal;
  if (caller === undefined || signal === undefined) return () => {};
  const gone = (): void => caller.gone(ticket);
  signal.addEventListener('abort', gone, { once: true });
  return () => signal.removeEventListener('abort', gone);
}
