/** Tasks that must not run at the same time: each begins when the ones before it are over. */
export class V2OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = (async () => {
      await before;
      return task();
    })();
    // How it ended is its own caller's affair.
    this.#last = Promise.allSettled([mine]);
    return mine;
  }
}
