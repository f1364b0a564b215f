/**
 * Runs tasks one after the other, in the order they came. What is checked at the beginning of a
 * task then still holds at its end, whatever it waits for in between.
 */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined); // Told to its own caller.
    return turn;
  }

  /** Resolves when all that was handed in so far is done. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
