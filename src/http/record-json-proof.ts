/**
 * Whether stored text may stand in a JSON answer as it is: it is one JSON value, proved by
 * `JSON.parse` or, where it is long, by a walk over its bytes, and not nested deeper than what is
 * taken here as JSON, which parsers commonly allow. It takes byte text (`record-view.ts`).
 */
import { MillraceError } from '../model/errors.ts';
import { BODY_DEPTH_MAX } from '../model/limits.ts';
import { skipSpace, skipValue } from './json-scan.ts';

/**
 * Longer texts are walked over: anyone may have stored 16 MiB of `[],[],...`, of which `JSON.parse`
 * makes a gigabyte of objects in seconds (measured: 100 ms a MiB, the walk 10).
 */
const PARSED_CHARS_MAX = 65_536;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

export function isJson(text: string): boolean {
  if (text.length > PARSED_CHARS_MAX) return isJsonText(Buffer.from(text, 'latin1'));
  const first = text.charCodeAt(0);
  if (first !== QUOTE) {
    // Most of what is not JSON shows it at once; to throw and catch costs twenty times a parse.
    if (first !== OPEN_BRACE && first !== OPEN_BRACKET && !JSON_START.test(text)) return false;
    if (nestsTooDeep(text)) return false;
  }
  try {
    JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
  return true;
}

function isJsonText(bytes: Buffer): boolean {
  try {
    const end = skipValue(bytes, skipSpace(bytes, 0), 0, false);
    return skipSpace(bytes, end) === bytes.length;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return false;
  }
}

const JSON_START = /^[ \t\r\n]*["{[\-\dtfn]/;

/**
 * Looked at before parsing: measured, `JSON.parse` takes a fifth of a second for a megabyte of
 * brackets.
 */
function nestsTooDeep(text: string): boolean {
  if (text.length <= 2 * BODY_DEPTH_MAX || brackets(text) <= BODY_DEPTH_MAX) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      if (++depth > BODY_DEPTH_MAX) return true;
    } else if (char === '}' || char === ']') depth--;
  }
  return false;
}

/** Opening brackets anywhere, also in strings; the counting ends above the bound. */
function brackets(text: string): number {
  let count = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > BODY_DEPTH_MAX) return count;
    }
  }
  return count;
}
