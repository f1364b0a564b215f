/**
 * A small file that a person can read and in which a flipped bit is not believed:
 *
 *   line 1:  <title> <CRC-32C of everything behind line 1, 8 hex digits>\n
 *   rest:    JSON
 */
import { crc32c } from '../codec/crc32c.ts';

export type SealedReading<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly expected: string; readonly found: string }
  | { readonly kind: 'read'; readonly value: T };

export function encodeSealed(title: string, value: unknown): Buffer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  return Buffer.concat([Buffer.from(`${title} ${checksum(body)}\n`), body]);
}

/** `content` undefined: there is no such file. */
export function decodeSealed<T>(title: string, content: Buffer | undefined): SealedReading<T> {
  if (content === undefined) return { kind: 'none' };
  const lineEnd = content.indexOf(0x0a);
  const firstLine = content.toString('latin1', 0, Math.max(0, Math.min(lineEnd, 80)));
  const body = content.subarray(lineEnd + 1);
  const expected = `${title} ${checksum(body)}`;
  if (lineEnd === -1 || firstLine !== expected) {
    return { kind: 'damaged', expected, found: firstLine };
  }
  // The checksum has passed, so this is what `encodeSealed` wrote.
  return { kind: 'read', value: JSON.parse(body.toString()) as T };
}

function checksum(body: Buffer): string {
  return crc32c(body).toString(16).padStart(8, '0');
}
