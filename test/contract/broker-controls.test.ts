/**
 * That the simulated broker would show what it looks for: lines of the source that promises hang on
 * are changed, each in a process of its own. The crash tier tries all of them.
 */
import { expect, test } from 'vitest';
import { CONTROLS, findingWith } from '../support/broker-controls.ts';
import { placesOf } from '../support/control-run.ts';

/** Of every kind one, and each found within a second. */
const QUICK = [
  'acknowledging without a sync',
  'going on after a failed sync, as if the next one could make it good',
  'leaving in the log what a failed write has left there',
  'forgetting what a producer sent',
  'telling a waiter before its flush is done',
  'taking commits of an old generation',
];

test.each(CONTROLS.filter(({ name }) => QUICK.includes(name)))(
  '$name is found out: without `$from` in $file',
  async (control) => {
    expect(await findingWith(control, 400)).toMatch(/\(seed \d+, /);
  },
);

test('every line is still there, and once', () => {
  expect(CONTROLS.filter((each) => placesOf(each) !== 1)).toEqual([]);
});

test('the quick ones are all there', () => {
  const names = CONTROLS.map(({ name }) => name);
  expect(QUICK.filter((name) => !names.includes(name))).toEqual([]);
});

test('a line that is not there, or not once, is told', async () => {
  const file = 'src/storage/fence.ts';
  const missing = { file, from: 'no such line', to: '' };
  await expect(findingWith(missing, 1)).rejects.toThrow(`${file} does not hold once: no such line`);
});

test('an unchanged line is no finding', async () => {
  const same = {
    file: 'src/storage/fence.ts',
    from: 'export async function fence(',
    to: 'export async function fence(',
  };
  expect(await findingWith(same, 3)).toBe('none');
});
