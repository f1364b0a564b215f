/** The second half of the seeds, in a file of its own so that both workers share them. */
import { test } from 'vitest';
import { expectPromisesKept } from '../support/broker-promises.ts';

test.each([1001, 1251, 1501, 1751])(
  'no promise is broken by 250 seeds from %i on',
  async (first) => {
    await expectPromisesKept({ first, runs: 250 });
  },
);
