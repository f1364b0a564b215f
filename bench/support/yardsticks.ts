/** What this disk can do right now: rates change by the hour on shared machines. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Appends of 4 KiB, or so many bytes, each followed by fdatasync: how many a second. */
export function syncsPerSecond(
  directory: string,
  { bytes = 4_096, seconds = 1 }: { readonly bytes?: number; readonly seconds?: number } = {},
): number {
  return appendAndSync(directory, bytes, seconds).perSecond;
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

/** How long each of so many appends of a small record with its fdatasync takes. */
export function syncMilliseconds(directory: string, count: number): number[] {
  const chunk = Buffer.alloc(171, 'x');
  const file = openSync(join(mkdtempSync(join(directory, 'yardstick-')), 'appended'), 'w');
  const took: number[] = [];
  for (let each = 0; each < count; each += 1) {
    const began = performance.now();
    writeSync(file, chunk);
    fdatasyncSync(file);
    took.push(performance.now() - began);
  }
  closeSync(file);
  return took;
}
