/**
 * The bytes that all readers over HTTP together may have in hand: what was read for them and the
 * answers being made and sent. One request gets fewer bytes than it asked for while many are out,
 * and 429 once none are left; a stream waits for its turn. So memory has an end, however many
 * readers there are and however slow they take what they asked for.
 */
import assert from 'node:assert';
import { MillraceError } from '../model/errors.ts';
import { FETCH_IN_FLIGHT_BYTES_MAX } from '../model/limits.ts';

/** Bytes taken out of the budget. Giving them back twice is harmless. */
export interface Hold {
  readonly release: () => void;
}

export class FetchBudget {
  readonly #bytesMax: number;
  #held = 0;
  /** Streams that wait, in the order they came, which is the order they are woken in. */
  readonly #waiting = new Set<() => void>();

  constructor(bytesMax: number = FETCH_IN_FLIGHT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** How many of the bytes asked for a read may have: half of what is left at the most. */
  share(bytes: number): number {
    return Math.max(1, Math.min(bytes, Math.floor((this.#bytesMax - this.#held) / 2)));
  }

  /** Undefined when they are not left. To a reader alone any number is given: it must go on. */
  tryTake(bytes: number): Hold | undefined {
    if (this.#held > 0 && this.#held + bytes > this.#bytesMax) return undefined;
    this.#held += bytes;
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#held -= bytes;
        assert(this.#held >= 0);
        for (const wake of [...this.#waiting]) wake();
      },
    };
  }

  /** Throws THROTTLING_QUOTA_EXCEEDED when they are not left. */
  take(bytes: number): Hold {
    const hold = this.tryTake(bytes);
    if (hold !== undefined) return hold;
    throw new MillraceError(
      'THROTTLING_QUOTA_EXCEEDED',
      `answers being sent hold ${this.#held} of ${this.#bytesMax} bytes; ${bytes} more do not fit`,
      {
        retriable: true,
        details: { held_bytes: this.#held, limit_bytes: this.#bytesMax, asked_bytes: bytes },
      },
    );
  }

  /** Resolves when something was given back, or `signal` fires. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}
