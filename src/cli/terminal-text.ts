/**
 * Stored bytes and other people's words on a terminal: control characters could move the cursor,
 * change colours, or type on the user's behalf, so they are shown and not obeyed. C1 controls
 * (0x80 to 0x9f) are obeyed by some terminals too.
 */

/** Tab and line feed stay; others become \x1b and the like. */
export function terminalText(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, (one) => `\\x${hex(one)}`);
}

/** The same JSON: what it may hold raw inside its strings becomes an escape. */
export function terminalJson(json: string): string {
  return json.replaceAll(/[\x7f-\x9f]/g, (one) => `\\u00${hex(one)}`);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}
