/**
 * The bytes that all readers together may have in hand, by whatever face they came: what was read
 * for them and the answers being made and sent. One request gets fewer bytes than it asked for
 * while many are out, and is told so once none are left; who can wait does. So memory has an end,
 * however many readers there are and however slow they take what they asked for.
 */
import assert from 'node:assert';
import { plainBatch } from '../codec/batch-reader.ts';
import { MillraceError } from '../model/errors.ts';
import { FETCH_IN_FLIGHT_BYTES_MAX } from '../model/limits.ts';

/** Bytes taken out of the budget. Giving them back twice is harmless. */
export interface Hold {
  readonly release: () => void;
  /** Gives back what is more than these. */
  readonly keep: (bytes: number) => void;
}

export interface Inflated {
  readonly plain: Buffer;
  readonly hold: Hold | undefined;
}

export class FetchBudget {
  readonly #bytesMax: number;
  #held = 0;
  /** Those who wait, in the order they came, which is the order they are woken in. */
  readonly #waiting = new Set<() => void>();
  #inflating: Promise<unknown> = Promise.resolve();
  /** Holds on inflated batches. */
  #inflated = 0;

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
    if (bytes > 0 && this.#held > 0 && this.#held + bytes > this.#bytesMax) return undefined;
    return this.#hold(bytes);
  }

  /** Throws THROTTLING_QUOTA_EXCEEDED when they are not left. */
  take(bytes: number): Hold {
    const hold = this.tryTake(bytes);
    if (hold !== undefined) return hold;
    throw this.exceeded(bytes);
  }

  /**
   * A compressed batch as it was before, with a hold on its bytes and on the text made of them;
   * without one when they are not left. One after the other, since how much comes out shows only
   * then. While nothing else is inflated any number is given: every batch can be read by somebody.
   */
  inflate(batch: Buffer): Promise<Inflated> {
    const result = this.#inflating.then(async () => {
      const plain = await plainBatch(batch);
      const bytes = 2 * plain.length;
      if (this.#inflated > 0 && this.#held + bytes > this.#bytesMax) {
        return { plain, hold: undefined };
      }
      this.#inflated += 1;
      return { plain, hold: this.#hold(bytes, () => (this.#inflated -= 1)) };
    });
    this.#inflating = result.catch(() => {});
    return result;
  }

  exceeded(bytes: number): MillraceError {
    return new MillraceError(
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

  #hold(bytes: number, onRelease?: () => void): Hold {
    this.#held += bytes;
    let left = bytes;
    let isHeld = true;
    const keep = (kept: number): void => {
      if (kept >= left) return;
      this.#held -= left - kept;
      left = kept;
      assert(this.#held >= 0);
      for (const wake of [...this.#waiting]) wake();
    };
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      onRelease?.();
      keep(0);
    };
    return { release, keep };
  }
}

/** What `take` and `exceeded` say: another try may find room. */
export function isNoRoom(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'THROTTLING_QUOTA_EXCEEDED';
}
