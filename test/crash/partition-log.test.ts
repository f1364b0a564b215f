/**
 * The long campaign against one partition's log: crashes at any call, over several lives, and every
 * fault at every call. `CRASH_SEEDS` says how many seeds; a failure names its seed.
 */
import { describe, expect, test } from 'vitest';
import { crashRun } from '../support/crash-run.ts';
import { faultRun } from '../support/fault-run.ts';

const SEEDS = Number(process.env['CRASH_SEEDS'] ?? 1_500);
const FAULT_SEEDS = Math.max(1, Math.round(SEEDS / 300));

test('nothing that was owed is lost, changed or doubled by crashes at any call', async () => {
  let owed = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const outcome = await crashRun({ seed, lives: 4 });
    expect({ seed, faults: outcome.faults }).toEqual({ seed, faults: [] });
    owed += outcome.owed;
  }
  expect(owed).toBeGreaterThan(SEEDS * 50);
});

describe.each(['EIO', 'ENOSPC', 'short-write', 'EMFILE'] as const)('%s at every call', (kind) => {
  test.each([
    ['once', false, false],
    ['once, and then the power goes', false, true],
    ['for ever', true, false],
    ['for ever, and then the power goes', true, true],
  ])('%s loses nothing', async (_, lasts, crashes) => {
    for (let seed = 1; seed <= FAULT_SEEDS; seed += 1) {
      for (const config of [{}, { 'flush.messages': '4' }, { 'flush.ms': '70' }]) {
        for (let at = 1, isSpoiled = true; isSpoiled; at += 1) {
          const outcome = await faultRun({ seed, fault: { kind, at, lasts }, crashes, config });
          expect({ seed, at, faults: outcome.faults }).toEqual({ seed, at, faults: [] });
          ({ isSpoiled } = outcome);
        }
      }
    }
  });
});
