import { describe, expect, test } from 'vitest';
import {
  base64Member,
  binaryMember,
  headersMember,
  jsonLineMember,
  jsonMember,
  textMember,
} from '../../src/http/record-json-text.ts';
import type { WriteMember } from '../../src/http/record-json-text.ts';
import { RecordView } from '../../src/http/record-view.ts';
import type { RecordHeader } from '../../src/model/record.ts';
import { storedBatch, valued } from '../support/stored-records.ts';

const NOT_UTF8 = Buffer.from([0x22, 0xff, 0x22]);

function member(write: WriteMember, value: Uint8Array | string | null): string {
  const view = new RecordView(storedBatch([valued(value)]));
  view.next();
  return fromByteText(write(view, view.at.valueStart, view.at.valueEnd));
}

function headers(list: readonly RecordHeader[], asBase64 = false): string {
  const view = new RecordView(storedBatch([valued('', { headers: list })]));
  view.next();
  return fromByteText(headersMember(view, asBase64));
}

function fromByteText(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}

describe('a text member', () => {
  test.each(['', 'a', 'é\u2028😀', 'a"b\\c', '\0\r\n\t\u001f\u007f', '","forged":"'])(
    'is %j as a JSON string',
    (text) => {
      const written = member(textMember('value', true), text);
      expect(JSON.parse(`{${written}}`)).toEqual({ value: text });
    },
  );

  test('is base64 under another name when it is checked and not UTF-8', () => {
    expect(member(textMember('key', true), NOT_UTF8)).toBe('"key_base64":"Iv8i"');
  });
});

describe('a JSON member', () => {
  test('is the JSON as it was stored, byte for byte', () => {
    for (const json of ['12345678901234567890', '1.0', ' { "a" : 1 }\r\n', '"é\u2028"']) {
      expect(member(jsonMember('value', true), json)).toBe(`"value":${json}`);
    }
  });

  test('is base64 under another name for what is no JSON', () => {
    for (const text of ['', 'abc', '1},{"offset":99', '\ufeff1']) {
      const coded = Buffer.from(text).toString('base64');
      expect(member(jsonMember('value', false), text)).toBe(`"value_base64":"${coded}"`);
    }
  });

  test('is base64 when it is checked and has a string that is not UTF-8', () => {
    expect(member(jsonMember('value', true), NOT_UTF8)).toBe('"value_base64":"Iv8i"');
  });

  test('on one line has spaces for raw line breaks, which stand between tokens only', () => {
    expect(member(jsonLineMember('value', true), '[1,\r\n2,\n"a\\nb"]')).toBe(
      '"value":[1,  2, "a\\nb"]',
    );
  });
});

test('null is null under the name that the other values of the format have', () => {
  expect(member(textMember('value', true), null)).toBe('"value":null');
  expect(member(jsonMember('value', true), null)).toBe('"value":null');
  expect(member(binaryMember('value', true), null)).toBe('"value":null');
  expect(member(base64Member('value'), null)).toBe('"value_base64":null');
});

test('base64 has any bytes', () => {
  expect(member(base64Member('value'), NOT_UTF8)).toBe('"value_base64":"Iv8i"');
  expect(member(binaryMember('key', false), NOT_UTF8)).toBe('"key":"Iv8i"');
});

describe('headers', () => {
  test('are a list that keeps their order and repetitions', () => {
    const list = ['b', 'a', 'b'].map((key, index) => ({ key, value: Buffer.from([48 + index]) }));
    expect(headers(list)).toBe(
      '"headers":[{"key":"b","value":"0"},{"key":"a","value":"1"},{"key":"b","value":"2"}]',
    );
    expect(headers([])).toBe('"headers":[]');
  });

  test('may be null, and are base64 where they are not UTF-8', () => {
    const list = [
      { key: 'é"', value: null },
      { key: '', value: Buffer.from([0xff]) },
      { key: '__proto__', value: Buffer.from('é"\n') },
    ];
    expect(headers(list)).toBe(
      '"headers":[{"key":"é\\"","value":null},{"key":"","value_base64":"/w=="},' +
        '{"key":"__proto__","value":"é\\"\\n"}]',
    );
  });

  test('are all base64 in that format', () => {
    const list = [
      { key: 'a', value: Buffer.from('b') },
      { key: 'n', value: null },
    ];
    expect(headers(list, true)).toBe(
      '"headers":[{"key":"a","value_base64":"Yg=="},{"key":"n","value_base64":null}]',
    );
  });
});
