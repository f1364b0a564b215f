/** Counts the reads of members: which of its partitions comes first changes from read to read. */
export class Turns {
  #turn = 0;

  next(): number {
    this.#turn = (this.#turn + 1) % 1_000_003;
    return this.#turn;
  }
}
