import { expect, test } from 'vitest';
import { campaignTable } from './campaign-reporter.ts';
import { tally } from './campaign-tally.ts';

test('counts of one kind add up within a test, and stay with it', ({ task }) => {
  tally('bit flips', 2);
  tally('bit flips', 3);
  tally('crashes', 1);
  expect(task.meta.tally).toEqual({ 'bit flips': 5, crashes: 1 });
});

test('the table adds up by kind over the tests that passed', () => {
  const table = campaignTable([
    ended('one', 'passed', { crashes: 1_200, 'bit flips': 7 }),
    ended('two', 'passed', { crashes: 34 }),
    ended('three', 'passed'),
  ]);
  expect(table.map((line) => line.trim().split(/\s{2,}/))).toEqual([
    [''],
    ['Faults'],
    ['tried', 'survived'],
    ['bit flips', '7', '7'],
    ['crashes', '1,234', '1,234'],
    ['all', '1,241', '1,241'],
  ]);
});

test('nothing that a failed test tried counts as survived, and the test is named', () => {
  const table = campaignTable([
    ended('one', 'passed', { crashes: 5 }),
    ended('two > three', 'failed', { crashes: 2, 'bit flips': 9 }),
  ]);
  expect(table.map((line) => line.trim().split(/\s{2,}/)).slice(3)).toEqual([
    ['bit flips', '9', '0', '9 in failed tests'],
    ['crashes', '7', '5', '2 in failed tests'],
    ['all', '16', '5', '11 in failed tests'],
    [''],
    ['Tests failed: 1'],
    ['two > three'],
  ]);
});

test('a run that counted nothing shows no table', () => {
  expect(campaignTable([ended('one', 'passed')])).toEqual([]);
});

function ended(fullName: string, state: string, counts?: Record<string, number>) {
  return {
    fullName,
    meta: () => (counts === undefined ? {} : { tally: counts }),
    result: () => ({ state }),
  };
}
