import { expect, test } from 'vitest';
import { PatternMatcher } from '../../src/membership/pattern-matcher.ts';
import { stepsFor } from '../../src/membership/pattern-program.ts';
import { parsePattern } from '../../src/membership/pattern-syntax.ts';
import { TOPIC_PATTERN_STATES_MAX } from '../../src/model/limits.ts';
import { SeededRandom } from '../support/seeded-random.ts';

test('decides the same about a name each time that it is asked', () => {
  const matcher = new PatternMatcher(stepsFor(parsePattern('(orders|refunds)-.*')));
  for (let count = 0; count < 3; count += 1) {
    expect(matcher.matches('orders-eu')).toBe(true);
    expect(matcher.matches('orders')).toBe(false);
    expect(matcher.matches('refunds-')).toBe(true);
  }
});

test('with more states than are remembered still decides rightly', () => {
  const text = '(a|b)*a(a|b){12}';
  const matcher = new PatternMatcher(stepsFor(parsePattern(text)));
  // A state for each choice of the last twelve characters.
  expect(2 ** 12).toBeGreaterThan(TOPIC_PATTERN_STATES_MAX);
  const expected = new RegExp(`^(?:${text})$`);
  const random = new SeededRandom(1);
  for (let count = 0; count < 2_000; count += 1) {
    const name = Array.from({ length: 40 }, () => random.pick(['a', 'b'])).join('');
    expect([name, matcher.matches(name)]).toEqual([name, expected.test(name)]);
  }
});
