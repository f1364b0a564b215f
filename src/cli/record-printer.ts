/** Records as text on stdout. */
import type { ReceivedRecord, RecordGroup } from '../client/record-stream.ts';
import { terminalJson, terminalText } from './terminal-text.ts';

export type OutputForm = 'text' | 'json' | 'ndjson';

export interface PrinterOptions {
  readonly output: OutputForm;
  /** With text: between key and value; undefined = no key. */
  readonly keyDelimiter?: string | undefined;
  /** With text: NULL for a key or value that is null, which else prints like an empty one. */
  readonly showNull?: boolean | undefined;
  /** Whether the reader is a terminal. */
  readonly toTerminal: boolean;
}

export interface RecordPrinter {
  begin(): string;
  group(records: RecordGroup): string | Buffer;
  end(): string;
}

/**
 * `text` takes records in base64 form and prints exactly the bytes of each value and a line feed;
 * `json` and `ndjson` print the server's form of a record. On a terminal no control character is
 * left.
 */
export function recordPrinter(options: PrinterOptions): RecordPrinter {
  const { output, toTerminal } = options;
  const shown = toTerminal ? terminalJson : (json: string) => json;
  if (output === 'json') return jsonPrinter(shown);
  return {
    begin: () => '',
    group: (records) =>
      output === 'ndjson'
        ? shown(records.map(({ json }) => `${json}\n`).join(''))
        : textOf(records, options),
    end: () => '',
  };
}

/** One array over all groups. */
function jsonPrinter(shown: (json: string) => string): RecordPrinter {
  let isEmpty = true;
  return {
    begin: () => '[',
    group(records) {
      const text = records.map(({ json }) => json).join(',\n');
      const before = isEmpty ? '\n' : ',\n';
      isEmpty = false;
      return shown(before + text);
    },
    end: () => (isEmpty ? ']\n' : '\n]\n'),
  };
}

function textOf(records: RecordGroup, options: PrinterOptions): string | Buffer {
  const bytes = Buffer.concat(records.flatMap((record) => lineOf(record, options)));
  return options.toTerminal ? terminalText(bytes.toString()) : bytes;
}

const LINE_FEED = Buffer.from('\n');

function lineOf({ fields }: ReceivedRecord, options: PrinterOptions): Buffer[] {
  const { keyDelimiter } = options;
  const value = bytesOf(fields.value_base64, options);
  if (keyDelimiter === undefined) return [value, LINE_FEED];
  const key = bytesOf(fields.key_base64, options);
  return [key, Buffer.from(keyDelimiter), value, LINE_FEED];
}

function bytesOf(base64: string | null | undefined, { showNull }: PrinterOptions): Buffer {
  if (base64 === null && showNull === true) return Buffer.from('NULL');
  return Buffer.from(base64 ?? '', 'base64');
}
