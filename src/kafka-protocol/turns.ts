/** Lets what one connection asks for go one after the other, where more at once would cost memory. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when those before have ended; what it answers is to be called when this one has. */
  take(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    return before.then(() => resolve);
  }
}
