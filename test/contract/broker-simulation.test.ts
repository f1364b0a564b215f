/** That the simulated broker is what it says: repeatable, and able to fail. */
import { expect, test } from 'vitest';
import { judge, runCampaign } from '../support/broker-campaign.ts';
import { LONG_SEEDS_FROM, planOf } from '../support/broker-plan.ts';
import { expectEnough } from '../support/broker-promises.ts';
import { simulate } from '../support/broker-simulation.ts';
import { historyLines } from '../support/history-text.ts';
import { UnsyncedFiles } from '../support/unsynced-files.ts';

const SEEDS = [
  ...Array.from({ length: 40 }, (_, n) => n + 1),
  LONG_SEEDS_FROM,
  LONG_SEEDS_FROM + 1,
];

test('the same seed gives the same history, byte for byte', async () => {
  const histories = new Set<string>();
  for (const seed of SEEDS) {
    const first = historyLines((await simulate(planOf(seed))).entries).join('\n');
    const second = historyLines((await simulate(planOf(seed))).entries).join('\n');
    expect(second).toBe(first);
    histories.add(first);
  }
  expect(histories.size).toBe(SEEDS.length);
});

test('a disk whose syncs do nothing is found out, with all that is needed to repeat it', async () => {
  const wrap = (files: ConstructorParameters<typeof UnsyncedFiles>[0]) => new UnsyncedFiles(files);
  const report = await runCampaign({ first: 1, runs: 50, wrap }).then(
    () => 'nothing was found',
    (error: Error) => error.message,
  );
  const [, seed = ''] = /^seed (\d+) breaks a promise:/.exec(report) ?? [];
  expect(report).toContain(`npm run test:crash -- --seed ${seed} --runs 1\n`);
  expect(report).toMatch(/the shortest history .* \(\d lives?, \d steps?\)/);
  expect(report).toMatch(/\n {2}\d+\.\.\d+ +life \d {2}look: fetch/);
  // Without the wrapper the seed is sound, so it is the syncs that were missed.
  expect((await judge(planOf(Number(seed)))).findings).toEqual([]);
});

test('histories with too little of anything in them are not enough', async () => {
  const counts = await runCampaign({ first: 1, runs: 50 });
  expectEnough(counts, 50);
  for (const what of Object.keys(counts)) {
    expect(() => expectEnough({ ...counts, [what]: 1 }, 50)).toThrow(`${what} in 50 runs`);
  }
});
