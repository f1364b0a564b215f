import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { checkTopicName, quote } from '../../src/model/names.ts';

function faultOf(name: string): string {
  try {
    checkTopicName(name);
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'INVALID_TOPIC_EXCEPTION') {
      return error.message;
    }
    throw error;
  }
  return 'none';
}

describe('a topic name', () => {
  it.each(['a', 'A.b_c-9', '__proto__', 'constructor', '...', 'x'.repeat(249)])(
    '%j is allowed',
    (name) => {
      expect(faultOf(name)).toBe('none');
    },
  );

  it.each([
    ['', 'is empty'],
    ['.', 'is reserved'],
    ['..', 'is reserved'],
    ['../etc', 'may hold only ASCII letters'],
    ['a/b', 'may hold only ASCII letters'],
    ['a b', 'may hold only ASCII letters'],
    ['a\0', 'may hold only ASCII letters'],
    ['ä', 'may hold only ASCII letters'],
    ['line\n', 'may hold only ASCII letters'],
    ['x'.repeat(250), 'has 250 characters; at most 249 are allowed'],
  ])('%j is refused, with the rule it breaks', (name, rule) => {
    expect(faultOf(name)).toContain(rule);
  });
});

describe('user text in a message', () => {
  it('is escaped, so that it cannot forge a line or a colour', () => {
    expect(quote('a"b\n\u001b[31m')).toBe('"a\\"b\\n\\u001b[31m"');
  });

  it('is cut, so that an error stays small', () => {
    expect(quote('x'.repeat(10_000)).length).toBeLessThan(100);
  });
});
