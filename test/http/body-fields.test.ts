import { describe, expect, test } from 'vitest';
import {
  badField,
  readChoice,
  readInteger,
  readText,
  readTexts,
  requireInteger,
  requireText,
} from '../../src/http/body-fields.ts';

const refused = (field: string, message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_REQUEST',
    message: expect.stringMatching(message),
    details: expect.objectContaining({ field }),
  });

describe('an integer', () => {
  const rule = { min: 1, max: 9 };

  test('is taken within its range, and may be left out where there is a fallback', () => {
    expect(requireInteger({ n: 1 }, 'n', rule)).toBe(1);
    expect(requireInteger({ n: 9 }, 'n', rule)).toBe(9);
    expect(readInteger({}, 'n', { ...rule, fallback: 5 })).toBe(5);
    expect(readInteger({ n: 2 }, 'n', { ...rule, fallback: 5 })).toBe(2);
  });

  test.each([0, 10, 1.5, '1', null, true, []])('%j is refused by name', (n) => {
    const message = /^n is .*; it must be an integer from 1 to 9$/;
    expect(() => requireInteger({ n }, 'n', rule)).toThrow(refused('n', message));
    expect(() => readInteger({ n }, 'n', { ...rule, fallback: 5 })).toThrow(refused('n', message));
  });

  test('that is missing is said to be', () => {
    expect(() => requireInteger({}, 'n', rule)).toThrow(refused('n', /^n is missing; it must/));
  });
});

describe('a text', () => {
  test('has at least one character and at most so many', () => {
    expect(requireText({ t: 'abc' }, 't', { lengthMax: 3 })).toBe('abc');
    for (const t of ['', 'abcd', 1, null, undefined]) {
      const message = /a string of 1 to 3 characters$/;
      expect(() => requireText({ t }, 't', { lengthMax: 3 })).toThrow(refused('t', message));
    }
  });

  test('may be left out or null where it is not required', () => {
    expect(readText({}, 't', { lengthMax: 3 })).toBeUndefined();
    expect(readText({ t: null }, 't', { lengthMax: 3 })).toBeUndefined();
    expect(readText({ t: 'a' }, 't', { lengthMax: 3 })).toBe('a');
    expect(() => readText({ t: 7 }, 't', { lengthMax: 3 })).toThrow(refused('t', /^t is "7"/));
  });
});

test('a choice is one of those there are', () => {
  const rule = { choices: ['a', 'b'], fallback: 'a' } as const;
  expect(readChoice({}, 'c', rule)).toBe('a');
  expect(readChoice({ c: 'b' }, 'c', rule)).toBe('b');
  expect(() => readChoice({ c: 'x' }, 'c', rule)).toThrow(refused('c', /must be "a" or "b"$/));
});

describe('a list of texts', () => {
  const rule = { countMax: 2, lengthMax: 3 };

  test('is taken as it is, or may be left out', () => {
    expect(readTexts({ l: ['a', 'b'] }, 'l', rule)).toEqual(['a', 'b']);
    expect(readTexts({}, 'l', rule)).toBeUndefined();
    expect(readTexts({ l: null }, 'l', rule)).toBeUndefined();
  });

  test.each([[[]], [['a', 'b', 'c']], [['a', 'a']], [['']], [['abcd']], [[1]], ['a'], [{}]])(
    '%j is refused',
    (l) => {
      expect(() => readTexts({ l }, 'l', rule)).toThrow(refused('l', /a list of 1 to 2 strings/));
    },
  );
});

test('what came is cut to the size of a message', () => {
  const { message } = badField('f', 'x'.repeat(1000), 'short');
  expect(message.length).toBeLessThan(200);
});
