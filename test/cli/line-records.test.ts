import { describe, expect, it } from 'vitest';
import { lineRecord } from '../../src/cli/line-records.ts';
import type { LineRule } from '../../src/cli/line-records.ts';

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function recordOf(line: string, rule: Partial<LineRule> = {}) {
  return lineRecord(Buffer.from(line), 7, { headers: [], ...rule });
}

it('makes the whole line the value', () => {
  expect(recordOf('a:b')).toEqual({ value_base64: base64('a:b') });
});

it('keeps bytes that are not text', () => {
  const line = Buffer.from([0, 255, 13]);
  expect(lineRecord(line, 1, { headers: [] })).toEqual({ value_base64: line.toString('base64') });
});

it('adds the headers', () => {
  const headers = [{ key: 'a', value: 'b' }];
  expect(recordOf('x', { headers })).toEqual({ value_base64: base64('x'), headers });
});

describe('with a key delimiter', () => {
  it('splits at the first', () => {
    expect(recordOf('k::v::w', { keyDelimiter: '::' })).toEqual({
      key_base64: base64('k'),
      value_base64: base64('v::w'),
    });
  });

  it('counts the bytes of a delimiter, not its characters', () => {
    expect(recordOf('k→v', { keyDelimiter: '→' })).toEqual({
      key_base64: base64('k'),
      value_base64: base64('v'),
    });
  });

  it('names the line that has none', () => {
    expect(() => recordOf('kv', { keyDelimiter: '\t' })).toThrow(
      'line 7 has no key delimiter "\\t"',
    );
  });
});

describe('an empty key or value', () => {
  it('is just that', () => {
    expect(recordOf(':', { keyDelimiter: ':' })).toEqual({ key_base64: '', value_base64: '' });
  });

  it('is null when asked for', () => {
    const rule = { keyDelimiter: ':', emptyAsNull: true };
    expect(recordOf(':', rule)).toEqual({ key_base64: null, value_base64: null });
    expect(recordOf('k:', rule)).toEqual({ key_base64: base64('k'), value_base64: null });
    expect(recordOf(':v', rule)).toEqual({ key_base64: null, value_base64: base64('v') });
    expect(recordOf('', { emptyAsNull: true })).toEqual({ value_base64: null });
  });
});
