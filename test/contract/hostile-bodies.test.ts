/**
 * Bodies that were taken, and then changed on their way: refused without a trace, or taken. A batch
 * is taken unchanged or not at all, which hangs on `crcFault` in `client-batch-header.ts`: see
 * `hostile-controls.ts`.
 */
import { expect, test } from 'vitest';
import { runMutations } from '../support/hostile-mutations.ts';

test('a mutated body is refused and changes nothing, or is another good one', async () => {
  const { tried, refused } = await runMutations(1, 30);
  expect(refused).toBeGreaterThan(tried / 3);
  expect(refused).toBeLessThan(tried);
});
