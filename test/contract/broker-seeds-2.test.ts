/** The second half of the seeds, in a file of its own so that both workers share them. */
import { test } from 'vitest';
import { expectPromisesKept } from '../support/broker-promises.ts';

const FIRST = Array.from({ length: 10 }, (_, index) => 1001 + 100 * index);

test.each(FIRST)('no promise is broken by 100 seeds from %i on', async (first) => {
  await expectPromisesKept({ first, runs: 100 });
});
