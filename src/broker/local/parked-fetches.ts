/**
 * Fetches that wait for records. Each is woken when enough bytes were appended to what it asked
 * for, when anything else happened there (trimmed, deleted, offline), when its time is over or its
 * caller is gone; and all of them when the broker closes.
 *
 * It promises that nothing between `mark` and `wait` is missed. It reads nothing itself.
 */
import { MillraceError } from '../../model/errors.ts';
import type { CancelTimer, Clock } from '../../model/clock.ts';
import { PARKED_FETCHES_MAX } from '../../model/limits.ts';
import { shuttingDown } from '../refusals.ts';
import type { Partition } from './partition.ts';

/** What a waiting fetch watches. */
export type Watched = Pick<Partition, 'bytesAppended' | 'onChange'>;

export interface WaitBounds {
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class ParkedFetches {
  readonly #clock: Clock;
  readonly #parked = new Set<FetchWait>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait at this moment. */
  get count(): number {
    return this.#parked.size;
  }

  /** Begins to watch; the caller calls `end` whatever happens. */
  watch(logs: readonly Watched[], bounds: WaitBounds): FetchWait {
    return new FetchWait(logs, bounds, {
      clock: this.#clock,
      park: (wait) => this.#park(wait),
      leave: (wait) => this.#parked.delete(wait),
    });
  }

  /** Ends every wait with SHUTTING_DOWN, and those to come. */
  close(): void {
    this.#isClosed = true;
    for (const wait of this.#parked) wait.fail(shuttingDown());
  }

  #park(wait: FetchWait): void {
    if (this.#isClosed) throw shuttingDown();
    if (this.#parked.size >= PARKED_FETCHES_MAX) {
      throw new MillraceError(
        'THROTTLING_QUOTA_EXCEEDED',
        `${PARKED_FETCHES_MAX} fetches are waiting for records, which is the limit`,
        { retriable: true, details: { allowed: PARKED_FETCHES_MAX } },
      );
    }
    this.#parked.add(wait);
  }
}

interface WaitMeans {
  readonly clock: Clock;
  /** Throws when it may not wait. */
  park(wait: FetchWait): void;
  leave(wait: FetchWait): void;
}

class FetchWait {
  readonly #bounds: WaitBounds;
  readonly #means: WaitMeans;
  readonly #stopWatching: (() => void)[];
  /** Since `mark`. */
  #bytesGrown = 0;
  #hasOtherNews = false;
  #bytesWanted = 0;
  #cancelTimer: CancelTimer | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;
  #fail: ((error: MillraceError) => void) | undefined;

  constructor(logs: readonly Watched[], bounds: WaitBounds, means: WaitMeans) {
    this.#bounds = bounds;
    this.#means = means;
    this.#stopWatching = logs.map((log) => {
      let seen = log.bytesAppended;
      return log.onChange(() => {
        const now = log.bytesAppended;
        this.#noticed(now - seen);
        seen = now;
      });
    });
  }

  /** Whether the time is over or the caller gone: what is there now is the answer. */
  get isOver(): boolean {
    return this.#isOver || this.#bounds.signal?.aborted === true;
  }

  /** What happens from now on ends the next `wait`. */
  mark(): void {
    this.#bytesGrown = 0;
    this.#hasOtherNews = false;
  }

  /** Resolves when `bytes` more are there since `mark`, or when looking again is due anyway. */
  async wait(bytes: number): Promise<void> {
    this.#bytesWanted = bytes;
    if (this.#isDue()) return;
    this.#means.park(this);
    this.#cancelTimer ??= this.#startTimer();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#fail = reject;
    try {
      await promise;
    } finally {
      this.#means.leave(this);
    }
  }

  fail(error: MillraceError): void {
    this.#fail?.(error);
  }

  end(): void {
    for (const stop of this.#stopWatching) stop();
    this.#cancelTimer?.();
    this.#bounds.signal?.removeEventListener('abort', this.#expire);
  }

  /** From the first wait on: the first look costs no timer. */
  #startTimer(): CancelTimer {
    this.#bounds.signal?.addEventListener('abort', this.#expire);
    return this.#means.clock.after(this.#bounds.maxWaitMs, this.#expire);
  }

  readonly #expire = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };

  #noticed(bytes: number): void {
    if (bytes > 0) this.#bytesGrown += bytes;
    else this.#hasOtherNews = true;
    if (this.#isDue()) this.#wake?.();
  }

  #isDue(): boolean {
    return this.isOver || this.#hasOtherNews || this.#bytesGrown >= this.#bytesWanted;
  }
}

export type { FetchWait };
