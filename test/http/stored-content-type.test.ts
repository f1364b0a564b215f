import { describe, expect, test } from 'vitest';
import { storedContentType } from '../../src/http/stored-content-type.ts';

function stored(...values: (string | null)[]): string {
  return storedContentType(
    values.map((value) => ({
      key: 'content-type',
      value: value === null ? null : Buffer.from(value, 'latin1'),
    })),
  );
}

describe('a media type comes back as it was stored', () => {
  test.each([
    'text/html',
    'image/svg+xml',
    'text/plain; charset=utf-8',
    'Text/Plain;charset="utf-8";format=flowed',
    'a/b; c="d\\"e; f"',
    `application/${'x'.repeat(243)}`,
  ])('%s', (type) => expect(stored(type)).toBe(type));
});

describe('anything else is just bytes', () => {
  test.each([
    '',
    'html',
    'text/',
    '/html',
    'text/html;',
    'text/html; charset',
    'text/html; charset=',
    'text/html, text/plain',
    'text/html\r\nset-cookie: a=b',
    'text/html\n',
    ' text/html',
    'text/html; a="b',
    'text/html; a="b\r\n"',
    'text/ht\u00e9ml',
    'text/html\0',
    `application/${'x'.repeat(244)}`,
  ])('%j', (type) => expect(stored(type)).toBe('application/octet-stream'));

  test('no header, or one of null', () => {
    expect(stored()).toBe('application/octet-stream');
    expect(stored(null)).toBe('application/octet-stream');
  });

  test('a check of hostile length is over at once', () => {
    expect(stored(`a/b${';a="'.repeat(100_000)}`)).toBe('application/octet-stream');
  });
});

test('the last of several counts, in whatever case its name is', () => {
  expect(stored('text/html', 'text/plain')).toBe('text/plain');
  expect(storedContentType([{ key: 'Content-Type', value: Buffer.from('a/b') }])).toBe('a/b');
});
