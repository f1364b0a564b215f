import { expect, test } from 'vitest';
import { Turns } from '../../src/http/member-turns.ts';

test.each([2, 3, 7])('of %i partitions each comes first once in as many reads', (count) => {
  const turns = new Turns();
  const first = Array.from({ length: count }, () => turns.next() % count);
  expect(new Set(first)).toEqual(new Set(Array.from({ length: count }, (_, index) => index)));
});

test('a turn never grows without end', () => {
  const turns = new Turns();
  const before = turns.next();
  let reads = 1;
  while (turns.next() !== before) reads += 1;
  expect(reads).toBeLessThan(2_000_000);
});
