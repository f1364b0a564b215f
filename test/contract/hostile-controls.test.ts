/**
 * That the tests against hostile peers would notice a line less: the lines, and which test misses
 * them, are in `hostile-controls.ts`. The crash tier takes each of them away.
 */
import { expect, test } from 'vitest';
import { placesOf, runWith } from '../support/control-run.ts';
import { HOSTILE_CONTROLS } from '../support/hostile-controls.ts';

test('every line is still there, and once', () => {
  expect(HOSTILE_CONTROLS.filter((each) => placesOf(each) !== 1)).toEqual([]);
});

test('a line less is noticed', async () => {
  const control = HOSTILE_CONTROLS.find(({ name }) => name === 'MessagePack of any depth');
  expect(control).toBeDefined();
  if (control !== undefined) expect([...(await runWith(control)).values()]).toEqual(['failed']);
});
