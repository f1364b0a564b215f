/** Lines of a byte stream as bytes: not every input is UTF-8, and none should be changed. */
import { CommandFailure, EXIT } from './exit.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Yields the complete lines of each chunk together, so that a caller can send what is there
 * before it waits for more. A last line without its line feed counts; CR LF counts as LF. A line
 * that is too long fails when those before it have been given.
 */
export async function* lineGroups(
  input: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<Buffer[]> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let count = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const lines: Buffer[] = [];
    let from = 0;
    while (from < bytes.length) {
      const lineFeed = bytes.indexOf(LINE_FEED, from);
      const end = lineFeed === -1 ? bytes.length : lineFeed;
      pending.push(bytes.subarray(from, end));
      pendingBytes += end - from;
      from = end + 1;
      if (lineFeed === -1 || pendingBytes > lineBytesMax) break;
      lines.push(withoutReturn(joined(pending)));
      pending = [];
      pendingBytes = 0;
    }
    count += lines.length;
    if (lines.length > 0) yield lines;
    if (pendingBytes > lineBytesMax) {
      const message = `line ${count + 1} is longer than ${lineBytesMax} bytes`;
      throw new CommandFailure(EXIT.failed, message);
    }
  }
  if (pending.length > 0) yield [withoutReturn(joined(pending))];
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
