import { describe, expect, it } from 'vitest';
import { systemClock, systemPause, systemRandomBytes } from '../src/system.ts';

describe('the clock', () => {
  it('has the wall time in whole milliseconds', () => {
    const now = Date.now();
    const wallMs = systemClock.wallMs();
    expect(Number.isInteger(wallMs)).toBe(true);
    expect(wallMs - now).toBeLessThan(60_000);
    expect(wallMs - now).toBeGreaterThanOrEqual(0);
  });

  it('has a time that never goes back', () => {
    const first = systemClock.monotonicMs();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
  });

  it('runs a task once its time has come', async () => {
    const started = systemClock.monotonicMs();
    // A timer of the clock keeps no process alive; the test itself waits with one that does.
    await new Promise<void>((resolve) => {
      systemClock.after(5, resolve);
    });
    expect(systemClock.monotonicMs() - started).toBeGreaterThanOrEqual(4);
  });

  it('forgets a task that was cancelled, as often as one likes', async () => {
    let ran = false;
    const cancel = systemClock.after(1, () => (ran = true));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(5, resolve);
    });
    expect(ran).toBe(false);
    cancel();
  });
});

describe('a pause', () => {
  it('is over in its time', async () => {
    const started = systemClock.monotonicMs();
    await systemPause(5, new AbortController().signal);
    expect(systemClock.monotonicMs() - started).toBeGreaterThanOrEqual(4);
  });

  it('is over at once when its signal fires, or has fired', async () => {
    const ending = new AbortController();
    const long = systemPause(1_000_000, ending.signal);
    ending.abort();
    await long;
    await systemPause(1_000_000, ending.signal);
  });
});

describe('random bytes', () => {
  it('are as many as asked for, and others each time', () => {
    expect(systemRandomBytes(16)).toHaveLength(16);
    expect(systemRandomBytes(0)).toHaveLength(0);
    expect(systemRandomBytes(16)).not.toEqual(systemRandomBytes(16));
  });
});
