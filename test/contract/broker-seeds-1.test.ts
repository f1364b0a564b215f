/**
 * What the whole broker promises, on a simulated disk and clock: the first half of the seeds that
 * every `npm test` runs. The crash tier goes on from there.
 */
import { test } from 'vitest';
import { expectPromisesKept } from '../support/broker-promises.ts';

test.each([1, 251, 501, 751])('no promise is broken by 250 seeds from %i on', async (first) => {
  await expectPromisesKept({ first, runs: 250 });
});
