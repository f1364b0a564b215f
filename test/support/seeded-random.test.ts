import { expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.ts';

test('one seed gives one sequence, another seed another', () => {
  const draw = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20 }, () => random.below(1_000));
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('numbers are spread evenly within their bounds', () => {
  const random = new SeededRandom(1);
  const counts = [0, 0, 0, 0, 0];
  for (let drawn = 0; drawn < 10_000; drawn += 1) {
    const number = random.between(3, 7);
    counts[number - 3] = (counts[number - 3] ?? Number.NaN) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(200);
});

test('a fork does not depend on what is drawn from its parent afterwards', () => {
  const [one, other] = [new SeededRandom(3), new SeededRandom(3)];
  const [fork, otherFork] = [one.fork(), other.fork()];
  one.next();
  expect(fork.bytes(8)).toEqual(otherFork.bytes(8));
  expect(one.next()).not.toBe(other.next());
});
