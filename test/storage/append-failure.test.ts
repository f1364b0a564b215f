import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import { queuedBehind } from '../../src/storage/append-failure.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault } from '../support/faulty-files.ts';
import {
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  readTexts,
  recordingLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const FIRST = logPath(DIRECTORY, 0);

/** A log with one record, whose next append meets the fault. */
async function failedAppend(fault: Omit<Fault, 'at'>, seed = 1) {
  const disk = new SimulatedFiles({ seed });
  const files = new FaultyFiles(disk);
  const lines = recordingLog();
  const log = await createLog(files, { log: lines });
  await appendTexts(log, 'kept');
  const { length } = await contentOf(disk, FIRST);
  const calls = files.record();
  files.setFault({ ...fault, at: 1 });
  const error = await appendTexts(log, 'lost').catch((thrown: unknown) => thrown);
  return { disk, files, log, error, length, lines: lines.lines, calls };
}

const onLog =
  (...names: string[]) =>
  (call: { name: string; path: string }): boolean =>
    names.includes(call.name) && call.path === FIRST;

describe('a write that fails', () => {
  test('is cut back and that is synced, and the answer is no', async () => {
    for (const kind of ['EIO', 'short-write'] as const) {
      const { log, error, calls, disk, length } = await failedAppend({
        kind,
        only: onLog('write'),
      });
      expect(error).toMatchObject({ written: 'no', retriable: true });
      const names = calls.filter(({ path }) => path === FIRST).map(({ name }) => name);
      expect(names).toEqual(['write', 'truncate', 'sync']);
      expect((await contentOf(disk, FIRST)).length).toBe(length);
      expect(log.state).toBe('online');
    }
  });

  test('never appears after a power cut', async () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const { disk } = await failedAppend({ kind: 'EIO', only: onLog('write') }, seed);
      const after = disk.crash();
      const again = await openLog(after, { previousRun: 'rebooted' });
      expect(await readTexts(again)).toEqual(['kept']);
      expect(await namesIn(after)).not.toContainEqual(expect.stringContaining('.torn'));
    }
  });

  test.each(['truncate', 'sync'])(
    'whose cut fails at the %s is unknown and fences',
    async (name) => {
      const { error, log, disk } = await failedAppend({
        kind: 'EIO',
        lasts: true,
        only: onLog('write', name),
      });
      expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
      expect(log.state).toBe('offline');
      expect(log.reason).toMatch(/could not be taken back/);
      expect(await namesIn(disk)).toContain('fenced');
    },
  );

  test('says that the disk is full when it is', async () => {
    const { error, lines, log } = await failedAppend({ kind: 'ENOSPC', only: onLog('write') });
    expect(error).toMatchObject({ code: 'DISK_FULL', written: 'no', retriable: true });
    expect(lines.at(-1)).toMatchObject({ level: 'warn' });
    expect(log.state).toBe('online');
  });
});

describe('a file that cannot be opened', () => {
  test('is a failure before anything was written', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const files = new FaultyFiles(disk);
    await (await createLog(files)).close();
    const log = await openLog(files);
    files.setFault({ kind: 'EMFILE', at: 1, lasts: true });
    await expect(appendTexts(log, 'a')).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'no',
      retriable: true,
    });
    files.setFault(undefined);
    expect((await appendTexts(log, 'b')).baseOffset).toBe(0);
  });
});

describe('a sync that fails', () => {
  test('is unknown and fences, for want of room too', async () => {
    for (const kind of ['EIO', 'ENOSPC'] as const) {
      const { error, log, calls } = await failedAppend({ kind, only: onLog('sync') });
      expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
      expect(log.state).toBe('offline');
      // It is not tried again, and nothing is cut: nobody knows what is there.
      expect(calls.filter(({ name }) => name === 'truncate')).toEqual([]);
      expect(calls.filter(({ name, path }) => name === 'sync' && path === FIRST)).toHaveLength(1);
    }
  });

  test('with a page cache that lies loses nothing acknowledged, and shows nothing that it takes back', async () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const files = new FaultyFiles(disk);
      const log = await createLog(files);
      await appendTexts(log, 'kept');
      files.setFault({
        kind: 'EIO',
        at: 1,
        only: onLog('sync'),
        onFault: ({ path }) => disk.loseUnsynced(path),
      });
      await expect(appendTexts(log, 'unknown')).rejects.toMatchObject({ written: 'unknown' });
      const next = disk.kill();
      const second = await openLog(next, { previousRun: seed % 2 === 0 ? 'same-boot' : 'clean' });
      const shown = await readTexts(second);
      expect(shown).toEqual(['kept', 'unknown']);
      await appendTexts(second, 'later');
      const third = await openLog(next.crash(), { previousRun: 'rebooted' });
      expect(await readTexts(third)).toEqual(['kept', 'unknown', 'later']);
      expect(third.state).toBe('online');
    }
  });
});

test('those who queued behind a failure hear that they never began, and of what', () => {
  const behind = new MillraceError('DISK_FULL', 'the disk is full', {
    written: 'unknown',
    details: { free: 0 },
  });
  expect(queuedBehind(behind)).toMatchObject({
    code: 'DISK_FULL',
    written: 'no',
    retriable: true,
    details: { free: 0 },
    cause: behind,
  });
});
