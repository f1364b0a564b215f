/**
 * The cursor that a member carries from call to call, so that nothing of it is kept here: what it
 * asked for, what it owned, and where it stands. To the caller it is opaque text: base64url of
 *
 *     version    byte, 1
 *     checksum   uint32, big-endian: CRC-32C of the body
 *     body       `cursor-bytes.ts`
 *
 * The checksum finds damage; it proves nothing about who made the cursor. Whoever may call the
 * server may make one that says anything, so what it says is checked where it is used.
 */
import { crc32c } from '../codec/crc32c.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { MillraceError } from '../model/errors.ts';
import { CURSOR_LENGTH_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import { decodeCursorBody, encodeCursorBody } from './cursor-bytes.ts';

export interface Cursor {
  readonly group: string;
  readonly subscription:
    | { readonly kind: 'topics'; readonly topics: readonly string[] }
    | { readonly kind: 'pattern'; readonly pattern: string };
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none';
  /** `fingerprintOf` what the subscription meant when the member joined. */
  readonly fingerprint: number;
  /** What this member owned: for the sticky assignors when it joins again. */
  readonly assigned: readonly TopicPartitions[];
  /** The one that it owned that in. */
  readonly generation: number;
  /** Where the next offset to read is not the committed one. */
  readonly positions: readonly {
    /** UUID, lower-case with hyphens. */
    readonly topicId: string;
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }[];
}

const VERSION = 1;
const HEADER_BYTES = 5;

/** Throws POLICY_VIOLATION when it would be longer than a cursor may be. */
export function encodeCursor(cursor: Cursor): string {
  const body = encodeCursorBody(cursor);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt32BE(crc32c(body), 1);
  const text = Buffer.concat([header, body]).toString('base64url');
  if (text.length <= CURSOR_LENGTH_MAX) return text;
  throw new MillraceError(
    'POLICY_VIOLATION',
    `the cursor of a member of group ${quote(cursor.group)} would have ${text.length} characters, ` +
      `and ${CURSOR_LENGTH_MAX} are allowed: it stands off the committed offset in ` +
      `${cursor.positions.length} partitions; commit more, subscribe to fewer topics, or let ` +
      'more members share them',
    { details: { group: cursor.group, length: text.length, length_max: CURSOR_LENGTH_MAX } },
  );
}

/**
 * Throws INVALID_REQUEST when it is longer than `lengthMax` characters, damaged, of another
 * version or of another group than `group`.
 */
export function decodeCursor(
  text: string,
  { group, lengthMax }: { readonly group: string; readonly lengthMax: number },
): Cursor {
  if (text.length > lengthMax) {
    throw refusal(`has ${text.length} characters; at most ${lengthMax} are allowed here`);
  }
  const bytes = Buffer.from(text, 'base64url');
  // Node passes over what is not base64url, and over bits that stand for nothing.
  if (bytes.toString('base64url') !== text) throw refusal('is not base64url; send it as it came');
  if (bytes.length < HEADER_BYTES) throw refusal('is cut short; send it as it came');
  const version = bytes.readUInt8(0);
  if (version !== VERSION) {
    throw refusal(`has version ${version}, and this server knows ${VERSION}; join without it`);
  }
  const body = bytes.subarray(HEADER_BYTES);
  if (bytes.readUInt32BE(1) !== crc32c(body)) throw refusal('is damaged; send it as it came');
  const cursor = bodyOf(body);
  if (cursor.group !== group) {
    throw refusal(`is of group ${quote(cursor.group)}, not of group ${quote(group)}`);
  }
  return cursor;
}

function bodyOf(body: Buffer): Cursor {
  try {
    return decodeCursorBody(body);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'CORRUPT_MESSAGE') throw error;
    throw refusal(`was not made by this server (${error.message})`, error);
  }
}

function refusal(fault: string, cause?: unknown): MillraceError {
  return new MillraceError('INVALID_REQUEST', `the cursor ${fault}`, {
    details: { field: 'cursor' },
    cause,
  });
}

/**
 * One number for what a subscription means: it changes when a topic comes or goes, is created
 * anew, or gets more partitions. An unsigned 32-bit number.
 */
export function fingerprintOf(
  topics: ReadonlyMap<string, { readonly topicId: string; readonly partitionCount: number }>,
): number {
  const lines = [...topics].map(
    ([name, { topicId, partitionCount }]) => `${name}/${topicId}/${partitionCount}\n`,
  );
  return crc32c(Buffer.from(lines.sort().join('')));
}
