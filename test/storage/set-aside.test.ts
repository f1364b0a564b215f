import { describe, expect, test } from 'vitest';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import {
  appendTexts,
  createLog,
  namesIn,
  openLog,
  readTexts,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const CONFIG = { 'segment.bytes': '250', 'retention.bytes': '600' };
const TEXTS = Array.from({ length: 20 }, (_, at) => `record ${at} `.padEnd(40, '.'));

/** Two records in each segment, on a disk without any room. */
async function onFullDisk(seed = 1) {
  const disk = new SimulatedFiles({ seed });
  const log = await createLog(disk, { config: CONFIG });
  for (const text of TEXTS) await appendTexts(log, text);
  await log.close();
  disk.capacityBytes = disk.usedBytes;
  return disk;
}

describe('a segment that leaves on a full disk', () => {
  test('makes the room that its own checkpoint needs', async () => {
    const disk = await onFullDisk();
    const log = await openLog(disk, { config: CONFIG });
    const segments = log.segmentCount;
    expect(await log.housekeep({ clockIsSteady: true })).toBe(segments - log.segmentCount);
    expect(log.segmentCount).toBeLessThan(segments);
    expect(await readTexts(log)).toEqual(TEXTS.slice(log.logStartOffset));
    expect((await namesIn(disk)).filter((name) => name.endsWith('.deleted'))).toEqual([]);
    await appendTexts(log, 'there is room again');
  });

  test('cut off at any call leaves a log without a gap, by power cut and by kill', async () => {
    let isOver = false;
    for (let at = 1; !isOver; at += 1) {
      for (let seed = 2 * at; seed < 2 * at + 2; seed += 1) {
        const disk = await onFullDisk(seed);
        const files = new FaultyFiles(disk);
        const log = await openLog(files, { config: CONFIG });
        files.setFault({ kind: 'hang', at });
        const pass = log.housekeep({ clockIsSteady: true }).then(() => true);
        isOver = await Promise.race([pass, files.hanging.then(() => false)]);
        const isKilled = seed % 2 === 0;
        const next = isKilled ? disk.kill() : disk.crash();
        next.capacityBytes = Infinity;
        const again = await openLog(next, {
          config: CONFIG,
          previousRun: isKilled ? 'same-boot' : 'rebooted',
        });
        expect([again.state, again.reason]).toEqual(['online', undefined]);
        expect(again.logStartOffset).toBeGreaterThanOrEqual(log.logStartOffset);
        expect(await readTexts(again)).toEqual(TEXTS.slice(again.logStartOffset));
        expect((await namesIn(next)).filter((name) => name.endsWith('.deleted'))).toEqual([]);
        const third = await openLog(next.crash(), { config: CONFIG, previousRun: 'rebooted' });
        expect([third.state, third.logStartOffset]).toEqual(['online', again.logStartOffset]);
      }
    }
  });

  test('lets those who are reading it finish', async () => {
    const disk = await onFullDisk();
    const held = new HeldFiles(disk);
    const log = await openLog(held, { config: CONFIG });
    const read = held.hold('read', '.log');
    const reading = log.read(0, 1);
    await read.reached;
    let isDone = false;
    const pass = log.housekeep({ clockIsSteady: true }).finally(() => {
      isDone = true;
    });
    for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([isDone, log.logStartOffset]).toEqual([false, 2]);
    read.release();
    expect((await reading).toString()).toContain(TEXTS[0]);
    await pass;
    expect([log.state, await readTexts(log)]).toEqual(['online', TEXTS.slice(log.logStartOffset)]);
  });

  test('has left for ever when only the checkpoint is still missing', async () => {
    const disk = await onFullDisk();
    const files = new FaultyFiles(disk);
    const log = await openLog(files, { config: CONFIG });
    files.setFault({
      kind: 'ENOSPC',
      at: 1,
      lasts: true,
      only: ({ name, path }) => name === 'create' && path.endsWith('.tmp'),
    });
    await expect(log.housekeep({ clockIsSteady: true })).rejects.toMatchObject({ code: 'ENOSPC' });
    const { logStartOffset } = log;
    expect(logStartOffset).toBeGreaterThan(0);
    await expect(log.deleteRecords(logStartOffset + 3)).rejects.toMatchObject({
      code: 'DISK_FULL',
      written: 'unknown',
    });
    const left = log.logStartOffset;
    expect(left).toBe(logStartOffset + 2);
    const again = await openLog(disk.crash(), { config: CONFIG, previousRun: 'rebooted' });
    expect([again.state, again.logStartOffset]).toEqual(['online', left]);
    expect(await readTexts(again)).toEqual(TEXTS.slice(left));
  });

  test('may be the last one that the checkpoint knows: the log begins with the next', async () => {
    for (const previousRun of ['same-boot', 'rebooted'] as const) {
      const disk = new SimulatedFiles({ seed: 1 });
      const files = new FaultyFiles(disk);
      const log = await createLog(files, { config: { 'segment.bytes': '250' } });
      files.setFault({
        kind: 'ENOSPC',
        at: 1,
        lasts: true,
        only: ({ name, path }) => name === 'create' && path.endsWith('.tmp'),
      });
      for (const text of TEXTS.slice(0, 6)) await appendTexts(log, text);
      await expect(log.deleteRecords(5)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(log.logStartOffset).toBe(4);
      const next = previousRun === 'rebooted' ? disk.crash() : disk.kill();
      const again = await openLog(next, { previousRun });
      expect([again.state, again.reason, again.logStartOffset]).toEqual(['online', undefined, 4]);
      expect(await readTexts(again)).toEqual(TEXTS.slice(4, 6));
      expect((await appendTexts(again, 'next')).baseOffset).toBe(6);
      const third = await openLog(next.crash(), { previousRun: 'rebooted' });
      expect(await readTexts(third)).toEqual([...TEXTS.slice(4, 6), 'next']);
    }
  });

  test('whose name cannot be made durable fences', async () => {
    const disk = await onFullDisk();
    const files = new FaultyFiles(disk);
    const log = await openLog(files, { config: CONFIG });
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: ({ name }) => name === 'syncDir',
      onFault: ({ path }) => disk.loseUnsynced(path),
    });
    await expect(log.housekeep({ clockIsSteady: true })).rejects.toBeDefined();
    expect(log.state).toBe('offline');
    const next = disk.kill();
    next.capacityBytes = Infinity;
    const again = await openLog(next, { config: CONFIG, previousRun: 'same-boot' });
    expect(await readTexts(again)).toEqual(TEXTS.slice(again.logStartOffset));
    const third = await openLog(next.crash(), { config: CONFIG, previousRun: 'rebooted' });
    expect([third.state, third.logStartOffset]).toEqual(['online', again.logStartOffset]);
  });
});
