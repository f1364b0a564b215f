/** JSON that was written here once, and that a disk or a person may have damaged since. */

/** Undefined for what is no JSON; its shape is for the caller to look at. */
export function parseStoredJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Of a text it says nothing else than a SyntaxError.
    return undefined;
  }
}
