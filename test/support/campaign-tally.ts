/**
 * What a campaign counts while it runs: faults tried, by kind ('crashes', 'bit flips', ...). The
 * counts stay with the test that is running, so that whoever adds them up knows whether it passed.
 */
import { TestRunner } from 'vitest';

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
