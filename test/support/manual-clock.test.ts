import { expect, test } from 'vitest';
import { ManualClock } from './manual-clock.ts';

test('both clocks move by advance alone, and the wall clock can jump', () => {
  const clock = new ManualClock(1_000);
  clock.advance(5);
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([1_005, 5]);
  clock.jumpWall(-500);
  expect([clock.wallMs(), clock.monotonicMs()]).toEqual([505, 5]);
});

test('timers run at their times, those of one time in the order they were set', () => {
  const clock = new ManualClock();
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name} at ${clock.monotonicMs()}`);
  clock.after(20, note('late'));
  clock.after(10, note('first'));
  clock.after(10, note('second'));
  clock.after(31, note('never'));
  clock.advance(9);
  expect(ran).toEqual([]);
  clock.advance(21);
  expect(ran).toEqual(['first at 10', 'second at 10', 'late at 20']);
  expect(clock.monotonicMs()).toBe(30);
  expect(clock.timerCount).toBe(1);
});

test('a timer that a timer sets runs in the same advance when it comes due', () => {
  const clock = new ManualClock();
  let count = 0;
  const again = (): void => {
    count += 1;
    clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  expect(count).toBe(3);
});

test('a cancelled timer does not run, and cancelling is harmless at any time', () => {
  const clock = new ManualClock();
  let ran = 0;
  const cancel = clock.after(10, () => (ran += 1));
  const cancelLater = clock.after(10, () => (ran += 10));
  cancel();
  cancel();
  clock.advance(10);
  cancelLater();
  expect(ran).toBe(10);
});
