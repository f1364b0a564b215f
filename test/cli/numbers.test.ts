import { expect, it } from 'vitest';
import { count, plural } from '../../src/cli/numbers.ts';

it('groups digits by thousands, and rounds', () => {
  expect([0, 999, 1_000, 1_234_567, 12.6].map(count)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '13',
  ]);
});

it('puts a noun into the plural unless it is one', () => {
  expect([0, 1, 2, 1_000].map((value) => plural(value, 'record'))).toEqual([
    '0 records',
    '1 record',
    '2 records',
    '1,000 records',
  ]);
});
