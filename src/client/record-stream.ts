/**
 * The records of one partition as the server streams them. A stream that broke off after it gave
 * records is opened again behind the last of them: the server ends those of readers that take
 * nothing for a while, such as one who looks at a page of `less`.
 */
import { parseAnswer, streamFromServer } from './http-call.ts';
import type { Call } from './http-call.ts';
import { jsonLines } from './json-lines.ts';
import { isErrorBody, ServerError, UnreachableError } from './server-error.ts';

/** A record as the server's JSON has it; which of key and value it has depends on the format. */
export interface RecordFields {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key_base64?: string | null;
  readonly value_base64?: string | null;
}

/** A record of a stream: what it says, and the line as the server wrote it. */
export interface ReceivedRecord {
  readonly fields: RecordFields;
  readonly json: string;
}

/** Records that arrived together, at least one. */
export type RecordGroup = readonly ReceivedRecord[];

export interface StreamQuery {
  /** As the server takes it: a number, earliest, latest, -N, @time. */
  readonly offset: string;
  /** Whether it stays open for what is to come. */
  readonly follow: boolean;
  readonly format: 'json' | 'base64';
  readonly signal: AbortSignal;
}

/** `base` and the path of the partition's records are the caller's. */
export async function* recordStream(
  { base, path }: Pick<Call, 'base' | 'path'>,
  { offset, follow, format, signal }: StreamQuery,
): AsyncGenerator<RecordGroup> {
  let from = offset;
  for (;;) {
    let hasGiven = false;
    const query = new URLSearchParams({ offset: from, format, follow: String(follow) });
    const headers = { accept: 'application/x-ndjson' };
    const call: Call = {
      method: 'GET',
      base,
      path: `${path}?${query.toString()}`,
      headers,
      signal,
    };
    try {
      for await (const lines of jsonLines(streamFromServer(call))) {
        const { group, error } = readLines(base, lines);
        const last = group.at(-1);
        if (last !== undefined) {
          hasGiven = true;
          from = String(last.fields.offset + 1);
          yield group;
        }
        if (error !== undefined) throw error;
      }
      return;
    } catch (error) {
      if (!hasGiven || !isBrokenOff(error)) throw error;
    }
  }
}

function isBrokenOff(error: unknown): boolean {
  const isStalled = error instanceof ServerError && error.code === 'REQUEST_TIMED_OUT';
  return isStalled || error instanceof UnreachableError;
}

/** The last line may say why the stream ends. */
function readLines(
  base: string,
  lines: readonly string[],
): { group: ReceivedRecord[]; error?: ServerError } {
  const group: ReceivedRecord[] = [];
  for (const json of lines) {
    const fields = parseAnswer(base, json) as RecordFields & { readonly error?: unknown };
    if (isErrorBody(fields.error)) return { group, error: new ServerError(fields.error) };
    group.push({ fields, json });
  }
  return { group };
}
