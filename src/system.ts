/** The real clock, the real source of randomness, and what must not be heard of this machine's Node. */
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

/** Node 22 warns that its SQLite is experimental; users of Millrace cannot act on that. */
export function hideSqliteWarning(): void {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: never[]) => {
    if (String(warning).includes('SQLite is an experimental feature')) return;
    emitWarning(warning, ...rest);
  };
}
