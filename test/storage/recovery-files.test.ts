import { describe, expect, test } from 'vitest';
import type { Checkpoint } from '../../src/storage/checkpoint.ts';
import { newSegment } from '../../src/storage/log-state.ts';
import { emptyCheckpoint } from '../../src/storage/new-partition.ts';
import {
  findFileDamage,
  leftoversOf,
  listPartition,
  markedIn,
  sizeOf,
  withoutLeft,
} from '../../src/storage/recovery-files.ts';
import { deletedPath, logPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { DIRECTORY, namesIn, overwrite } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

/** Closed segments of ten offsets and 100 bytes, the last one active. */
function checkpoint(...bases: readonly number[]): Checkpoint {
  const segments = bases.map((base) => ({ ...newSegment(base), endOffset: base + 10, bytes: 100 }));
  const last = segments.at(-1) as (typeof segments)[number];
  return { ...emptyCheckpoint(0), durableOffset: last.endOffset, segments };
}

async function directoryWith(files: { readonly [name: string]: number }) {
  const disk = new SimulatedFiles({ seed: 1 });
  await disk.makeDir(DIRECTORY);
  for (const [name, bytes] of Object.entries(files)) {
    await overwrite(disk, `${DIRECTORY}/${name}`, Buffer.alloc(bytes, 1));
  }
  return disk;
}

function log(base: number): string {
  return logPath('/', base).slice(1);
}

describe('the listing of a partition', () => {
  test('knows segments in order, the marker, and removes what was not finished', async () => {
    const disk = await directoryWith({
      [log(100)]: 1,
      [log(20)]: 1,
      [log(3)]: 1,
      '00000000000000000020.index': 8,
      '00000000000000000020.7.torn': 8,
      'recovery.checkpoint.tmp': 3,
      '00000000000000000120.log.tmp': 3,
      fenced: 0,
    });
    const listing = await listPartition(disk, DIRECTORY);
    expect(listing).toMatchObject({ segments: [3, 20, 100], leftUpTo: -1, isFenced: true });
    expect((await namesIn(disk)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('counts a segment out that left on a full disk, and all before it', async () => {
    const disk = await directoryWith({
      [log(0)]: 1,
      [log(20)]: 1,
      '00000000000000000010.log.deleted': 0,
    });
    const listing = await listPartition(disk, DIRECTORY);
    expect(listing).toMatchObject({ segments: [20], leftUpTo: 10, isFenced: false });
    const known = withoutLeft(checkpoint(0, 10, 20), listing);
    expect(known.segments.map(({ baseOffset }) => baseOffset)).toEqual([20]);
    expect(known.logStartOffset).toBe(20);
    expect(leftoversOf(listing, known)).toEqual([log(0), '00000000000000000010.log.deleted']);
  });

  test('leaves a checkpoint alone that knows of nothing that left', async () => {
    const listing = await listPartition(await directoryWith({ [log(0)]: 1 }), DIRECTORY);
    const known = checkpoint(0, 10);
    expect(withoutLeft(known, listing)).toBe(known);
    const stale = { ...listing, segments: [], leftUpTo: 500 };
    expect(withoutLeft(known, stale)).toBe(known);
  });

  test('begins anew behind all that the checkpoint knows when all of it has left', async () => {
    const listing = await listPartition(
      await directoryWith({ [log(30)]: 1, '00000000000000000010.log.deleted': 0 }),
      DIRECTORY,
    );
    const known = withoutLeft(checkpoint(0, 10), listing);
    expect(known).toMatchObject({ durableOffset: 30, logStartOffset: 30, producers: [] });
    expect(known.segments).toMatchObject([{ baseOffset: 30, bytes: 0 }]);
  });

  test('names what stands below the first segment of the checkpoint, indexes and marks too', async () => {
    const disk = await directoryWith({
      [log(0)]: 1,
      '00000000000000000000.timeindex': 12,
      '00000000000000000000.damaged': 12,
      [deletedPath('/', 5).slice(1)]: 0,
      [log(10)]: 1,
      '00000000000000000010.index': 8,
      '00000000000000000000.50.torn': 8,
      '00000000000000000020.damaged': 8,
      '00000000000000000010.damaged': 8,
    });
    const listing = await listPartition(disk, DIRECTORY);
    expect(markedIn(listing, checkpoint(10, 20))).toEqual([10, 20]);
    expect(leftoversOf(listing, checkpoint(10, 20))).toEqual([
      '00000000000000000000.damaged',
      log(0),
      '00000000000000000000.timeindex',
      '00000000000000000005.log.deleted',
    ]);
  });
});

describe('the files held against the checkpoint', () => {
  const sound = { [log(0)]: 100, [log(10)]: 100, [log(20)]: 130 };

  async function damageIn(files: { readonly [name: string]: number }) {
    const disk = await directoryWith(files);
    const { segments } = await listPartition(disk, DIRECTORY);
    return findFileDamage(disk, DIRECTORY, segments, checkpoint(0, 10, 20));
  }

  test('are sound when closed segments have their length and the last one at least that', async () => {
    expect(await damageIn(sound)).toBeUndefined();
    expect(await damageIn({ ...sound, [log(20)]: 100 })).toBeUndefined();
    expect(await damageIn({ ...sound, [log(35)]: 1 })).toBeUndefined();
  });

  test.each([
    ['a shorter closed segment', { [log(10)]: 99 }, 10, '99 bytes'],
    ['a longer closed segment', { [log(0)]: 101 }, 0, '101 bytes'],
    ['a last segment that is shorter', { [log(20)]: 99 }, 20, '99 bytes'],
  ])('tell of %s', async (_, change, segment, found) => {
    expect(await damageIn({ ...sound, ...change })).toMatchObject({
      segment,
      field: 'file length',
      found,
    });
  });

  test('tell of a missing segment, wherever it stood', async () => {
    for (const missing of [0, 10, 20]) {
      const { [log(missing)]: _, ...rest } = sound;
      expect(await damageIn(rest)).toMatchObject({ segment: missing, found: 'no such file' });
    }
  });

  test('tell of a foreign segment between them', async () => {
    expect(await damageIn({ ...sound, [log(15)]: 1 })).toMatchObject({
      segment: 15,
      found: 'a file',
    });
  });
});

test('the size of a file is undefined when there is none', async () => {
  const disk = await directoryWith({ a: 7 });
  expect(await sizeOf(disk, `${DIRECTORY}/a`)).toBe(7);
  expect(await sizeOf(disk, `${DIRECTORY}/b`)).toBeUndefined();
  expect(disk.openCount).toBe(0);
});

test('a file whose length cannot be asked for is not taken for a missing one', async () => {
  const disk = await directoryWith({ [log(0)]: 5 });
  const files = new FaultyFiles(disk, { kind: 'EIO', at: 1 });
  await expect(sizeOf(files, logPath(DIRECTORY, 0))).rejects.toMatchObject({ code: 'EIO' });
  expect(await sizeOf(files, logPath(DIRECTORY, 0))).toBe(5);
  expect(await sizeOf(files, logPath(DIRECTORY, 9))).toBeUndefined();
});
