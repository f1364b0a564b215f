/** Answers of the Kafka protocol as they arrive: the beginning of each is looked at, the rest counted. */

/** How many answers are whole now. `onHead` gets the first `headBytes` of each, its size included. */
export function frames(
  headBytes: number,
  onHead: (head: Buffer) => void,
): (chunk: Buffer) => number {
  let head: Buffer = Buffer.alloc(0);
  /** Of the answer whose head has been shown. */
  let missing = 0;
  return (chunk) => {
    let [whole, at] = [0, 0];
    while (at < chunk.length) {
      if (missing === 0) {
        const part = chunk.subarray(at, at + headBytes - head.length);
        head = head.length === 0 ? part : Buffer.concat([head, part]);
        at += part.length;
        if (head.length < headBytes) break;
        onHead(head);
        missing = 4 + head.readInt32BE(0) - headBytes;
        head = Buffer.alloc(0);
      }
      const rest = Math.min(missing, chunk.length - at);
      missing -= rest;
      at += rest;
      if (missing === 0) whole += 1;
    }
    return whole;
  };
}
