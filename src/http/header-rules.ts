/** What a header of a record may be, whatever the media type it came in. */
import { HEADERS_PER_RECORD_MAX, HEADER_KEY_BYTES_MAX } from '../model/limits.ts';

/** Why a header with this key cannot be the one behind `count` others; undefined when it can. */
export function headerFault(count: number, key: string): string | undefined {
  if (count >= HEADERS_PER_RECORD_MAX) {
    return `is one header too many; a record has at most ${HEADERS_PER_RECORD_MAX}`;
  }
  if (!key.isWellFormed()) return 'has a lone surrogate, which UTF-8 cannot hold';
  const bytes = Buffer.byteLength(key);
  return bytes > HEADER_KEY_BYTES_MAX
    ? `has ${bytes} bytes; at most ${HEADER_KEY_BYTES_MAX} are allowed`
    : undefined;
}
