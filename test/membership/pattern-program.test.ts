import { expect, test } from 'vitest';
import { stepsFor, stepsOf } from '../../src/membership/pattern-program.ts';
import { parsePattern } from '../../src/membership/pattern-syntax.ts';

test('a pattern becomes characters to wait for, forks and one match at the end', () => {
  const steps = stepsFor(parsePattern('^ab?$'));
  expect(steps.map(({ kind }) => kind)).toEqual([
    'start',
    'character',
    'fork',
    'character',
    'end',
    'match',
  ]);
  expect(steps[2]).toEqual({ kind: 'fork', first: 3, second: 4 });
});

test('an endless repetition goes back to its fork', () => {
  expect(stepsFor(parsePattern('a*')).slice(0, 3)).toEqual([
    { kind: 'fork', first: 1, second: 3 },
    expect.objectContaining({ kind: 'character' }),
    { kind: 'fork', first: 0, second: 0 },
  ]);
});

test.each([
  '',
  'abc',
  'a|b|c',
  '(a|b)*',
  'a{3}',
  'a{2,}',
  'a{0}',
  'a{1,5}',
  '((a?){2}|b+){3,7}',
  '(){9}',
])('there are never more steps of %j than were counted before', (pattern) => {
  const node = parsePattern(pattern);
  expect(stepsFor(node).length).toBeLessThanOrEqual(stepsOf(node) + 1);
});

test('repetitions within repetitions are counted without being made', () => {
  expect(stepsOf(parsePattern('((((){200}){200}){200}){200}'))).toBeGreaterThan(200 ** 4);
});
