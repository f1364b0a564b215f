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

export function systemRandomBytes(count: number): Uint8Array {
  return randomBytes(count);
}
