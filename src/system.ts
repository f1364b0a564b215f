/** The real clock and the real source of randomness: what everything below is handed. */
import { randomBytes } from 'node:crypto';
import type { Clock } from './model/clock.ts';

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  // Performance time begins with the process; whole milliseconds are not needed here.
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds or as soon as `signal` fires; the process lives on for it. */
export function systemPause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, signal.aborted ? 0 : delayMs);
    signal.addEventListener('abort', end);
  });
}

export function systemRandomBytes(count: number): Uint8Array {
  return randomBytes(count);
}
