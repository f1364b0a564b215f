/** Records as text on stdout. */
import type { ReceivedRecord } from '../client/client.ts';

export interface RecordPrinter {
  readonly begin: string;
  record(record: ReceivedRecord, isFirst: boolean): string | Buffer;
  end(isEmpty: boolean): string;
}

/**
 * `text` takes records in base64 form and prints exactly the value's bytes and a line feed; `json`
 * and `ndjson` print the server's form of a record.
 */
export function recordPrinter(
  output: 'text' | 'json' | 'ndjson',
  keyDelimiter: string | undefined,
): RecordPrinter {
  if (output === 'json') {
    return {
      begin: '[',
      record: (record, isFirst) => `${isFirst ? '\n' : ',\n'}${record.json}`,
      end: (isEmpty) => (isEmpty ? ']\n' : '\n]\n'),
    };
  }
  if (output === 'ndjson') {
    return { begin: '', record: (record) => `${record.json}\n`, end: () => '' };
  }
  return { begin: '', record: (record) => textLine(record, keyDelimiter), end: () => '' };
}

function textLine(record: ReceivedRecord, keyDelimiter: string | undefined): Buffer {
  const value = bytesOf(record.fields.value_base64);
  if (keyDelimiter === undefined) return Buffer.concat([value, LINE_FEED]);
  const delimiter = Buffer.from(keyDelimiter);
  return Buffer.concat([bytesOf(record.fields.key_base64), delimiter, value, LINE_FEED]);
}

const LINE_FEED = Buffer.from('\n');

function bytesOf(base64: string | null | undefined): Buffer {
  return Buffer.from(base64 ?? '', 'base64');
}
