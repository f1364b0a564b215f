import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  TOPIC_PATTERN_LENGTH_MAX,
  TOPIC_PATTERN_REPEATS_MAX,
  TOPIC_PATTERN_STEPS_MAX,
} from '../../src/model/limits.ts';
import { compileTopicPattern } from '../../src/membership/topic-pattern.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

describe('a topic pattern', () => {
  test.each([
    ['orders', ['orders'], ['order', 'orders2', 'xorders', 'Orders']],
    ['orders-.*', ['orders-', 'orders-eu'], ['orders', 'my-orders-eu']],
    ['^orders\\..*', ['orders.eu'], ['orders-eu', 'orders']],
    ['^orders$', ['orders'], ['orders2']],
    ['(a|b)-.*', ['a-1', 'b-'], ['c-1', 'a']],
    ['a|b-.*', ['a', 'b-1'], ['a-1']],
    ['(?:eu|us)[._-]?\\d{2,3}', ['eu12', 'us_123'], ['eu1', 'eu-1234']],
    ['[^a-c]+', ['xyz', '1.2'], ['xay', '']],
    ['[\\w.-]+', ['a_b.c-d'], ['']],
    ['v[-0-9]', ['v-', 'v7'], ['va']],
    ['\\D\\W', ['x-', '.-'], ['1-', 'xx']],
    ['x{2}', ['xx'], ['x', 'xxx']],
    ['x{2,}', ['xx', 'xxxx'], ['x']],
    ['(ab?){0,2}', ['', 'a', 'aba', 'abab'], ['ababa', 'b']],
    ['a*?b+?c??', ['b', 'aabbc'], ['c']],
    ['(|a)b', ['b', 'ab'], ['a']],
    ['(^a|b)c', ['ac', 'bc'], ['c']],
    ['a^b|a$b', [], ['ab', 'a', 'b']],
    ['.*', ['', 'anything'], []],
  ])('%s matches whole names as Java does', (pattern, names, others) => {
    const matches = compileTopicPattern(pattern);
    expect(names.filter((name) => !matches(name))).toEqual([]);
    expect(others.filter((name) => matches(name))).toEqual([]);
  });

  test('decides like JavaScript does, on any pattern of the subset', () => {
    const { pattern } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
      pattern: fc
        .array(
          fc
            .array(fc.tuple(tie('atom'), quantifier), { maxLength: 3 })
            .map((parts) => parts.map(([atom, times]) => atom + times).join('')),
          { minLength: 1, maxLength: 2 },
        )
        .map((alternatives) => alternatives.join('|')),
      atom: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom('a', 'b', '-', '.', '\\.', '[ab]', '[^a]', '[a-c.]', '\\w', '\\d'),
        tie('pattern').map((inside) => `(${inside})`),
        tie('pattern').map((inside) => `(?:^${inside}$|a)`),
      ),
    }));
    const names = fc.array(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.', '-', '1'), maxLength: 8 }),
    );
    fc.assert(
      fc.property(pattern, names, (text, candidates) => {
        fc.pre(text.length > 0 && text.length < 100);
        const matches = compileTopicPattern(text);
        const expected = new RegExp(`^(?:${text})$`);
        for (const name of candidates) {
          expect([text, name, matches(name)]).toEqual([text, name, expected.test(name)]);
        }
      }),
      { ...RUNS, numRuns: 2_000 },
    );
  });

  test('that keeps a backtracking matcher busy for ever takes no time', () => {
    const evil = [
      '(a*)*b',
      '(a|a)*b',
      '(a+)+b',
      '(.*)*x',
      `${'a?'.repeat(100)}${'a'.repeat(100)}b`,
    ];
    const name = 'a'.repeat(249);
    const start = performance.now();
    for (const pattern of evil) expect(compileTopicPattern(pattern)(name)).toBe(false);
    const costliest = compileTopicPattern(`(${'a?'.repeat(300)})*b`);
    for (let count = 0; count < 10; count += 1) expect(costliest(name)).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  test('matches a name of any characters without a fault', () => {
    expect(compileTopicPattern('.*')('caf\u{e9}')).toBe(false);
    expect(compileTopicPattern('[^a]')('\u{7f}')).toBe(true);
  });
});

const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0}', '{2,}', '*?');

describe('refused is a topic pattern', () => {
  function refused(pattern: string): string {
    const { code, message, details } = refusalOf(() => compileTopicPattern(pattern));
    expect(code).toBe('INVALID_REQUEST');
    expect(details['field']).toBe('topic_pattern');
    return message;
  }

  test('that is empty or too long', () => {
    expect(refused('')).toMatch(/is empty/);
    const longest = 'a'.repeat(TOPIC_PATTERN_LENGTH_MAX);
    expect(compileTopicPattern(longest)(longest)).toBe(true);
    expect(refused(`${longest}a`)).toMatch(/has 1025 characters; at most 1024/);
  });

  test('that repeats too often, at once or one within another', () => {
    const most = `a{${TOPIC_PATTERN_REPEATS_MAX}}`;
    expect(compileTopicPattern(most)('a'.repeat(TOPIC_PATTERN_REPEATS_MAX))).toBe(true);
    expect(refused(`a{${TOPIC_PATTERN_REPEATS_MAX + 1}}`)).toMatch(/more than 249 times/);
    expect(refused(`a{1,${TOPIC_PATTERN_REPEATS_MAX + 1}}`)).toMatch(/more than 249 times/);
    expect(refused('((((a{200}){200}){200}){200}){200}')).toContain(
      `at most ${TOPIC_PATTERN_STEPS_MAX} are allowed`,
    );
    expect(refused('((((){200}){200}){200}){200}')).toContain('steps');
    expect(refused('a{99999999999999999999}')).toMatch(/more than 249 times/);
  });

  test('nested deeper than any stack', () => {
    const deep = TOPIC_PATTERN_LENGTH_MAX / 2 - 1;
    expect(compileTopicPattern(`${'('.repeat(deep)}a${')'.repeat(deep)}`)('a')).toBe(true);
    expect(refused('('.repeat(TOPIC_PATTERN_LENGTH_MAX))).toMatch(/"\(" that is not closed/);
  });
});
