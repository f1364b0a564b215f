/**
 * What the whole broker promises, on a simulated disk and clock: the first half of the seeds that
 * every `npm test` runs. The crash tier goes on from there.
 */
import { test } from 'vitest';
import { expectPromisesKept } from '../support/broker-promises.ts';

const FIRST = Array.from({ length: 10 }, (_, index) => 1 + 100 * index);

test.each(FIRST)('no promise is broken by 100 seeds from %i on', async (first) => {
  await expectPromisesKept({ first, runs: 100 });
});
