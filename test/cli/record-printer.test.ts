import { describe, expect, it } from 'vitest';
import { recordPrinter } from '../../src/cli/record-printer.ts';
import type { PrinterOptions } from '../../src/cli/record-printer.ts';
import type { ReceivedRecord } from '../../src/client/record-stream.ts';

function record(key: string | null, value: string | Uint8Array | null): ReceivedRecord {
  const base64 = (part: string | Uint8Array | null): string | null =>
    part === null ? null : Buffer.from(part).toString('base64');
  const fields = { key_base64: base64(key), value_base64: base64(value) };
  return {
    fields: { partition: 0, offset: 0, timestamp: 0, ...fields },
    json: JSON.stringify({ key }),
  };
}

function printed(options: Partial<PrinterOptions>, ...groups: ReceivedRecord[][]): Buffer {
  const printer = recordPrinter({ output: 'text', toTerminal: false, ...options });
  const parts = [printer.begin(), ...groups.map((group) => printer.group(group)), printer.end()];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

describe('text', () => {
  it('is each value and a line feed', () => {
    expect(printed({}, [record('k', 'a'), record(null, 'b')], [record(null, '')]).toString()).toBe(
      'a\nb\n\n',
    );
  });

  it('is exactly the bytes of a value', () => {
    const bytes = Buffer.from([0, 27, 255, 10, 13]);
    expect(printed({}, [record(null, bytes)])).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
  });

  it('has the key before its delimiter if asked for', () => {
    const group = [record('k', 'v'), record(null, 'w'), record('', '')];
    expect(printed({ keyDelimiter: '=>' }, group).toString()).toBe('k=>v\n=>w\n=>\n');
  });

  it('shows what is null as nothing, or as NULL if asked for', () => {
    const group = [record(null, null), record('', '')];
    expect(printed({ keyDelimiter: ':' }, group).toString()).toBe(':\n:\n');
    expect(printed({ keyDelimiter: ':', showNull: true }, group).toString()).toBe('NULL:NULL\n:\n');
  });

  it('does nothing to a terminal but show text', () => {
    const bytes = Buffer.from([0x1b, 0x5b, 0x32, 0x4a, 0xc2, 0x9b, 0xff]);
    const shown = printed({ toTerminal: true, keyDelimiter: '\u0007' }, [record('\r', bytes)]);
    expect(shown.toString()).toBe('\\x0d\\x07\\x1b[2J\\x9b\ufffd\n');
  });
});

describe('ndjson', () => {
  it('is the line of each record as the server wrote it', () => {
    expect(
      printed(
        { output: 'ndjson' },
        [record('a', null), record('b', null)],
        [record('c', null)],
      ).toString(),
    ).toBe('{"key":"a"}\n{"key":"b"}\n{"key":"c"}\n');
  });

  it('leaves a terminal no control character', () => {
    const group = [record('\u009b', null)];
    expect(printed({ output: 'ndjson', toTerminal: true }, group).toString()).toBe(
      '{"key":"\\u009b"}\n',
    );
    expect(printed({ output: 'ndjson' }, group).toString()).toBe('{"key":"\u009b"}\n');
  });
});

describe('json', () => {
  it.each([
    ['nothing', []],
    ['one group', [[record('a', null), record('b', null)]]],
    ['several', [[record('a', null)], [record('b', null), record('c', null)]]],
  ])('is one array of %s', (_, groups) => {
    const text = printed({ output: 'json' }, ...groups).toString();
    expect(JSON.parse(text)).toEqual(groups.flat().map(({ json }) => JSON.parse(json) as unknown));
    expect(text.endsWith(']\n')).toBe(true);
  });
});
