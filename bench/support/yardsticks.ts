/** What this disk can do right now: rates change by the hour on shared machines. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** fdatasync of 4 KiB appends, per second. */
export function syncsPerSecond(directory: string, seconds = 1): number {
  return appendAndSync(directory, 4_096, seconds).perSecond;
}

/** Appends of `bytes` at a time, each followed by fdatasync: MB per second. */
export function writeAndSyncRate(directory: string, bytes: number, seconds = 2): number {
  return (appendAndSync(directory, bytes, seconds).perSecond * bytes) / 1e6;
}

function appendAndSync(directory: string, bytes: number, seconds: number): { perSecond: number } {
  const chunk = Buffer.alloc(bytes, 'x');
  const file = openSync(join(directory, 'yardstick'), 'w');
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    writeSync(file, chunk);
    fdatasyncSync(file);
    count += 1;
  }
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  closeSync(file);
  return { perSecond };
}
