import { expect, test } from 'vitest';
import { pictureOf } from '../../bench/support/picture.ts';
import type { Measured } from '../../bench/support/results.ts';
import { comparable, ratiosOf, reaches } from '../../bench/support/results.ts';

const YARDSTICK: Measured = {
  bench: 'single',
  work: 'one <record> at a time',
  contestant: 'this disk',
  unit: 'requests/s',
  better: 'more',
  turns: [100, 200, 400],
};
const OURS: Measured = {
  ...YARDSTICK,
  contestant: 'Millrace',
  turns: [90, 100, 380],
  against: 'this disk',
  asked: 0.9,
};
const ALL = [YARDSTICK, OURS];

test('ratios are taken turn by turn', () => {
  expect(ratiosOf(OURS, ALL)).toEqual([0.9, 0.5, 0.95]);
  expect(comparable(OURS, ALL)).toEqual([0.9, 0.5, 0.95]);
  expect(comparable(YARDSTICK, ALL)).toEqual([100, 200, 400]);
});

test('a yardstick of the same work that does not exist is a mistake', () => {
  expect(() => ratiosOf(OURS, [{ ...YARDSTICK, work: 'another' }, OURS])).toThrow('this disk');
});

test('what is asked is held against the median ratio, or the median figure', () => {
  expect(reaches(OURS, ALL)).toBe(true);
  expect(reaches({ ...OURS, asked: 0.91 }, ALL)).toBe(false);
  expect(reaches({ ...YARDSTICK, asked: 201 }, ALL)).toBe(false);
  expect(reaches({ ...YARDSTICK, better: 'less', asked: 201 }, ALL)).toBe(true);
  expect(reaches(YARDSTICK, ALL)).toBeUndefined();
});

test('the picture has a bar for each, its ratio and whether that is enough', () => {
  const picture = pictureOf({ machine: 'a & b', yardsticks: {}, measured: ALL });
  expect(picture.match(/<rect /g)).toHaveLength(2);
  expect(picture).toContain('one &lt;record> at a time, requests/s');
  expect(picture).toContain('100, ratio 0.90');
  expect(picture).toContain('asked 0.90: met');
  expect(picture).toContain('a &amp; b');
});
