/**
 * Every call of a partition's usual lives fails, and at every call it is cut off: of all that can
 * be tried there, one thing at each call, by turns. `test/crash/partition-lives.test.ts` tries all.
 */
import { describe, expect, test } from 'vitest';
import type { Files } from '../../src/storage/files.ts';
import { crashAtEveryCall, failEveryCall } from '../support/life-campaign.ts';
import type { CampaignOutcome, FaultKind } from '../support/life-campaign.ts';
import { LIFE_NAMES } from '../support/partition-lives.ts';
import { syncRetryingFiles } from '../support/sync-retrying-files.ts';
import { UnsyncedFiles } from '../support/unsynced-files.ts';

/** The longest one is for the crash tier: all that it does is in the others. */
const LIVES = LIFE_NAMES.filter((life) => life !== 'does all of it');
const KINDS: readonly FaultKind[] = ['EIO', 'ENOSPC', 'short-write', 'EMFILE'];

describe.each(LIVES)('a partition that %s keeps its promises', (life) => {
  test.each(KINDS)('whichever call fails: %s', async (kind) => {
    const { calls, problem } = await failEveryCall(kind, { life });
    expect(problem).toBeUndefined();
    expect(calls).toBeGreaterThan(0);
  });

  test('whichever call is its last, and the last of its recovery', async () => {
    const { calls, problem } = await crashAtEveryCall({ life });
    expect(problem).toBeUndefined();
    expect(calls).toBeGreaterThan(10);
  });
});

describe('that would show', () => {
  /** What it finds with one of a few seeds; it may also fall over one of our own assertions. */
  async function problemWith(campaign: (seed: number) => Promise<CampaignOutcome>) {
    for (let seed = 1; seed < 400; seed += 100) {
      const problem = await campaign(seed).then((outcome) => outcome.problem, String);
      if (problem !== undefined) return problem;
    }
    return 'nothing was found';
  }

  test.each([
    ['the sync of a flush (log-writer.ts)', 'appends', '.log', 'owes'],
    ['that of the directory at a roll (roll.ts)', 'rolls its segments', '/p', 'owes|damaged'],
    [
      'that of a checkpoint before its rename (replace-file.ts)',
      'deletes records',
      'checkpoint.tmp',
      'the log start is',
    ],
    [
      'that of what is written anew (recovery-repair.ts)',
      'is recovered after a kill',
      '.log.tmp',
      'another start',
    ],
    [
      'that of torn bytes kept aside (recovery-repair.ts)',
      'is recovered after a kill',
      '.torn.tmp',
      'another start',
    ],
    [
      'that of a tail kept in its place (recovery-repair.ts)',
      'is recovered after a power cut',
      '.log',
      'owes|another start',
    ],
  ] as const)('if %s were missing', async (_, life, path, expected) => {
    const wrap = (files: Files): Files => new UnsyncedFiles(files, (each) => each.endsWith(path));
    const problem = await problemWith((seed) => crashAtEveryCall({ life, seed, wrap }));
    expect(problem).toMatch(new RegExp(expected));
  });

  // Where append-failure.ts, checkpointer.ts and recovery.ts fence instead.
  test.each([
    ['appends', 'another start|owes'],
    ['rolls its segments', 'another start|owes'],
    ['deletes records', 'the log start is|another start|owes'],
    ['is recovered after a kill', 'another start|owes'],
    ['is recovered after a power cut', 'another start|owes|damaged'],
    ['is recovered after a failed sync', 'another start|owes'],
  ] as const)('if a failed sync were tried again by one that %s', async (life, expected) => {
    const wrap = syncRetryingFiles;
    const problem = await problemWith((seed) => failEveryCall('EIO', { life, seed, wrap }));
    expect(problem).toMatch(new RegExp(expected));
  });
});
