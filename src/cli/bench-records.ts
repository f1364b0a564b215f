/**
 * The records of a load. Each says which run and which connection wrote it, as the how manieth, and
 * when, so that all of them can be found again and told from those of anybody else.
 */

/** The shortest value in which all that has room. */
export const RECORD_BYTES_MIN = 48;

export interface WrittenBy {
  /** Number of the connection. */
  readonly writer: number;
  /** From 0, of this writer. */
  readonly sequence: number;
  /** Milliseconds on the clock of the run. */
  readonly sentMs: number;
}

/** The JSON of a record for the server; `bytes` is the size of the stored value, with its quotes. */
export function recordJson(
  run: string,
  { writer, sequence, sentMs }: WrittenBy,
  { bytes, key }: { readonly bytes: number; readonly key: string | undefined },
): string {
  const facts = `${run} ${writer} ${sequence} ${sentMs.toFixed(3)} `;
  const value = facts.padEnd(bytes - 2, '.');
  return key === undefined ? `{"value":"${value}"}` : `{"key":"${key}","value":"${value}"}`;
}

/** undefined for the record of another run, or of somebody else. */
export function writtenBy(run: string, value: unknown): WrittenBy | undefined {
  if (typeof value !== 'string' || !value.startsWith(`${run} `)) return undefined;
  const [, writer, sequence, sentMs] = value.split(' ', 4);
  return { writer: Number(writer), sequence: Number(sequence), sentMs: Number(sentMs) };
}
