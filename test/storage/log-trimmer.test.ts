import { describe, expect, test } from 'vitest';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  appendTexts,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  partitionOptions,
  readTexts,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const SEGMENTS = { 'segment.bytes': '250' };

function text(at: number): string {
  return `record ${at} `.padEnd(40, '.');
}

/** A log of one-record batches, two in each segment. */
async function trimmed(records: number, config: { readonly [name: string]: string } = {}) {
  const disk = new SimulatedFiles({ seed: 1 });
  const held = new HeldFiles(disk);
  const files = new FaultyFiles(held);
  const clock = new ManualClock();
  await files.makeDir(DIRECTORY);
  await files.syncDir('/');
  const options = partitionOptions(files, { config: { ...SEGMENTS, ...config }, clock });
  const log = await PartitionLog.create(options);
  for (let at = 0; at < records; at += 1) await appendTexts(log, text(at));
  return { disk, held, files, clock, log, counters: options.shared.counters };
}

async function logsIn(disk: SimulatedFiles): Promise<string[]> {
  return (await namesIn(disk)).filter((name) => name.endsWith('.log'));
}

describe('delete-records', () => {
  test('moves the log start, and only whole segments below it leave', async () => {
    const { log, disk } = await trimmed(10);
    expect(await log.deleteRecords(5)).toBe(5);
    expect(log.logStartOffset).toBe(5);
    expect((await logsIn(disk))[0]).toBe('00000000000000000004.log');
    expect(log.segmentCount).toBe(3);
    expect((await readTexts(log))[0]).toBe(text(5));
    expect(() => log.read(4, 1)).toThrow(expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }));
  });

  test('takes the indexes of the segments along', async () => {
    const { log, disk } = await trimmed(10);
    await log.deleteRecords(-1);
    const names = await namesIn(disk);
    expect(names.filter((name) => name.includes('index'))).toEqual([]);
    expect(await logsIn(disk)).toEqual(['00000000000000000008.log']);
    expect([log.logStartOffset, log.highWatermark]).toEqual([10, 10]);
    expect((await appendTexts(log, 'next')).baseOffset).toBe(10);
  });

  test('below the log start changes nothing, above the high watermark is refused', async () => {
    const { log, files } = await trimmed(4);
    await log.deleteRecords(3);
    const calls = files.record();
    expect(await log.deleteRecords(2)).toBe(3);
    expect(await log.deleteRecords(3)).toBe(3);
    expect(calls).toEqual([]);
    await expect(log.deleteRecords(5)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      details: { offset: 5, high_watermark: 4 },
    });
  });

  test('is durable before anybody sees it', async () => {
    const { log, held } = await trimmed(4);
    const rename = held.hold('rename', 'recovery.checkpoint');
    const deleting = log.deleteRecords(3);
    await rename.reached;
    expect(log.logStartOffset).toBe(0);
    expect(await readTexts(log)).toHaveLength(4);
    rename.release();
    await deleting;
    expect(log.logStartOffset).toBe(3);
  });

  test('removes no file before the new log start is durable', async () => {
    const { log, files } = await trimmed(6);
    const calls = files.record();
    await log.deleteRecords(4);
    const names = calls.map(({ name, path }) => `${name} ${path}`);
    const removed = names.indexOf(`remove ${logPath(DIRECTORY, 0)}`);
    const durable = names.indexOf(`syncDir ${DIRECTORY}`);
    expect(durable).toBeGreaterThan(-1);
    expect(removed).toBeGreaterThan(durable);
  });

  test('holds after a power cut at any moment behind it', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const log = await createLog(disk, { config: SEGMENTS });
      for (let at = 0; at < 6; at += 1) await appendTexts(log, text(at));
      await log.deleteRecords(5);
      const again = await openLog(disk.crash(), { config: SEGMENTS, previousRun: 'rebooted' });
      expect([again.state, again.logStartOffset, again.highWatermark]).toEqual(['online', 5, 6]);
      expect(await readTexts(again)).toEqual([text(5)]);
    }
  });

  test('of two callers takes the farther, in whatever order', async () => {
    const { log } = await trimmed(10);
    const answers = await Promise.all([log.deleteRecords(7), log.deleteRecords(3)]);
    expect(answers).toEqual([7, 7]);
    expect(await readTexts(log)).toEqual([text(7), text(8), text(9)]);
  });

  test('on a full disk is refused, or made room for by the indexes of what leaves', async () => {
    const { log, files } = await trimmed(4);
    files.setFault({ kind: 'ENOSPC', at: 1, lasts: true });
    await expect(log.deleteRecords(1)).rejects.toMatchObject({
      code: 'DISK_FULL',
      written: 'no',
      retriable: true,
    });
    expect([log.logStartOffset, log.state]).toEqual([0, 'online']);
    files.setFault({ kind: 'ENOSPC', at: 1 });
    expect(await log.deleteRecords(2)).toBe(2);
  });

  test('that can make no room either is refused, and nothing has left', async () => {
    const { log, disk, files } = await trimmed(6);
    disk.capacityBytes = disk.usedBytes;
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: ({ name, path }) => name === 'rename' && path.endsWith('.log'),
    });
    await expect(log.deleteRecords(4)).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      message: expect.stringMatching(/^no record was deleted: EIO/) as string,
      written: 'no',
    });
    expect([log.state, log.logStartOffset]).toEqual(['online', 0]);
    expect(await logsIn(disk)).toHaveLength(3);
    expect(await log.deleteRecords(4)).toBe(4);
  });

  test('is refused while the partition is offline: a damaged one keeps every file', async () => {
    const { log, files } = await trimmed(6);
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    await appendTexts(log, 'lost').catch(() => {});
    expect(log.state).toBe('offline');
    await expect(log.deleteRecords(2)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(await log.housekeep({ clockIsSteady: true })).toBe(0);
    expect(log.logStartOffset).toBe(0);
  });
});

describe('retention', () => {
  async function pass({ log }: { log: PartitionLog }): Promise<number> {
    return log.housekeep({ clockIsSteady: true });
  }

  test('removes what is older than retention.ms, and closes an old active segment for it', async () => {
    const one = await trimmed(5, { 'retention.ms': '1000' });
    one.clock.advance(1_000);
    expect(await pass(one)).toBe(0);
    one.clock.advance(1);
    expect(await pass(one)).toBe(3);
    expect([one.log.logStartOffset, one.log.highWatermark]).toEqual([5, 5]);
    expect(await logsIn(one.disk)).toEqual(['00000000000000000005.log']);
    expect(one.counters.segmentsDeleted).toBe(3);
    expect((await appendTexts(one.log, 'next')).baseOffset).toBe(5);
  });

  test('removes what is above retention.bytes', async () => {
    const one = await trimmed(10, { 'retention.bytes': '400' });
    await pass(one);
    expect(one.log.bytes).toBeGreaterThanOrEqual(400);
    expect(one.log.bytes).toBeLessThan(400 + 200);
  });

  test('removes a bounded number of segments in one pass', async () => {
    const one = await trimmed(60, { 'retention.bytes': '0' });
    expect(await pass(one)).toBe(16);
    expect(await pass(one)).toBe(13);
    expect(one.log.segmentCount).toBe(1);
  });

  test('removes nothing by a clock that has just jumped', async () => {
    const { log, clock } = await trimmed(6, { 'retention.ms': '1000' });
    clock.jumpWall(1e9);
    expect(await log.housekeep({ clockIsSteady: false })).toBe(0);
    expect(log.logStartOffset).toBe(0);
  });

  test('goes on on a full disk: what leaves makes the room that is needed', async () => {
    const one = await trimmed(30, { 'retention.bytes': '500' });
    one.disk.capacityBytes = one.disk.usedBytes;
    await expect(appendTexts(one.log, 'x')).rejects.toMatchObject({ code: 'DISK_FULL' });
    let removed = 0;
    for (let passes = 0; passes < 10; passes += 1) {
      removed += await pass(one).catch(() => 0);
    }
    expect(removed).toBeGreaterThan(5);
    expect((await appendTexts(one.log, 'x')).baseOffset).toBe(30);
  });

  test('lets readers of a removed segment know by the bounds', async () => {
    const one = await trimmed(10, { 'retention.bytes': '200' });
    let changes = 0;
    one.log.onChange(() => {
      changes += 1;
    });
    await pass(one);
    expect(changes).toBeGreaterThan(0);
    expect(() => one.log.read(0, 1)).toThrow(
      expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE' }),
    );
  });

  test('whose removals cannot be made durable fences, and tells those who listen', async () => {
    // What must be stored: the names that have gone, and the one of a segment that makes room.
    for (const [isFull, at] of [
      [false, 2],
      [true, 1],
    ] as const) {
      const one = await trimmed(10, { 'retention.bytes': '200' });
      if (isFull) one.disk.capacityBytes = one.disk.usedBytes;
      const states: string[] = [];
      one.log.onChange(() => states.push(one.log.state));
      one.files.setFault({ kind: 'EIO', at, only: ({ name }) => name === 'syncDir' });
      await pass(one).catch(() => undefined);
      expect([one.files.spoiledCount, one.log.state]).toEqual([1, 'offline']);
      expect(one.log.reason).toMatch(/^the sync of directory .* failed: EIO/);
      expect(states.at(-1)).toBe('offline');
    }
  });

  test('that cannot remove a file leaves it to the next start', async () => {
    const one = await trimmed(10, { 'retention.bytes': '200' });
    const first = logPath(DIRECTORY, 0);
    one.files.setFault({
      kind: 'EIO',
      at: 1,
      lasts: true,
      only: ({ name, path }) => name === 'remove' && path === first,
    });
    expect(await pass(one)).toBeGreaterThan(0);
    expect(one.log.state).toBe('online');
    expect(await logsIn(one.disk)).toContain('00000000000000000000.log');
    await one.log.close();
    const again = await openLog(one.disk, { config: SEGMENTS });
    expect(await logsIn(one.disk)).not.toContain('00000000000000000000.log');
    expect(again.logStartOffset).toBe(one.log.logStartOffset);
  });
});

describe('the end of a partition', () => {
  test.each(['close', 'discard'] as const)('by %s waits for what is being trimmed', async (how) => {
    const { log, held } = await trimmed(10);
    const remove = held.hold('remove', '.log');
    const deleting = log.deleteRecords(6);
    await remove.reached;
    let isEnded = false;
    const ending = log[how]().finally(() => {
      isEnded = true;
    });
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).toBe(false);
    remove.release();
    await ending;
    expect(await deleting).toBe(6);
  });
});
