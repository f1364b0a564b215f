import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import { checkGroupName, checkTopicName, quote } from '../../src/model/names.ts';

function faultOf(name: string): string {
  return refusalBy(checkTopicName, name, 'INVALID_TOPIC_EXCEPTION')?.message ?? 'none';
}

function groupFaultOf(name: string): string {
  return refusalBy(checkGroupName, name, 'INVALID_GROUP_ID')?.message ?? 'none';
}

function refusalBy(
  check: (name: string) => void,
  name: string,
  code: ErrorCode,
): MillraceError | undefined {
  try {
    check(name);
  } catch (error) {
    if (error instanceof MillraceError && error.code === code) return error;
    throw error;
  }
  return undefined;
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

describe('a group name', () => {
  it.each([
    'a',
    '__proto__',
    'constructor',
    'a b',
    ' ',
    'a/b',
    '../etc',
    '...',
    'grün',
    '\u{1f600}',
    '%2e',
    'x'.repeat(255),
  ])('%j is allowed', (name) => {
    expect(groupFaultOf(name)).toBe('none');
  });

  it.each([
    ['', 'is empty'],
    ['.', 'is reserved'],
    ['..', 'is reserved'],
    ['line\n', 'holds a control character'],
    ['a\0', 'holds a control character'],
    ['\u001b[31m', 'holds a control character'],
    ['a\u007f', 'holds a control character'],
    ['a\u0085', 'holds a control character'],
    ['a\ud800', 'is not well-formed Unicode'],
    ['x'.repeat(256), 'has 256 characters; at most 255 are allowed'],
  ])('%j is refused, with the rule it breaks', (name, rule) => {
    expect(groupFaultOf(name)).toContain(rule);
  });

  it('is cut in the details, so that an error stays small', () => {
    const refusal = refusalBy(checkGroupName, 'x'.repeat(100_000), 'INVALID_GROUP_ID');
    expect(refusal?.details).toEqual({ group: 'x'.repeat(255) });
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
