/**
 * The order in which whole requests of compressed batches are inflated: one after the other, as
 * they came. So however many are sent at once, the memory of one is in use, and no turn of the
 * event loop is long.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { INFLATE_SYNC_BLOCKS_MAX, INFLATE_SYNC_BYTES_MAX } from '../model/limits.ts';

export class InflateLine {
  #last: Promise<unknown> = Promise.resolve();
  /** Inflated since the event loop last had a turn, by all of them. */
  #turnBytes = 0;
  #turnBatches = 0;

  /** Begins `task` once those before it are done, in whatever way. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** To be waited for by a task behind each batch that it has inflated to so many bytes. */
  async rest(bytes: number): Promise<void> {
    this.#turnBytes += bytes;
    // Many that inflate to next to nothing take their time, too: some 30 us each.
    this.#turnBatches++;
    const isLong =
      this.#turnBytes >= INFLATE_SYNC_BYTES_MAX || this.#turnBatches >= INFLATE_SYNC_BLOCKS_MAX;
    if (!isLong) return;
    await nextTurn();
    this.#turnBytes = 0;
    this.#turnBatches = 0;
  }
}
