import { describe, expect, it, onTestFinished } from 'vitest';
import { hideSqliteWarning, systemClock, systemPause, systemRandomBytes } from '../src/system.ts';

describe('the real clock', () => {
  it('tells wall time in whole milliseconds of the Unix epoch', () => {
    const now = systemClock.wallMs();
    expect(Number.isInteger(now)).toBe(true);
    expect(Math.abs(now - new Date().getTime())).toBeLessThan(60_000);
  });

  it('has a second hand that never goes back', () => {
    const readings = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
  });

  it('runs a task after its delay, and not when it was cancelled', async () => {
    const ran: string[] = [];
    const cancel = systemClock.after(0, () => ran.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => {
        ran.push('kept');
        resolve();
      });
    });
    expect(ran).toEqual(['kept']);
  });
});

describe('a pause', () => {
  it('is over in its time', async () => {
    const started = systemClock.monotonicMs();
    await systemPause(5, new AbortController().signal);
    // A timer of Node may be early by the fraction of a millisecond.
    expect(systemClock.monotonicMs() - started).toBeGreaterThanOrEqual(4);
  });

  it('is over at once when its signal fires, or has fired, and leaves nothing behind', async () => {
    const timers = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const ending = new AbortController();
    const long = systemPause(1_000_000, ending.signal);
    expect(timers()).toBe(before + 1);
    ending.abort();
    await long;
    await systemPause(1_000_000, ending.signal);
    expect(timers()).toBe(before);
  });
});

it('random bytes are as many as asked for, and others each time', () => {
  const first = systemRandomBytes(16);
  expect(first.length).toBe(16);
  expect(systemRandomBytes(16)).not.toEqual(first);
});

it('the warning of an older Node about its SQLite is not shown, others are', () => {
  const shown: unknown[] = [];
  const emitWarning = process.emitWarning.bind(process);
  onTestFinished(() => void (process.emitWarning = emitWarning));
  process.emitWarning = (warning: unknown) => void shown.push(warning);
  hideSqliteWarning();
  process.emitWarning('SQLite is an experimental feature and might change at any time');
  process.emitWarning('something else');
  expect(shown).toEqual(['something else']);
});
