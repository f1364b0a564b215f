import { describe, expect, test } from 'vitest';
import { UncertainError } from '../../src/storage/disk-errors.ts';
import { OpenFiles } from '../../src/storage/open-files.ts';
import { repairTail, syncTail } from '../../src/storage/recovery-repair.ts';
import type { RepairPlace } from '../../src/storage/recovery-repair.ts';
import type { Tail, TailPiece } from '../../src/storage/recovery-tail.ts';
import { logPath, tornPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { contentOf, DIRECTORY, namesIn, overwrite } from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const OLD = 'durable below|the tail of it';
const DURABLE = 'durable below|'.length;
const LATER = 'a later segment';

/** A closed-off part, its tail, and a segment behind it; torn bytes at the end of that. */
async function place(seed = 1, torn = 'torn bytes') {
  const disk = new SimulatedFiles({ seed });
  await disk.makeDir(DIRECTORY);
  await disk.syncDir('/');
  await overwrite(disk, logPath(DIRECTORY, 0), Buffer.from(OLD));
  await overwrite(disk, logPath(DIRECTORY, 9), Buffer.from(LATER + torn));
  await disk.syncDir(DIRECTORY);
  const files = new FaultyFiles(disk);
  const where: RepairPlace = { directory: DIRECTORY, files, openFiles: new OpenFiles(files, 4) };
  return { disk, files, where };
}

function piece(segment: number, from: number, to: number, startOffset: number): TailPiece {
  return { segment, from, to, startOffset, endOffset: startOffset + 1 };
}

const TAIL: Tail = {
  pieces: [piece(0, DURABLE, OLD.length, 5), piece(9, 0, LATER.length, 9)],
  torn: { segment: 9, from: LATER.length, to: LATER.length + 'torn bytes'.length },
  damage: undefined,
};

async function textOf(disk: SimulatedFiles, path: string): Promise<string> {
  return (await contentOf(disk, path)).toString();
}

describe('a tail that is believed', () => {
  test('is cut at its torn end and synced, and what was torn is kept', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { disk, where } = await place(seed);
      await repairTail(where, TAIL, false);
      const after = disk.crash();
      expect(await textOf(after, logPath(DIRECTORY, 0))).toBe(OLD);
      expect(await textOf(after, logPath(DIRECTORY, 9))).toBe(LATER);
      expect(await textOf(after, tornPath(DIRECTORY, 9, LATER.length))).toBe('torn bytes');
    }
  });

  test('without a torn end leaves no other file', async () => {
    const { disk, where } = await place(1, '');
    await repairTail(where, { ...TAIL, torn: undefined }, false);
    expect(await namesIn(disk)).toHaveLength(2);
  });
});

describe('a tail that is not believed', () => {
  test('is written anew: into its own segment, and over its old file', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { disk, where } = await place(seed);
      await repairTail(where, TAIL, true);
      const after = disk.crash();
      expect(await textOf(after, logPath(DIRECTORY, 0))).toBe('durable below|');
      expect(await textOf(after, logPath(DIRECTORY, 5))).toBe('the tail of it');
      expect(await textOf(after, logPath(DIRECTORY, 9))).toBe(LATER);
    }
  });

  test('gets new names for new segments even when they are empty', async () => {
    const { disk, files, where } = await place();
    await overwrite(disk, logPath(DIRECTORY, 12), Buffer.alloc(0));
    const calls = files.record();
    const pieces = [piece(12, 0, 0, 12)];
    await repairTail(where, { pieces, torn: undefined, damage: undefined }, true);
    expect(calls.map(({ name }) => name)).toContain('rename');
  });

  test('is found, whole, whenever the writing is cut off, and the old one is cut last', async () => {
    for (let at = 1, isOver = false; !isOver; at += 1) {
      for (let seed = 0; seed < 8; seed += 1) {
        const { disk, files, where } = await place(seed);
        files.setFault({ kind: 'hang', at });
        const done = repairTail(where, TAIL, true).then(() => true);
        isOver = await Promise.race([done, files.hanging.then(() => false)]);
        // Killed first, so that the next process sees names that are not yet durable.
        const after = seed % 2 === 0 ? disk.crash() : disk.kill().crash();
        const old = await textOf(after, logPath(DIRECTORY, 0));
        if (old !== OLD) {
          expect(old).toBe('durable below|');
          expect(await textOf(after, logPath(DIRECTORY, 5))).toBe('the tail of it');
        }
        expect((await textOf(after, logPath(DIRECTORY, 9))).slice(0, LATER.length)).toBe(LATER);
      }
    }
  });

  test('whose writing was cut off behind the rename is made durable before the old one is cut', async () => {
    // The new segment's name is seen, and not stored: as a kill behind the rename leaves it.
    for (let at = 1, isOver = false; !isOver; at += 1) {
      for (let seed = 0; seed < 8; seed += 1) {
        const { disk, files, where } = await place(seed, '');
        await overwrite(disk, logPath(DIRECTORY, 5), Buffer.from('the tail of it'));
        const pieces = [piece(0, DURABLE, DURABLE, 5), piece(5, 0, 14, 5), piece(9, 0, 15, 9)];
        files.setFault({ kind: 'hang', at });
        const rewrite = seed % 2 === 0;
        const tail = { pieces, torn: undefined, damage: undefined };
        const done = repairTail(where, tail, rewrite).then(() => true);
        isOver = await Promise.race([done, files.hanging.then(() => false)]);
        const after = disk.crash();
        if ((await textOf(after, logPath(DIRECTORY, 0))) === OLD) continue;
        expect(await textOf(after, logPath(DIRECTORY, 5))).toBe('the tail of it');
      }
    }
  });

  test('of a file that a reader has open is not written to behind its back', async () => {
    const { disk, where } = await place(1, '');
    const path = logPath(DIRECTORY, 9);
    await where.openFiles.use(path, (file) => file.size());
    await repairTail(where, { ...TAIL, torn: undefined }, true);
    await where.openFiles.use(path, async (file) => {
      await file.write([Buffer.from('!')], LATER.length);
    });
    expect(await textOf(disk, path)).toBe(`${LATER}!`);
  });
});

describe('a repair that fails', () => {
  test('for want of room leaves everything as it was, and no temporary file', async () => {
    for (const room of [0, 5, 12]) {
      const { disk, where } = await place();
      disk.capacityBytes = disk.usedBytes + room;
      await expect(repairTail(where, TAIL, true)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(await textOf(disk, logPath(DIRECTORY, 0))).toBe(OLD);
      expect((await namesIn(disk)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      disk.capacityBytes = Infinity;
      await repairTail(where, TAIL, true);
      expect(await textOf(disk, logPath(DIRECTORY, 5))).toBe('the tail of it');
    }
  });

  test('at a sync is uncertain', async () => {
    for (const name of ['sync', 'syncDir']) {
      const { files, where } = await place();
      files.setFault({ kind: 'ENOSPC', at: 2, only: (call) => call.name === name });
      await expect(repairTail(where, TAIL, true)).rejects.toBeInstanceOf(UncertainError);
    }
  });

  test('tells of what failed first, also when it cannot clear up behind itself', async () => {
    const { files, where } = await place();
    // The first of these calls takes away an older leftover.
    files.setFault({
      kind: 'EIO',
      at: 2,
      lasts: true,
      only: ({ name, path }) => path.endsWith('.tmp') && name !== 'create',
    });
    await expect(repairTail(where, TAIL, true)).rejects.toThrow(/EIO: simulated, write '/);
    expect(files.spoiledCount).toBe(3);
  });

  test('because the source became shorter says so', async () => {
    const { disk, where } = await place(1, '');
    await overwrite(disk, logPath(DIRECTORY, 9), Buffer.from('a later'));
    const pieces = [piece(9, 0, LATER.length, 9)];
    await expect(
      repairTail(where, { pieces, torn: undefined, damage: undefined }, true),
    ).rejects.toMatchObject({ code: 'EIO', message: expect.stringContaining('ended at 7') });
  });
});

test('the tail of a damaged partition is made durable and nothing of it is moved', async () => {
  const { disk, files, where } = await place();
  const calls = files.record();
  await syncTail(where, TAIL);
  expect(new Set(calls.map(({ name }) => name))).toEqual(new Set(['open', 'sync', 'syncDir']));
  expect(await textOf(disk, logPath(DIRECTORY, 0))).toBe(OLD);
});
