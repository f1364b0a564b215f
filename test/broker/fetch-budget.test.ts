import { expect, test } from 'vitest';
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { refusalOf } from '../support/refusal.ts';

test('bytes are taken and given back, once each', () => {
  const budget = new FetchBudget(100);
  const hold = budget.take(60);
  budget.take(40);
  expect(budget.heldBytes).toBe(100);
  hold.release();
  hold.release();
  expect(budget.heldBytes).toBe(40);
});

test('more than is left is refused with the numbers, as a matter of time', () => {
  const budget = new FetchBudget(100);
  budget.take(60);
  expect(budget.tryTake(41)).toBeUndefined();
  expect(refusalOf(() => budget.take(41))).toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    details: { held_bytes: 60, limit_bytes: 100, asked_bytes: 41 },
  });
  expect(() => budget.take(41)).toThrow(expect.objectContaining({ retriable: true }));
  expect(budget.heldBytes).toBe(60);
});

test('a part of what was taken is given back early', () => {
  const budget = new FetchBudget(100);
  const hold = budget.take(60);
  hold.keep(70);
  expect(budget.heldBytes).toBe(60);
  hold.keep(20);
  expect(budget.heldBytes).toBe(20);
  hold.release();
  hold.keep(0);
  expect(budget.heldBytes).toBe(0);
});

test('who takes nothing is never refused', () => {
  const budget = new FetchBudget(100);
  budget.take(1_000);
  budget.take(0).release();
  expect(budget.heldBytes).toBe(1_000);
});

test('a reader alone is given any number, for one large record must be readable', () => {
  const budget = new FetchBudget(100);
  const hold = budget.take(1_000);
  expect(budget.tryTake(1)).toBeUndefined();
  hold.release();
  expect(budget.tryTake(1)).toBeDefined();
});

test('a read gets half of what is left at the most, and a record always', () => {
  const budget = new FetchBudget(100);
  expect([budget.share(20), budget.share(60)]).toEqual([20, 50]);
  budget.take(80);
  expect(budget.share(50)).toBe(10);
  budget.take(20);
  expect(budget.share(50)).toBe(1);
});

test('who waits is woken when bytes are given back, and when the signal fires', async () => {
  const budget = new FetchBudget(100);
  const hold = budget.take(100);
  const { signal } = new AbortController();
  let woken = 0;
  const waits = [1, 2].map(async () => {
    await budget.change(signal);
    woken += 1;
  });
  await Promise.resolve();
  expect(woken).toBe(0);
  hold.release();
  await Promise.all(waits);
  expect(woken).toBe(2);

  const controller = new AbortController();
  const wait = budget.change(controller.signal);
  controller.abort();
  await wait;
  await budget.change(controller.signal);
});
