/**
 * The bytes of requests that all connections together may be receiving or carrying out. A request
 * is taken into it by its announced size, before any memory is, so one that was let in can always
 * be received to its end; the others wait, and their connections are not read meanwhile.
 */
import assert from 'node:assert';
import { KAFKA_IN_FLIGHT_BYTES_MAX, KAFKA_SMALL_REQUEST_BYTES } from '../model/limits.ts';

interface Waiting {
  readonly bytes: number;
  readonly letIn: () => void;
}

export class RequestBudget {
  readonly #bytesMax: number;
  #held = 0;
  /** In the order they came: a large request is not overtaken for ever by smaller ones. */
  readonly #waiting = new Set<Waiting>();
  #isLettingIn = false;

  constructor(bytesMax: number = KAFKA_IN_FLIGHT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get heldBytes(): number {
    return this.#held;
  }

  tryTake(bytes: number): boolean {
    if (this.#waiting.size > 0 || !this.#fits(bytes)) return false;
    this.#held += bytes;
    return true;
  }

  /** `letIn` is called when the bytes were taken for it. */
  wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
  }

  forget(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  give(bytes: number): void {
    this.#held -= bytes;
    assert(this.#held >= 0);
    // One that is let in may be done at once, and give in turn.
    if (this.#isLettingIn) return;
    this.#isLettingIn = true;
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.bytes)) break;
      this.#waiting.delete(waiting);
      this.#held += waiting.bytes;
      waiting.letIn();
    }
    this.#isLettingIn = false;
  }

  /** A request alone is let in whatever its size: the limit of a frame bounds that. */
  #fits(bytes: number): boolean {
    return this.#held === 0 || this.#held + bytes <= this.#bytesMax;
  }
}

/** One connection's way into the budget: one request at a time. */
export class Admission {
  readonly #budget: RequestBudget;
  readonly #onRoom: () => void;
  #waiting: Waiting | undefined;
  #isLetIn = false;

  /** `onRoom` is called when what was refused would be let in now. */
  constructor(budget: RequestBudget, onRoom: () => void) {
    this.#budget = budget;
    this.#onRoom = onRoom;
  }

  /** Refused, the same request is to be asked for again. */
  admit(bytes: number): boolean {
    if (bytes <= KAFKA_SMALL_REQUEST_BYTES) return true;
    if (this.#isLetIn) {
      this.#isLetIn = false;
      this.#waiting = undefined;
      return true;
    }
    if (this.#waiting !== undefined) return false;
    if (this.#budget.tryTake(bytes)) return true;
    const letIn = (): void => {
      this.#isLetIn = true;
      this.#onRoom();
    };
    this.#waiting = { bytes, letIn };
    this.#budget.wait(this.#waiting);
    return false;
  }

  /** Of a request that was admitted. */
  give(bytes: number): void {
    if (bytes > KAFKA_SMALL_REQUEST_BYTES) this.#budget.give(bytes);
  }

  /** Nothing more will be asked for. */
  close(): void {
    if (this.#waiting === undefined) return;
    if (this.#isLetIn) this.#budget.give(this.#waiting.bytes);
    else this.#budget.forget(this.#waiting);
    this.#waiting = undefined;
    this.#isLetIn = false;
  }
}
