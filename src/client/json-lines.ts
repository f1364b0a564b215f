/**
 * Takes a byte stream of JSON lines (NDJSON) apart, as text: a number of more than 53 bits would not
 * survive being parsed and printed. Empty lines are heartbeats and are left out.
 */

const LINE_FEED = 0x0a;

/**
 * Yields the lines that each chunk completes together: a caller handles them in one go. A last
 * line without its line feed counts.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let pending: Buffer[] = [];
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
      pending.push(bytes.subarray(from, end));
      const line = textOf(pending);
      pending = [];
      from = end + 1;
      if (line !== '') lines.push(line);
    }
    if (from < bytes.length) pending.push(bytes.subarray(from));
    if (lines.length > 0) yield lines;
  }
  const rest = textOf(pending);
  if (rest !== '') yield [rest];
}

function textOf(parts: readonly Buffer[]): string {
  const [only] = parts;
  return (parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)).toString().trim();
}
