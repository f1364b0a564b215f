/** The protocol of Redis (RESP 2), as far as a load needs it. */

export function command(...parts: readonly (string | number)[]): Buffer {
  const texts = parts.map(String);
  const bulk = texts.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  return Buffer.from(`*${texts.length}\r\n${bulk.join('')}`);
}

const [ARRAY, BULK, ERROR] = ['*', '$', '-'].map((each) => each.charCodeAt(0));

/** For each connection: how many answers are whole now. Texts in them are stepped over or shown. */
export function answers(onText?: (text: string) => void): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0);
  /** Elements that the answer still lacks. */
  let missing = 1;
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let [whole, at] = [0, 0];
    for (;;) {
      const lineEnd = bytes.indexOf(10, at);
      if (lineEnd === -1) break;
      const kind = bytes[at];
      if (kind === ERROR) throw new Error(bytes.toString('latin1', at, lineEnd));
      const length = kind === ARRAY || kind === BULK ? numberAt(bytes, at + 1) : -1;
      const end = kind === BULK && length >= 0 ? lineEnd + 1 + length + 2 : lineEnd + 1;
      if (end > bytes.length) break;
      if (kind === BULK) onText?.(bytes.toString('latin1', lineEnd + 1, end - 2));
      at = end;
      missing += kind === ARRAY && length > 0 ? length - 1 : -1;
      if (missing > 0) continue;
      whole += 1;
      missing = 1;
    }
    rest = bytes.subarray(at);
    return whole;
  };
}

/** -1 for what is not there. */
function numberAt(bytes: Buffer, start: number): number {
  if (bytes[start] === 45) return -1;
  let value = 0;
  for (let at = start; bytes[at] !== 13; at += 1) value = value * 10 + (bytes[at] as number) - 48;
  return value;
}
