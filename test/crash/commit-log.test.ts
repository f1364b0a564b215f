/**
 * Every call of the log of the groups: while it is made and stopped, and while it is shrunk with
 * commits beside; each failing or the last one, and then calls of the recovery the last one, by turns.
 */
import { describe, expect, test } from 'vitest';
import { tally, tallyFault } from '../support/campaign-tally.ts';
import { firstRun, snapshotRun } from '../support/commit-log-run.ts';
import type { End } from '../support/commit-log-run.ts';

const ENDS: readonly End[] = ['kill', 'cutPower'];
/** Every so many calls of a recovery, others behind the next crash: a start of it all is long. */
const TURNS = 8;

describe.each([
  ['made, stopped and started again', firstRun],
  ['shrunk with commits beside it', snapshotRun],
])('a log of the groups that is %s loses nothing', (_, run) => {
  test.each(['EIO', 'ENOSPC', 'short-write', 'EMFILE'] as const)(
    'whichever call fails: %s',
    async (kind) => {
      for (const lasts of [false, true]) {
        for (const end of ENDS) {
          for (let at = 1, isSpoiled = true; isSpoiled; at += 1) {
            const outcome = await run(at, { fault: { kind, at, lasts }, end });
            expect({ at, lasts, end, faults: outcome.faults }).toMatchObject({ faults: [] });
            ({ isSpoiled } = outcome);
            if (isSpoiled) tallyFault(kind, end);
          }
        }
      }
    },
  );

  test.each(ENDS)('whichever call is its last, and the last of its recovery: %s', async (end) => {
    for (let at = 1, isSpoiled = true; isSpoiled; at += 1) {
      const fault = { kind: 'hang', at } as const;
      const outcome = await run(at, { fault, end });
      expect({ at, faults: outcome.faults }).toEqual({ at, faults: [] });
      ({ isSpoiled } = outcome);
      if (isSpoiled) tallyFault('hang', end);
      for (let call = 1 + (at % TURNS), isCutOff = isSpoiled; isCutOff; call += TURNS) {
        const recovery = { at: call, end: ENDS[(at >> 3) % 2] as End };
        const twice = await run(at, { fault, end, recovery });
        expect({ at, recovery, faults: twice.faults }).toEqual({ at, recovery, faults: [] });
        isCutOff = twice.isSpoiled;
        if (isCutOff) tally('crashes during recovery', 1);
      }
    }
  });
});
