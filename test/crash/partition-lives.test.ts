/**
 * Every call of every usual life of a partition: each kind of failure in every way, with a power
 * cut behind it or not; and a crash at each, together with one at each call of the recovery.
 */
import { describe, expect, test } from 'vitest';
import { crashAtEveryCall, failEveryCall } from '../support/life-campaign.ts';
import { LIFE_NAMES } from '../support/partition-lives.ts';

/** The weaker modes owe less, and must still owe what they say. */
const MODES = [{}, { 'flush.messages': '4' }, { 'flush.ms': '70' }];

describe.each(LIFE_NAMES)('a partition that %s keeps its promises', (life) => {
  test.each(['EIO', 'ENOSPC', 'short-write', 'EMFILE'] as const)(
    'whichever call fails: %s',
    async (kind) => {
      for (const config of MODES) {
        const { problem } = await failEveryCall(kind, { life, config, isThorough: true });
        expect(problem).toBeUndefined();
      }
    },
  );

  test('whichever call is its last, and the last of its recovery', async () => {
    // That one alone would take as long as all others, which are its parts.
    const isThorough = life !== 'does all of it';
    const { problem } = await crashAtEveryCall({ life, isThorough });
    expect(problem).toBeUndefined();
  });
});
