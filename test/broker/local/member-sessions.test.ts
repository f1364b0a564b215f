import { expect, test, vi } from 'vitest';
import { MemberSessions } from '../../../src/broker/local/member-sessions.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function scene() {
  const clock = new ManualClock();
  const over = vi.fn();
  const sessions = new MemberSessions(clock, over);
  return { clock, over, sessions };
}

test('a session is over when its time has passed since the last sign of life', () => {
  const { clock, over, sessions } = scene();
  sessions.start('m', 1_000);
  clock.advance(900);
  sessions.touch('m');
  clock.advance(999);
  expect(over).not.toHaveBeenCalled();
  clock.advance(1);
  expect(over.mock.calls).toEqual([['m']]);
});

test('a session that begins afresh has the new time, also a shorter one', () => {
  const { clock, over, sessions } = scene();
  sessions.start('m', 60_000);
  sessions.start('m', 1_000);
  clock.advance(1_000);
  expect(over).toHaveBeenCalledTimes(1);
  expect(clock.timerCount).toBe(0);
});

test('one that was over may begin afresh by a sign of life', () => {
  const { clock, over, sessions } = scene();
  sessions.start('m', 1_000);
  clock.advance(5_000);
  sessions.touch('m');
  clock.advance(999);
  expect(over).toHaveBeenCalledTimes(1);
  clock.advance(1);
  expect(over).toHaveBeenCalledTimes(2);
});

test('a held member lives until the last hold is over, and then for its session time', () => {
  const { clock, over, sessions } = scene();
  sessions.start('m', 1_000);
  const releases = [sessions.hold('m', vi.fn()), sessions.hold('m', vi.fn())];
  clock.advance(10_000);
  releases[0]?.();
  clock.advance(10_000);
  expect([over.mock.calls.length, clock.timerCount]).toEqual([0, 0]);
  releases[1]?.();
  releases[1]?.();
  clock.advance(999);
  expect(over).not.toHaveBeenCalled();
  clock.advance(1);
  expect(over).toHaveBeenCalledTimes(1);
});

test('when holds end each is told once, and the session time begins', () => {
  const { clock, over, sessions } = scene();
  const ended = vi.fn();
  for (const member of ['m', 'n']) sessions.start(member, 1_000);
  const release = sessions.hold('m', ended);
  clock.advance(500);
  sessions.touch('n');
  clock.advance(700);
  for (const each of sessions.endHolds()) each();
  expect(sessions.endHolds()).toEqual([]);
  release();
  expect(ended).toHaveBeenCalledTimes(1);
  clock.advance(300);
  expect(over.mock.calls).toEqual([['n']]);
  clock.advance(700);
  expect(over.mock.calls).toEqual([['n'], ['m']]);
});

test('a member that is removed is forgotten, with its timer; its holds are for the caller to end', () => {
  const { clock, over, sessions } = scene();
  const ended = vi.fn();
  sessions.start('m', 1_000);
  const release = sessions.hold('m', ended);
  expect(sessions.remove('m')).toEqual([ended]);
  release();
  sessions.touch('m');
  expect(clock.timerCount).toBe(0);
  sessions.hold('m', ended)();
  clock.advance(10_000);
  expect(over).not.toHaveBeenCalled();
});

test('closing leaves no timer', () => {
  const { clock, sessions } = scene();
  for (const member of ['m', 'n']) sessions.start(member, 1_000);
  sessions.hold('n', vi.fn());
  expect(sessions.close()).toHaveLength(1);
  expect(clock.timerCount).toBe(0);
});
