import { describe, expect, test } from 'vitest';
import { chooseMediaType, parseMediaType } from '../../src/http/media-types.ts';

describe('parseMediaType', () => {
  test('case, blanks and parameters do not matter to the essence', () => {
    for (const header of [
      'application/json',
      'Application/JSON',
      '  application/json  ',
      'application/json; charset=utf-8',
      'application/json;charset="utf-8"',
      'application/json ; a=b ; c="d;e,f"',
    ]) {
      expect(parseMediaType(header)?.essence, header).toBe('application/json');
    }
  });

  test('parameters are read by lower-case name, quoted ones unquoted', () => {
    const type = parseMediaType('text/plain; Charset="ut\\f-8"; format=Flowed');
    expect([...(type?.parameters ?? [])]).toEqual([
      ['charset', 'utf-8'],
      ['format', 'Flowed'],
    ]);
  });

  test('what is no media type is undefined', () => {
    for (const header of [undefined, '', 'json', 'a/', '/b', 'a b/c', 'a/b c', 'a/b/c']) {
      expect(parseMediaType(header), String(header)).toBeUndefined();
    }
  });

  test('many different headers are answered rightly after the memory was cleared', () => {
    for (let round = 0; round < 300; round += 1) {
      expect(parseMediaType(`application/x-${round % 150}`)?.essence).toBe(
        `application/x-${round % 150}`,
      );
    }
  });
});

describe('chooseMediaType', () => {
  const offered = ['application/json', 'application/msgpack', 'text/event-stream'];

  test.each([
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['text/*', 'text/event-stream'],
    ['TEXT/Event-Stream', 'text/event-stream'],
    ['application/msgpack', 'application/msgpack'],
    ['application/json;q=0.5, application/msgpack', 'application/msgpack'],
    ['application/json;q=0.5, application/msgpack;q=0.4', 'application/json'],
    // Equal q: the more specific range, then the order of the header.
    ['*/*, application/msgpack', 'application/msgpack'],
    ['text/event-stream, application/msgpack', 'text/event-stream'],
    // The most specific range decides about a type, also against it.
    ['*/*, application/json;q=0', 'application/msgpack'],
    ['application/json;q=0', undefined],
    ['image/png', undefined],
    ['garbage, application/msgpack', 'application/msgpack'],
    ['application/json;q=nonsense', 'application/json'],
    ['application/msgpack;note="a,b;q=0"', 'application/msgpack'],
    // What no quote closes reaches to the end.
    ['image/png;note="a, application/json', undefined],
    ['image/png;note="a\\", application/json\\', undefined],
  ])('Accept %j chooses %j', (accept, expected) => {
    expect(chooseMediaType(accept, offered)).toBe(expected);
    expect(chooseMediaType(accept, offered), 'from memory').toBe(expected);
  });

  test('what is remembered for one list of offers is not used for another', () => {
    expect(chooseMediaType('text/html, */*', ['a/b', 'text/html'])).toBe('text/html');
    expect(chooseMediaType('text/html, */*', ['a/b', 'c/d'])).toBe('a/b');
  });
});
