/**
 * The connections that may be open at once, by whatever face they came. Each takes a descriptor, and
 * these are of one process: what one face leaves the other may have.
 */
import { REFUSED_CONNECTIONS_MAX } from '../model/limits.ts';

export class ConnectionPlaces {
  readonly max: number;
  /** Above them, those that may be told so; further ones are just closed. */
  readonly refusedMax: number;
  #taken = 0;

  constructor(max: number, refusedMax = REFUSED_CONNECTIONS_MAX) {
    this.max = max;
    this.refusedMax = refusedMax;
  }

  /** Undefined when none is left; else to be called, once, when the connection is closed. */
  tryTake(): (() => void) | undefined {
    if (this.#taken >= this.max) return undefined;
    this.#taken += 1;
    return () => {
      this.#taken -= 1;
    };
  }
}
