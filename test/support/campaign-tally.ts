/**
 * What a campaign counts while it runs: faults tried, by kind ('crashes', 'bit flips', ...). The
 * counts stay with the test that is running, so that whoever adds them up knows whether it passed.
 */
import { TestRunner } from 'vitest';
import type { Fault } from './faulty-files.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** Kind of fault -> how many the test tried. */
    tally?: Record<string, number>;
  }
}

/** Adds to what the running test has tried; to be called inside it. */
export function tally(kind: string, count: number): void {
  const test = TestRunner.getCurrentTest();
  if (test === undefined) throw new Error(`no test is running that could count ${kind}`);
  test.meta.tally ??= {};
  test.meta.tally[kind] = (test.meta.tally[kind] ?? 0) + count;
}

const FAULT_NAMES: Readonly<Record<Exclude<Fault['kind'], 'hang'>, string>> = {
  EIO: 'EIO calls',
  ENOSPC: 'full-disk calls',
  'short-write': 'short writes',
  EROFS: 'calls to a stopped file system',
  EMFILE: 'out-of-descriptor calls',
};

/** One spoiled call, and the end that came with it; `hang` is nothing but its end. */
export function tallyFault(kind: Fault['kind'], end: 'kill' | 'cutPower' | undefined): void {
  if (kind !== 'hang') tally(FAULT_NAMES[kind], 1);
  if (end === 'cutPower') tally('power cuts', 1);
  else if (kind === 'hang') tally('crashes', 1);
}
