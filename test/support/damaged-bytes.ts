/** Bytes written by hand, and everything that damage makes of them. */
import { MillraceError } from '../../src/model/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';

/** Hexadecimal digits in groups as it reads best; strings in "..." stand for their UTF-8. */
export function bytesOf(text: string): Buffer {
  const parts = text.matchAll(/"([^"]*)"|([0-9a-f]+)/g);
  return Buffer.concat(
    [...parts].map(([, quoted, hex = '']) =>
      Buffer.from(quoted ?? hex, quoted === undefined ? 'hex' : 'utf8'),
    ),
  );
}

/** Each beginning, and each copy with one bit turned over. */
export function* damagedCopies(bytes: Buffer): Generator<Buffer> {
  for (let length = 0; length < bytes.length; length++) yield bytes.subarray(0, length);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    yield copy;
  }
}

/** How many were refused. Throws what is no refusal, and refusals of another code. */
export function refusedCount(
  copies: Iterable<Buffer>,
  decode: (bytes: Buffer) => unknown,
  code: ErrorCode,
): number {
  let count = 0;
  for (const copy of copies) {
    try {
      decode(copy);
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== code) throw error;
      count++;
    }
  }
  return count;
}
