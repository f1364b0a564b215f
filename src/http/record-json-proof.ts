/**
 * Whether stored text may stand in a JSON answer as it is: it is one JSON value, proved by
 * `JSON.parse`, and not nested deeper than what is taken here as JSON, which parsers commonly
 * allow. It takes byte text (`record-view.ts`) as well as any other.
 */
import { BODY_DEPTH_MAX } from '../model/limits.ts';

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

export function isJson(text: string): boolean {
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
