import { expect, test } from 'vitest';
import { readJsonHeaders } from '../../src/http/json-headers.ts';
import { isPlainText } from '../../src/http/json-scan.ts';
import { HEADERS_PER_RECORD_MAX, HEADER_KEY_BYTES_MAX } from '../../src/model/limits.ts';

/** Pairs of texts, or the fault as `member message`; however the bytes are looked at. */
function read(text: string): [string, string | null][] | string {
  const bytes = Buffer.from(text);
  const found = shown(readJsonHeaders(bytes, 0, false));
  if (isPlainText(bytes)) expect(shown(readJsonHeaders(bytes, 0, true))).toEqual(found);
  return found;
}

function shown(headers: ReturnType<typeof readJsonHeaders>): [string, string | null][] | string {
  if ('message' in headers) return `${headers.member} ${headers.message}`.trim();
  return headers.map(({ key, value }) => [
    key,
    value === null ? null : Buffer.from(value).toString(),
  ]);
}

test('a list keeps its order and its repetitions', () => {
  expect(
    read('[{"key":"b","value":"1"}, {"value":null,"key":"a"} ,{"key":"b","value":"2"}]'),
  ).toEqual([
    ['b', '1'],
    ['a', null],
    ['b', '2'],
  ]);
  expect(read('[ ]')).toEqual([]);
  expect(read('null')).toEqual([]);
});

test('a value that is not text comes as base64', () => {
  expect(read('[{"key":"a","value_base64":"YWJj"},{"key":"b","value_base64":null}]')).toEqual([
    ['a', 'abc'],
    ['b', null],
  ]);
});

test('an object is names and texts, in its own order even where names are numbers', () => {
  expect(read('{"b":"1","2":"x","1":"y","__proto__":"z","n":null}')).toEqual([
    ['b', '1'],
    ['2', 'x'],
    ['1', 'y'],
    ['__proto__', 'z'],
    ['n', null],
  ]);
  expect(read('{ }')).toEqual([]);
});

test('escapes are decoded in keys and values', () => {
  expect(read('[{"\\u006bey":"a\\n","value":"\\u00fc"}]')).toEqual([['a\n', 'ü']]);
  expect(read('{"a\\n":"\\u00fc"}')).toEqual([['a\n', 'ü']]);
});

test.each([
  ['1', 'is a number; send a list of {key, value} or an object'],
  ['"a: b"', 'is a string; send a list of {key, value} or an object'],
  ['["a"]', '[0] is a string; it must be an object {key, value}'],
  ['[{"key":"a","value":"b"},{}]', '[1].key is missing'],
  ['[{"key":"a"}]', '[0].value is missing; send null for a header without one'],
  ['[{"key":1,"value":"b"}]', '[0].key is a number; it must be a string'],
  ['[{"key":null,"value":"b"}]', '[0].key is null; it must be a string'],
  ['[{"key":"a","value":1}]', '[0].value is a number; send it as a string'],
  [
    '[{"key":"a","value":"b","x":1}]',
    '[0] has unknown members: "x"; known are key, value, value_base64',
  ],
  ['[{"key":"a","value":"b","value":"c"}]', '[0] has members given twice: "value"'],
  [
    '[{"key":"a","value":"b","value_base64":"YQ=="}]',
    '[0] has both value and value_base64; send one of them',
  ],
  ['[{"key":"a","value_base64":"%"}]', '[0].value_base64 is not base64'],
  ['{"a":1}', '["a"] is a number; send it as a string'],
  ['{"a":"1","a":"2"}', '["a"] is given twice; a list of {key, value} can repeat a header'],
])('%s is refused with its place', (text, fault) => {
  expect(read(text)).toBe(fault);
});

test('half a character is refused in keys as in values', () => {
  expect(read('[{"key":"\\ud800","value":"b"}]')).toContain('[0].key has a lone surrogate');
  expect(read('[{"key":"a","value":"\\ud800"}]')).toContain('[0].value has a lone surrogate');
  expect(read('{"\\ud800":"b"}')).toContain('has a lone surrogate');
});

test('more headers or longer keys than allowed are refused by their place', () => {
  const list = (count: number): string =>
    JSON.stringify(Array.from({ length: count }, () => ({ key: 'a', value: 'b' })));
  expect(read(list(HEADERS_PER_RECORD_MAX))).toHaveLength(HEADERS_PER_RECORD_MAX);
  expect(read(list(HEADERS_PER_RECORD_MAX + 1))).toMatch(/^\[64\]\.key is one header too many/);
  const key = 'x'.repeat(HEADER_KEY_BYTES_MAX + 1);
  expect(read(JSON.stringify([{ key, value: null }]))).toMatch(/^\[0\]\.key has 1025 bytes/);
  expect(read(JSON.stringify({ [key]: null }))).toMatch(/^\["x+"\] has 1025 bytes/);
});
