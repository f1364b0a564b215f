import { describe, expect, test } from 'vitest';
import { logPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import {
  appendTexts,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  readTexts,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const SECOND = logPath(DIRECTORY, 2);
const CONFIG = { 'segment.bytes': '400' };

/** Two records in the first segment; a third one of 200 bytes does not fit it, one of 20 does. */
async function nearlyFull(seed = 1) {
  const disk = new SimulatedFiles({ seed });
  const files = new FaultyFiles(disk);
  const log = await createLog(files, { config: CONFIG });
  await appendTexts(log, 'a'.repeat(60));
  await appendTexts(log, 'b'.repeat(60));
  return { disk, files, log };
}

const LARGE = 'c'.repeat(200);

async function logsIn(disk: SimulatedFiles): Promise<string[]> {
  return (await namesIn(disk)).filter((name) => name.endsWith('.log'));
}

describe('a roll', () => {
  test('creates the new segment and syncs the directory before anything is written into it', async () => {
    const { files, log } = await nearlyFull();
    const calls = files.record();
    await appendTexts(log, LARGE);
    const order = calls.map(({ name, path }) => `${name} ${path}`);
    const created = order.indexOf(`create ${SECOND}`);
    const synced = order.indexOf(`syncDir ${DIRECTORY}`, created);
    const checkpointed = order.indexOf(`create ${DIRECTORY}/recovery.checkpoint.tmp`);
    const written = order.indexOf(`write ${SECOND}`);
    expect([created, synced, checkpointed, written]).toEqual(
      [created, synced, checkpointed, written].toSorted((a, b) => a - b),
    );
    expect(created).toBeGreaterThanOrEqual(0);
  });

  test('whose file cannot be made refuses the flush, and a smaller one goes on in the old segment', async () => {
    for (const kind of ['EIO', 'ENOSPC'] as const) {
      for (let seed = 0; seed < 8; seed += 1) {
        const { disk, files, log } = await nearlyFull(seed);
        files.setFault({
          kind,
          at: 1,
          only: ({ name, path }) => name === 'create' && path === SECOND,
        });
        await expect(appendTexts(log, LARGE)).rejects.toMatchObject({
          code: kind === 'ENOSPC' ? 'DISK_FULL' : 'KAFKA_STORAGE_ERROR',
          written: 'no',
        });
        expect(log.state).toBe('online');
        await appendTexts(log, 'small');
        const isKilled = seed % 2 === 0;
        const next = isKilled ? disk.kill() : disk.crash();
        const again = await openLog(next, {
          config: CONFIG,
          previousRun: isKilled ? 'same-boot' : 'rebooted',
        });
        expect([again.state, again.reason]).toEqual(['online', undefined]);
        expect((await readTexts(again)).at(-1)).toBe('small');
      }
    }
  });

  test.each(['create', 'syncDir'])(
    'without a descriptor for its %s gives the one of an idle segment for it',
    async (name) => {
      const { files, disk, log } = await nearlyFull();
      files.setFault({ kind: 'EMFILE', at: 1, only: (call) => call.name === name });
      await appendTexts(log, LARGE);
      expect([files.spoiledCount, log.state, log.segmentCount]).toEqual([1, 'online', 2]);
      const again = await openLog(disk.crash(), { config: CONFIG, previousRun: 'rebooted' });
      expect((await readTexts(again)).at(-1)).toBe(LARGE);
    },
  );

  test('without any descriptor is refused, and goes on when there is one', async () => {
    const { files, log } = await nearlyFull();
    files.setFault({ kind: 'EMFILE', at: 1, lasts: true });
    await expect(appendTexts(log, LARGE)).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'no',
    });
    expect(log.state).toBe('online');
    files.setFault(undefined);
    await appendTexts(log, LARGE);
    expect(await readTexts(log)).toHaveLength(3);
  });

  test('that fails behind the making of its file takes the file back, durably', async () => {
    for (let seed = 0; seed < 12; seed += 1) {
      const { disk, files, log } = await nearlyFull(seed);
      files.setFault({
        kind: 'EIO',
        at: 1,
        only: ({ name, path }) => name === 'close' && path === SECOND,
      });
      await expect(appendTexts(log, LARGE)).rejects.toMatchObject({ written: 'no' });
      expect(files.spoiledCount).toBe(1);
      expect(await logsIn(disk)).toHaveLength(1);
      await appendTexts(log, 'small');
      const again = await openLog(disk.crash(), { config: CONFIG, previousRun: 'rebooted' });
      expect([again.state, again.reason]).toEqual(['online', undefined]);
      expect((await readTexts(again)).at(-1)).toBe('small');
    }
  });

  test('whose checkpoint fails stands: the next start finds the segment by where the old one ends', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { disk, files, log } = await nearlyFull(seed);
      files.setFault({
        kind: 'EIO',
        at: 1,
        only: ({ name, path }) => name === 'create' && path.endsWith('.tmp'),
      });
      await appendTexts(log, LARGE);
      expect([files.spoiledCount, (await logsIn(disk)).length]).toEqual([1, 2]);
      const after = disk.crash();
      const again = await openLog(after, { config: CONFIG, previousRun: 'rebooted' });
      expect((await readTexts(again)).at(-1)).toBe(LARGE);
    }
  });

  test('whose directory sync fails fences: the flush was not written', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const { disk, files, log } = await nearlyFull(seed);
      files.setFault({
        kind: 'EIO',
        at: 1,
        only: ({ name }) => name === 'syncDir',
        onFault: ({ path }) => disk.loseUnsynced(path),
      });
      await expect(appendTexts(log, LARGE)).rejects.toMatchObject({
        code: 'KAFKA_STORAGE_ERROR',
        written: 'no',
      });
      expect(log.state).toBe('offline');
      // The next process sees the new segment's name, which is not stored.
      const next = disk.kill();
      const second = await openLog(next, { config: CONFIG, previousRun: 'same-boot' });
      await appendTexts(second, LARGE);
      const third = await openLog(next.crash(), { config: CONFIG, previousRun: 'rebooted' });
      expect([third.state, third.reason]).toEqual(['online', undefined]);
      expect(await readTexts(third)).toHaveLength(3);
    }
  });

  test('never replaces a file that stands there already', async () => {
    const { disk, log } = await nearlyFull();
    await overwrite(disk, SECOND, Buffer.from('somebody else’s'));
    await expect(appendTexts(log, LARGE)).rejects.toMatchObject({ written: 'no' });
    expect(await logsIn(disk)).toHaveLength(2);
    await disk.remove(SECOND);
    await appendTexts(log, LARGE);
    expect(await readTexts(log)).toHaveLength(3);
  });
});
