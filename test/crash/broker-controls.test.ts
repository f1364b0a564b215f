/** Every line in `broker-controls.ts` that is changed must be found out by the simulated broker. */
import { expect, test } from 'vitest';
import { CONTROLS, findingWith } from '../support/broker-controls.ts';

test.each(CONTROLS)('$name is found out: without `$from` in $file', async (control) => {
  expect(await findingWith(control, 3_000)).toMatch(/\(seed \d+, /);
});
