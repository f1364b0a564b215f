/**
 * The long campaign against one partition's log: random lives with writers, a reader and a trimmer
 * side by side, cut off at any call. `CRASH_SEEDS` says how many; a failure names its seed.
 */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { crashRun } from '../support/crash-run.ts';

const SEEDS = Number(process.env['CRASH_SEEDS'] ?? 1_500);

test('nothing that was owed is lost, changed or doubled by crashes at any call', async () => {
  let owed = 0;
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const outcome = await crashRun({ seed, lives: 4 });
    expect({ seed, faults: outcome.faults }).toEqual({ seed, faults: [] });
    tally('crashes', outcome.crashes);
    tally('power cuts', outcome.powerCuts);
    owed += outcome.owed;
  }
  expect(owed).toBeGreaterThan(SEEDS * 50);
});
