/** What this disk can do right now: rates change by the hour on shared machines. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** fdatasync of 4 KiB appends, per second. */
export function syncsPerSecond(directory: string, seconds = 1): number {
  return appendAndSync(directory, 4_096, seconds).perSecond;
}

/**
 * Appends of `bytes` at a time, each followed by fdatasync: MB per second. The bytes stay where
 * they are until the directory goes, as a log's do: a file written over an old one takes the pages
 * of memory that the old one just gave back, which in a virtual machine is up to twice as fast as
 * taking new ones.
 */
export function writeAndSyncRate(directory: string, bytes: number, seconds = 2): number {
  return (appendAndSync(directory, bytes, seconds).perSecond * bytes) / 1e6;
}

function appendAndSync(directory: string, bytes: number, seconds: number): { perSecond: number } {
  const chunk = Buffer.alloc(bytes, 'x');
  const file = openSync(join(mkdtempSync(join(directory, 'yardstick-')), 'appended'), 'w');
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
