/**
 * Whether two samples of a few turns each differ by more than chance would have it: an exact
 * permutation test on the difference of their mean logarithms (Fisher 1935; of ratios it is the
 * factor that counts, so logarithms). Six turns against six are 924 ways to deal them out.
 */
import { median } from './report.ts';

export interface Change {
  /** Median of the later by that of the earlier. */
  readonly factor: number;
  /** How often chance alone would deal out a difference as large, 0 to 1. */
  readonly chance: number;
  readonly verdict: 'better' | 'worse' | 'same';
}

/** Rarer than this is no chance. */
const CHANCE_MAX = 0.02;
/** Less than this is nothing to speak of, however sure. */
const FACTOR_MIN = 1.05;

export function changeBetween(
  earlier: readonly number[],
  later: readonly number[],
  better: 'more' | 'less',
): Change {
  const factor = median(later) / median(earlier);
  const chance = chanceOf(earlier.map(Math.log), later.map(Math.log));
  const isChange = chance <= CHANCE_MAX && Math.max(factor, 1 / factor) >= FACTOR_MIN;
  const isGood = factor > 1 === (better === 'more');
  return { factor, chance, verdict: isChange ? (isGood ? 'better' : 'worse') : 'same' };
}

function chanceOf(one: readonly number[], other: readonly number[]): number {
  const all = [...one, ...other];
  const total = all.reduce((sum, each) => sum + each, 0);
  const difference = (sum: number): number =>
    Math.abs(sum / one.length - (total - sum) / other.length);
  const found = difference(one.reduce((sum, each) => sum + each, 0));
  let deals = 0;
  let asLarge = 0;
  const deal = (from: number, left: number, sum: number): void => {
    if (left === 0) {
      deals += 1;
      // Sums in another order differ in their last bit.
      if (difference(sum) >= found - 1e-9) asLarge += 1;
      return;
    }
    for (let at = from; at + left <= all.length; at += 1) {
      deal(at + 1, left - 1, sum + (all[at] as number));
    }
  };
  deal(0, one.length, 0);
  return asLarge / deals;
}
