/** A line of input as a record: where it is split, what is null, which headers it gets. */
import type { OutgoingRecord } from '../client/client.ts';
import { CommandFailure, EXIT } from './exit.ts';

export interface LineRule {
  /** Between key and value; undefined: the line is the value. */
  readonly keyDelimiter?: string | undefined;
  /** An empty key or value becomes null. */
  readonly emptyAsNull?: boolean | undefined;
  readonly headers: NonNullable<OutgoingRecord['headers']>;
}

/** Throws CommandFailure naming the line, which counts from 1. */
export function lineRecord(line: Buffer, lineNumber: number, rule: LineRule): OutgoingRecord {
  const { keyDelimiter, headers } = rule;
  const common = headers.length === 0 ? {} : { headers };
  if (keyDelimiter === undefined) return { value_base64: coded(line, rule), ...common };
  const at = line.indexOf(keyDelimiter);
  if (at === -1) {
    const message = `line ${lineNumber} has no key delimiter ${JSON.stringify(keyDelimiter)}`;
    throw new CommandFailure(EXIT.failed, message);
  }
  const key = coded(line.subarray(0, at), rule);
  const value = coded(line.subarray(at + Buffer.byteLength(keyDelimiter)), rule);
  return { key_base64: key, value_base64: value, ...common };
}

function coded(part: Buffer, { emptyAsNull }: LineRule): string | null {
  return emptyAsNull === true && part.length === 0 ? null : part.toString('base64');
}
