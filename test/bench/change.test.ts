import { expect, test } from 'vitest';
import { changeBetween } from '../../bench/support/change.ts';

const TURNS = [100, 104, 97, 101, 99, 103];

function times(factor: number): number[] {
  return TURNS.map((each) => each * factor);
}

test('the same figures are the same, whatever their order', () => {
  const change = changeBetween(TURNS, TURNS.toReversed(), 'more');
  expect(change).toEqual({ factor: 1, chance: 1, verdict: 'same' });
});

test.each([
  [1.2, 'more', 'better'],
  [0.8, 'more', 'worse'],
  [1.2, 'less', 'worse'],
  [0.8, 'less', 'better'],
] as const)('a factor of %d where %s is good is %s', (factor, good, verdict) => {
  const change = changeBetween(TURNS, times(factor), good);
  expect(change.verdict).toBe(verdict);
  expect(change.factor).toBeCloseTo(factor);
  // Of 924 ways to deal out twelve turns two are as far apart.
  expect(change.chance).toBeCloseTo(2 / 924);
});

test('a change that is sure and small is nothing to speak of', () => {
  const steady = [100, 100.01, 100.02, 100.03, 100.04, 100.05];
  const change = changeBetween(
    steady,
    steady.map((each) => each * 1.02),
    'more',
  );
  expect(change.chance).toBeLessThan(0.01);
  expect(change.verdict).toBe('same');
});

test('figures that lie across each other are noise, however far their medians', () => {
  const before = [50, 200, 90, 160, 70, 120];
  const after = [60, 260, 110, 210, 75, 190];
  expect(changeBetween(before, after, 'more').verdict).toBe('same');
});

test('a single figure on each side proves nothing', () => {
  expect(changeBetween([100], [50], 'more')).toMatchObject({ chance: 1, verdict: 'same' });
});
