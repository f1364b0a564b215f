/** The generated requests of test/contract, many more of them. `HOSTILE_SEED` is for another run. */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { countOf, inMemory, onDisk, runSequences } from '../support/hostile-sequences.ts';

const seed = Number(process.env['HOSTILE_SEED'] ?? 1);

test.each([
  ['in memory', 150, inMemory],
  ['on a disk', 40, onDisk],
])(
  `generated requests break nothing (seed ${seed}), with the log %s`,
  async (_, sequences, open) => {
    const statuses = await runSequences({ seed, sequences, lengthMax: 80, open });
    tally('generated requests', countOf(statuses));
    expect(countOf(statuses, 200, 299)).toBeGreaterThan(countOf(statuses) / 4);
  },
);
