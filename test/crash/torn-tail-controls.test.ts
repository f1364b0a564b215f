/** Every line in `torn-tail-controls.ts` that is changed must be noticed by the test named there. */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { runWith } from '../support/control-run.ts';
import { TORN_TAIL_CONTROLS } from '../support/torn-tail-controls.ts';

test.each(TORN_TAIL_CONTROLS)('$name: noticed without `$from` in $file', async (control) => {
  expect([...(await runWith({ ...control, to: control.from })).values()]).toEqual(['passed']);
  expect([...(await runWith(control)).values()]).toEqual(['failed']);
  tally('lines taken away and missed', 1);
});
