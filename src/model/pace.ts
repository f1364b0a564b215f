/** For loops over thousands of small things: every so many of them the event loop has its turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ITEMS_PER_TURN_MAX } from './limits.ts';

export class Pace {
  readonly #itemsMax: number;
  #items = 0;

  constructor(itemsMax: number = ITEMS_PER_TURN_MAX) {
    this.#itemsMax = itemsMax;
  }

  /** To be waited for behind so many items; undefined, at no cost, while there are few. */
  did(items: number): Promise<void> | undefined {
    this.#items += items;
    if (this.#items < this.#itemsMax) return undefined;
    this.#items = 0;
    return nextTurn();
  }
}
