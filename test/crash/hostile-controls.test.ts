/** Every line in `hostile-controls.ts` that is changed must be noticed by the test named there. */
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { runWith } from '../support/control-run.ts';
import { HOSTILE_CONTROLS } from '../support/hostile-controls.ts';

test.each(HOSTILE_CONTROLS)('$name: noticed without `$from` in $file', async (control) => {
  expect([...(await runWith(control)).values()]).toContain('failed');
  tally('lines taken away and missed', 1);
});

test.each([...new Map(HOSTILE_CONTROLS.map((each) => [each.test.join(), each])).values()])(
  '$test.0: $test.1 ... passes when nothing is changed',
  async (control) => {
    expect([...(await runWith({ ...control, to: control.from })).values()]).not.toContain('failed');
  },
);
