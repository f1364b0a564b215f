/** The mutated bodies of test/contract, many more of them. `HOSTILE_SEED` is for another run. */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { runMutations } from '../support/hostile-mutations.ts';

const seed = Number(process.env['HOSTILE_SEED'] ?? 1);

test(`mutated bodies break nothing (seed ${seed})`, async () => {
  const { tried, refused } = await runMutations(seed, 1_500);
  tally('mutated bodies', tried);
  expect(refused).toBeGreaterThan(tried / 3);
});
