/**
 * Bounds the bytes that fetches are reading at the same time; the others wait, in the order they
 * came. A read of the newest batches, which lie in memory, is over within its turn and hardly
 * waits. Whoever asked counts what was read as soon as it has it (fetch-budget.ts): so a thousand
 * parked fetches that one record wakes do not read a thousand times what they may at once.
 */
export class ReadsInFlight {
  readonly #bytesMax: number;
  #bytes = 0;
  readonly #waiting: Waiting[] = [];

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Calls `read` once there is room for what it may bring; one that is alone has room. */
  async run<T>(bytes: number, read: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) {
      await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }));
    } else {
      this.#bytes += bytes;
    }
    try {
      return await read();
    } finally {
      this.#bytes -= bytes;
      this.#wake();
    }
  }

  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }

  #wake(): void {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined || !this.#fits(next.bytes)) return;
      this.#waiting.shift();
      this.#bytes += next.bytes;
      next.begin();
    }
  }
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}
