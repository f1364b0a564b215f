/**
 * Inflates the batches that one answer shows, within the budget of all readers. A batch of a few
 * kilobytes may inflate to 64 MiB, whoever stored it; what was inflated stays counted until the
 * answer is done with, as the text made of it does.
 */
import { attributesAt, COMPRESSION_MASK } from '../codec/batch-header.ts';
import type { FetchBudget, Hold } from '../broker/fetch-budget.ts';

export class Inflater {
  readonly #budget: FetchBudget;
  readonly #holds: Hold[] = [];
  #last: { readonly batch: Buffer; readonly plain: Buffer } | undefined;

  constructor(budget: FetchBudget) {
    this.#budget = budget;
  }

  /**
   * The whole batch uncompressed, itself if it is. undefined: no room, and the answer, which has
   * inflated another one before, is to end; where it is the first it throws
   * THROTTLING_QUOTA_EXCEEDED.
   */
  open(batch: Buffer): Buffer | Promise<Buffer | undefined> {
    return (attributesAt(batch, 0) & COMPRESSION_MASK) === 0 ? batch : this.#inflate(batch);
  }

  /** To be called once the answer has been handed over or given up. */
  release(): void {
    for (const hold of this.#holds.splice(0)) hold.release();
    this.#last = undefined;
  }

  async #inflate(batch: Buffer): Promise<Buffer | undefined> {
    // A chunk that is written once more begins with the batch that is open.
    if (this.#last?.batch.equals(batch) === true) return this.#last.plain;
    const { plain, hold } = await this.#budget.inflate(batch);
    if (hold === undefined) {
      if (this.#holds.length === 0) throw this.#budget.exceeded(plain.length);
      return undefined;
    }
    this.#holds.push(hold);
    this.#last = { batch, plain };
    return plain;
  }
}
