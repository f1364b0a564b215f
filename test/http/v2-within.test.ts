import { expect, test } from 'vitest';
import { within } from '../../src/http/v2-within.ts';
import { ManualClock } from '../support/manual-clock.ts';

test('what comes in time is the answer, also a fault', async () => {
  const clock = new ManualClock();
  expect(await within(Promise.resolve(7), { clock, ms: 0 })).toBe(7);
  await expect(within(Promise.reject(new Error('no')), { clock, ms: 0 })).rejects.toThrow('no');
  expect(clock.timerCount).toBe(0);
});

test('when the time is over there is none, and a later fault disturbs nobody', async () => {
  const clock = new ManualClock();
  const late = Promise.withResolvers<number>();
  const waiting = within(late.promise, { clock, ms: 10 });
  clock.advance(10);
  expect(await waiting).toBeUndefined();
  late.reject(new Error('too late'));
  await Promise.allSettled([late.promise]);
});

test('nor when the caller has gone', async () => {
  const clock = new ManualClock();
  const caller = new AbortController();
  const never = new Promise<number>(() => {});
  const waiting = within(never, { clock, ms: 10, signal: caller.signal });
  caller.abort();
  expect(await waiting).toBeUndefined();
  expect(await within(never, { clock, ms: 10, signal: caller.signal })).toBeUndefined();
  expect(clock.timerCount).toBe(0);
});
