/** Every call that a broker makes while topics come, grow and go: each in every way. */
import { expect, test } from 'vitest';
import { topicChangesCampaign } from '../support/topic-changes-run.ts';

test.each(['hang', 'EIO', 'ENOSPC', 'short-write', 'EMFILE'] as const)(
  'no change of topics is ever seen by half, whichever call fails: %s',
  async (kind) => {
    const { problem } = await topicChangesCampaign(kind, { isThorough: true });
    expect(problem).toBeUndefined();
  },
);
