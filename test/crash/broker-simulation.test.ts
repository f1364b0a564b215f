/**
 * The long campaign against the whole broker. `npm run test:crash -- --seed N --runs N` sets the
 * seeds; without them it goes on where `npm test` ends, and adds long runs.
 */
import { test } from 'vitest';
import { runCampaign } from '../support/broker-campaign.ts';
import { LONG_SEEDS_FROM } from '../support/broker-plan.ts';
import { expectPromisesKept } from '../support/broker-promises.ts';
import { tally } from '../support/campaign-tally.ts';

const { CRASH_SEED, CRASH_RUNS } = process.env;
/** Runs of one test, so that something is heard now and then. */
const CHUNK = 500;

if (CRASH_SEED !== undefined) {
  test.each(chunks(Number(CRASH_SEED), Number(CRASH_RUNS ?? 1)))(
    'no promise is broken from seed %i on, in %i runs',
    async (first, runs) => {
      tallyAll(await runCampaign({ first, runs }));
    },
  );
} else {
  test.each([...chunks(2_001, 8_000), ...chunks(LONG_SEEDS_FROM, 1_500)])(
    'no promise is broken from seed %i on, in %i runs',
    async (first, runs) => {
      tallyAll(await expectPromisesKept({ first, runs }));
    },
  );
}

function chunks(first: number, runs: number): [number, number][] {
  return Array.from({ length: Math.ceil(runs / CHUNK) }, (_, index) => {
    const begun = index * CHUNK;
    return [first + begun, Math.min(CHUNK, runs - begun)];
  });
}

function tallyAll(counts: Awaited<ReturnType<typeof runCampaign>>): void {
  tally('crashes', counts.crashes);
  tally('power cuts', counts.powerCuts);
  tally('injected errors', counts.injectedErrors);
  tally('full disks', counts.fullDisks);
  tally('operations checked', counts.operations);
}
