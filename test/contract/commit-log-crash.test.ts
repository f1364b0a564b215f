/** The promise of the log of the groups, kept by runs that end, or whose disk fails, anywhere. */
import { describe, expect, test } from 'vitest';
import { crashRun, snapshotRun } from '../support/commit-log-run.ts';
import type { End } from '../support/commit-log-run.ts';
import { UnsyncedFiles } from '../support/unsynced-files.ts';

const SEEDS = Array.from({ length: 120 }, (_, n) => n + 1);

test('after crashes anywhere every key has its last acknowledged value, or one asked for later', async () => {
  let acknowledged = 0;
  let snapshots = 0;
  for (const seed of SEEDS) {
    const outcome = await crashRun(seed);
    expect({ seed, faults: outcome.faults }).toEqual({ seed, faults: [] });
    acknowledged += outcome.acknowledged;
    snapshots += outcome.snapshots;
  }
  expect(acknowledged).toBeGreaterThan(SEEDS.length * 50);
  expect(snapshots).toBeGreaterThan(SEEDS.length / 2);
});

test('that is found out where syncs are left out: the check can fail', async () => {
  let faulty = 0;
  for (const seed of SEEDS.slice(0, 30)) {
    const { faults } = await crashRun(seed, (files) => new UnsyncedFiles(files));
    if (faults.length > 0) faulty += 1;
  }
  expect(faulty).toBeGreaterThan(5);
});

describe('during a snapshot, with commits beside it,', () => {
  test.each<End>(['kill', 'cutPower'])('a %s at any call loses nothing', async (end) => {
    for (const seed of [1, 2]) {
      let at = 1;
      for (; ; at += 1) {
        const outcome = await snapshotRun(seed, { fault: { kind: 'hang', at }, end });
        expect({ at, seed, faults: outcome.faults }).toEqual({ at, seed, faults: [] });
        if (outcome.isSpoiled) continue;
        expect(outcome.snapshots).toBeGreaterThan(0);
        break;
      }
      expect(at).toBeGreaterThan(30);
    }
  });

  test.each([
    ['EIO', false],
    ['EIO', true],
    ['ENOSPC', false],
    ['ENOSPC', true],
    ['short-write', false],
    ['EMFILE', false],
  ] as const)('%s at any call (for ever: %s) loses nothing', async (kind, lasts) => {
    for (let at = 1, isSpoiled = true; isSpoiled; at += 1) {
      const end = at % 2 === 0 ? 'kill' : 'cutPower';
      const outcome = await snapshotRun(at, { fault: { kind, at, lasts }, end });
      expect({ at, faults: outcome.faults }).toEqual({ at, faults: [] });
      ({ isSpoiled } = outcome);
    }
  });
});
