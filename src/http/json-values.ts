/**
 * Takes single values out of scanned JSON as the bytes that a record stores. A value begins at
 * `start` with its first byte and ends before `end`; it is known to be valid JSON.
 */
import { BACKSLASH, BRACE_OPEN, BRACKET_OPEN, LETTER_N, QUOTE } from './json-scan.ts';

/** Bytes to store, null, or as text what is wrong: it follows the member's name in a message. */
export type Taken = Uint8Array | null | string;

export type TakeBytes = (bytes: Buffer, start: number, end: number) => Taken;

/** Any JSON as it was sent: digits, white space and escapes stay. */
export function takeJson(bytes: Buffer, start: number, end: number): Taken {
  return bytes[start] === LETTER_N ? null : bytes.subarray(start, end);
}

/** The UTF-8 of a string. */
export function takeText(bytes: Buffer, start: number, end: number): Taken {
  if (bytes[start] === QUOTE) {
    return hasEscapes(bytes, start, end)
      ? unescaped(bytes, start, end)
      : bytes.subarray(start + 1, end - 1);
  }
  if (bytes[start] === LETTER_N) return null;
  return `is ${kindOfJson(bytes, start)}; send it as a string`;
}

function hasEscapes(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

/** Raw text is valid UTF-8 with the body; only escapes can spell half a character. */
function unescaped(bytes: Buffer, start: number, end: number): Taken {
  const text = readString(bytes, start, end);
  return text.isWellFormed()
    ? Buffer.from(text, 'utf8')
    : 'has a lone surrogate (an escape such as \\ud800 without its other half), which UTF-8 cannot hold';
}

/** The bytes that a base64 string stands for. */
export function takeBase64(bytes: Buffer, start: number, end: number): Taken {
  if (bytes[start] === LETTER_N) return null;
  if (bytes[start] !== QUOTE) return `is ${kindOfJson(bytes, start)}; send a base64 string`;
  return decodeBase64(readString(bytes, start, end)) ?? 'is not base64';
}

/** The text of a string. */
export function readString(bytes: Buffer, start: number, end: number): string {
  return hasEscapes(bytes, start, end)
    ? (JSON.parse(bytes.toString('utf8', start, end)) as string)
    : bytes.toString('utf8', start + 1, end - 1);
}

/**
 * Standard or URL-safe alphabet, padded or not; undefined for anything else. Node's own decoder
 * skips what it does not know and stops at the first `=`, so what it made is measured.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  let digits = text.length;
  while (digits > 0 && text.length - digits < 2 && text.charCodeAt(digits - 1) === 0x3d) digits--;
  const isPadded = digits < text.length;
  if (digits % 4 === 1 || (isPadded && text.length % 4 !== 0)) return undefined;
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === Math.floor((digits * 3) / 4) ? decoded : undefined;
}

/** Digits that surely make a safe integer. */
const SAFE_DIGITS = 15;

/** The number, or undefined when it is not an integer from 0 to `max` (such as `1e400`). */
export function takeInteger(
  bytes: Buffer,
  start: number,
  end: number,
  max: number,
): number | undefined {
  const value = end - start <= SAFE_DIGITS ? readDigits(bytes, start, end) : undefined;
  const integer = value ?? readNumber(bytes, start, end);
  return integer !== undefined && integer <= max ? integer : undefined;
}

/** undefined when other characters than digits are there. */
function readDigits(bytes: Buffer, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

/** `1.0` and `1e3` are integers, too; -0 is 0. */
function readNumber(bytes: Buffer, start: number, end: number): number | undefined {
  if (kindOfJson(bytes, start) !== 'a number') return undefined;
  const value = Number(bytes.toString('latin1', start, end)) + 0;
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function kindOfJson(bytes: Buffer, start: number): string {
  switch (bytes[start]) {
    case QUOTE:
      return 'a string';
    case BRACE_OPEN:
      return 'an object';
    case BRACKET_OPEN:
      return 'an array';
    case LETTER_N:
      return 'null';
    case 0x74:
    case 0x66:
      return 'a boolean';
    default:
      return 'a number';
  }
}
