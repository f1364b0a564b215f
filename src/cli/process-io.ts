/** The real world of the command line tool: this process, its streams and its signals. */
import { Interruption } from './exit.ts';
import type { StopSignal } from './exit.ts';
import type { CliIo } from './io.ts';

export interface Machine {
  /** Milliseconds that never go back. */
  now(): number;
  wallMs(): number;
  /** Resolves after so many milliseconds or as soon as `signal` fires. */
  pause(delayMs: number, signal: AbortSignal): Promise<void>;
  randomBytes(count: number): Uint8Array;
}

export function processIo(machine: Machine): CliIo {
  const interrupted = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    // From here on the system's own answer holds again: a second Ctrl-C ends at once.
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    interrupted.abort(new Interruption(signal as StopSignal));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  // A failed write rejects by itself; the event would end the process with a stack trace, and a
  // broken stderr has nobody left to tell.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  return {
    // Most commands never read it, and opening it is not free.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    interrupted: interrupted.signal,
    now: () => machine.now(),
    wallMs: () => machine.wallMs(),
    pause: (delayMs) => machine.pause(delayMs, interrupted.signal),
    randomBytes: (count) => machine.randomBytes(count),
  };
}
