import { describe, expect, test } from 'vitest';
import { batchBytesAt } from '../../src/codec/batch-header.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { crashRun } from '../support/crash-run.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import {
  appendBatches,
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  readAll,
  readTexts,
  recordingLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';
import { UnsyncedFiles } from '../support/unsynced-files.ts';

const FIRST = logPath(DIRECTORY, 0);
const CHECKPOINT = `${DIRECTORY}/recovery.checkpoint`;

/** A stopped process left these records of one flush each, none of them in a checkpoint. */
async function unchecked(texts: readonly string[], seed = 1) {
  const disk = new SimulatedFiles({ seed });
  const log = await createLog(disk);
  for (const text of texts) await appendTexts(log, text);
  const content = await contentOf(disk, FIRST);
  return { disk: disk.kill(), content, size: content.length / texts.length };
}

async function reopen(disk: SimulatedFiles, previousRun: PreviousRun = 'rebooted') {
  const lines = recordingLog();
  const log = await openLog(disk, { previousRun, log: lines });
  return { log, lines: lines.lines };
}

function state(log: PartitionLog) {
  return [log.state, log.logStartOffset, log.highWatermark, log.logEndOffset];
}

describe('a torn end', () => {
  test('of every length is cut, kept aside and told, after a reboot and after a kill', async () => {
    const { content, size } = await unchecked(['a', 'b', 'c']);
    for (const previousRun of ['rebooted', 'same-boot'] as const) {
      for (let length = 2 * size; length <= 3 * size; length += 1) {
        const { disk } = await unchecked(['a', 'b', 'c']);
        await overwrite(disk, FIRST, content.subarray(0, length));
        const { log, lines } = await reopen(disk, previousRun);
        const isWhole = length === 3 * size;
        const isTorn = !isWhole && length > 2 * size;
        expect(await readTexts(log)).toEqual(isWhole ? ['a', 'b', 'c'] : ['a', 'b']);
        expect(log.state).toBe('online');
        const torn = (await namesIn(disk)).filter((name) => name.endsWith('.torn'));
        expect(torn).toEqual(isTorn ? [`00000000000000000000.${2 * size}.torn`] : []);
        if (isTorn) {
          const kept = await contentOf(disk, `${DIRECTORY}/${torn[0]}`);
          expect(kept.equals(content.subarray(2 * size, length))).toBe(true);
        }
        expect(lines.some(({ message }) => message.startsWith('a torn tail'))).toBe(isTorn);
        expect((await appendTexts(log, 'next')).baseOffset).toBe(isWhole ? 3 : 2);
      }
    }
  });

  test('whose flush of three batches was written out of order heals', async () => {
    for (const missing of [0, 1, 2]) {
      const disk = new SimulatedFiles({ seed: 1 });
      const past = await createLog(disk);
      await appendTexts(past, 'before');
      const before = (await contentOf(disk, FIRST)).length;
      const batches = ['x', 'y', 'z'].map((text) => encodedBatch([textRecord(text)]));
      const [{ length }] = batches as [Buffer];
      await appendBatches(past, ...batches);
      const content = await contentOf(disk, FIRST);
      content.fill(0, before + missing * length, before + (missing + 1) * length);
      await overwrite(disk, FIRST, content);
      const { log } = await reopen(disk.kill());
      expect(log.state).toBe('online');
      expect(await readTexts(log)).toEqual(['before', 'x', 'y', 'z'].slice(0, 1 + missing));
    }
  });

  test('of zeros, as after a crash of some file systems, heals', async () => {
    const { disk, content } = await unchecked(['a', 'b']);
    await overwrite(disk, FIRST, Buffer.concat([content, Buffer.alloc(100_000)]));
    const { log } = await reopen(disk);
    expect(await readTexts(log)).toEqual(['a', 'b']);
    expect((await contentOf(disk, FIRST)).length).toBe(content.length);
  });
});

describe('damage', () => {
  test('by a flipped bit anywhere but in the last flush is told, nothing is moved, the rest serves', async () => {
    const { content, size } = await unchecked(['a', 'b', 'c']);
    for (let bit = 0; bit < 2 * size * 8; bit += 1) {
      const { disk } = await unchecked(['a', 'b', 'c']);
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      await overwrite(disk, FIRST, flipped);
      const names = await namesIn(disk);
      const { log } = await reopen(disk, 'same-boot');
      if (log.state === 'online') {
        // A leader epoch that could be true: the records are the same.
        expect(await readTexts(log)).toEqual(['a', 'b', 'c']);
        continue;
      }
      const batch = Math.floor(bit / 8 / size);
      expect(log.reason).toContain(`${FIRST} is damaged at position ${batch * size}`);
      expect(await readTexts(log)).toEqual(['a', 'b'].slice(0, batch));
      expect(await namesIn(disk)).toEqual(names);
      expect((await contentOf(disk, FIRST)).equals(flipped)).toBe(true);
      await log.close();
      expect(await namesIn(disk)).toEqual(names);
    }
  });

  test('is told when the log was cut exactly at a batch border below the checkpoint', async () => {
    const { disk, content, size } = await unchecked(['a', 'b', 'c']);
    await (await reopen(disk)).log.close();
    await overwrite(disk, FIRST, content.subarray(0, 2 * size));
    const { log } = await reopen(disk, 'clean');
    expect(log.state).toBe('offline');
    expect(log.reason).toMatch(/file length should be at least \d+ bytes, found \d+ bytes/);
    expect((await log.read(0, 1)).equals(content.subarray(0, size))).toBe(true);
    expect((await log.read(0, 10_000)).equals(content.subarray(0, 2 * size))).toBe(true);
  });

  test('of a closed segment is told with what was expected, and the newer ones still serve', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk, { config: { 'segment.bytes': '200' } });
    for (const text of ['a', 'b', 'c']) await appendTexts(past, text.repeat(100));
    const next = disk.kill();
    await next.remove(logPath(DIRECTORY, 1));
    const names = await namesIn(next);
    for (const previousRun of ['same-boot', 'rebooted'] as const) {
      const { log } = await reopen(next, previousRun);
      expect([log.state, log.highWatermark]).toEqual(['offline', 3]);
      expect(log.reason).toContain('00000000000000000001.log');
      expect((await log.read(2, 1)).toString()).toContain('c'.repeat(100));
      expect((await log.read(0, 1)).toString()).toContain('a'.repeat(100));
      expect(() => log.check(recordsInput([textRecord('x')]))).toThrow(
        expect.objectContaining({ written: 'no' }),
      );
      await log.close();
      expect(await namesIn(next)).toEqual(names);
    }
  });

  test('of two swapped segments is told', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk, { config: { 'segment.bytes': '200' } });
    for (const text of ['a', 'b', 'c']) await appendTexts(past, text.repeat(100));
    await past.close();
    const one = await contentOf(disk, FIRST);
    const two = await contentOf(disk, logPath(DIRECTORY, 1));
    await overwrite(disk, FIRST, two);
    await overwrite(disk, logPath(DIRECTORY, 1), one);
    const { log } = await reopen(disk, 'clean');
    await expect((async () => log.read(0, 1))()).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      details: { field: 'baseOffset', expected: '0', found: '1' },
    });
  });

  test('of a directory without any file opens offline and empty', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    await disk.makeDir(DIRECTORY);
    const { log } = await reopen(disk, 'clean');
    expect(state(log)).toEqual(['offline', 0, 0, 0]);
    await log.close();
    expect(await namesIn(disk)).toEqual([]);
  });
});

describe('a checkpoint that cannot be read', () => {
  test('is kept aside, and everything is read instead', async () => {
    for (const previousRun of ['clean', 'rebooted', 'same-boot'] as const) {
      const disk = new SimulatedFiles({ seed: 1 });
      const past = await createLog(disk, { config: { 'segment.bytes': '200' } });
      const texts = ['a', 'b', 'c', 'd'].map((text) => text.repeat(100));
      for (const text of texts) await appendTexts(past, text);
      await past.close();
      const content = await contentOf(disk, CHECKPOINT);
      content[60] = (content[60] as number) ^ 1;
      await overwrite(disk, CHECKPOINT, content);
      const { log, lines } = await reopen(disk, previousRun);
      expect([...state(log), log.segmentCount]).toEqual(['online', 0, 4, 4, 4]);
      expect(await readTexts(log)).toEqual(texts);
      expect((await contentOf(disk, `${CHECKPOINT}.damaged`)).equals(content)).toBe(true);
      expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
      expect((await appendTexts(log, 'next')).baseOffset).toBe(4);
    }
  });

  test('is missed, and everything is read', async () => {
    const { disk } = await unchecked(['a', 'b']);
    await disk.remove(CHECKPOINT);
    const { log } = await reopen(disk);
    expect(await readTexts(log)).toEqual(['a', 'b']);
    await log.close();
    expect((await reopen(disk, 'clean')).lines).toEqual([]);
  });
});

describe('after a kill in the same boot', () => {
  test('the tail is written anew, because the page cache proves nothing', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const past = await createLog(disk);
      await appendTexts(past, 'a');
      // A sync that failed without anybody living to tell.
      const file = await disk.open(FIRST, 'read-write');
      await file.truncate(0);
      await file.sync();
      await file.write([(await dataOf('a')).content], 0);
      disk.loseUnsynced(FIRST);
      const next = disk.kill();
      const { log } = await reopen(next, 'same-boot');
      expect(await readTexts(log)).toEqual(['a']);
      const { log: again } = await reopen(next.crash());
      expect(await readTexts(again)).toEqual(['a']);
    }
  });

  test('nothing is written when the files end where the checkpoint does, but its name is made sure', async () => {
    const { disk } = await unchecked(['a']);
    await (await reopen(disk)).log.close();
    const files = new FaultyFiles(disk);
    const calls = files.record();
    await openLog(files, { previousRun: 'same-boot' });
    const writing = new Set(['write', 'create', 'rename', 'remove', 'sync', 'syncDir', 'truncate']);
    const written = calls.filter(({ name }) => writing.has(name));
    expect(written).toEqual([{ name: 'syncDir', path: '/p' }]);
  });

  async function dataOf(text: string) {
    return unchecked([text]);
  }
});

describe('a full disk at the start', () => {
  test('serves what the checkpoint knows, refuses appends, and heals by itself', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk);
    await appendTexts(past, 'a', 'b');
    await past.close();
    const again = await openLog(disk);
    await appendTexts(again, 'c');
    const next = disk.kill();
    next.capacityBytes = next.usedBytes;
    const { log } = await reopen(next, 'same-boot');
    expect(state(log)).toEqual(['read-only', 0, 2, 2]);
    expect(await readTexts(log)).toEqual(['a', 'b']);
    expect(() => log.check(recordsInput([textRecord('x')]))).toThrow(
      expect.objectContaining({ code: 'DISK_FULL', written: 'no', retriable: true }),
    );
    // A reader that had been further is told to wait, not that this is the end.
    expect(() => log.read(3, 1)).toThrow(
      expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', retriable: true }),
    );
    await log.housekeep({ clockIsSteady: true });
    expect(log.state).toBe('read-only');
    next.capacityBytes = Infinity;
    let changes = 0;
    log.onChange(() => {
      changes += 1;
    });
    await log.housekeep({ clockIsSteady: false });
    expect(state(log)).toEqual(['online', 0, 3, 3]);
    expect(changes).toBeGreaterThan(0);
    expect((await appendTexts(log, 'd')).baseOffset).toBe(3);
    const last = await reopen(next.crash());
    expect(await readTexts(last.log)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('loses nothing when it is stopped before it healed', async () => {
    const { disk } = await unchecked(['a', 'b']);
    disk.capacityBytes = disk.usedBytes;
    const { log } = await reopen(disk, 'same-boot');
    expect(log.state).toBe('read-only');
    await log.close();
    disk.capacityBytes = Infinity;
    const { log: again } = await reopen(disk, 'clean');
    expect(await readTexts(again)).toEqual(['a', 'b']);
  });

  test('keeps a delete-records that was asked for while it was mended', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk);
    await appendTexts(past, 'a', 'b', 'c');
    await past.close();
    await appendTexts(await openLog(disk), 'd');
    const next = disk.kill();
    next.capacityBytes = next.usedBytes;
    const { log } = await reopen(next, 'same-boot');
    next.capacityBytes = Infinity;
    const [start] = await Promise.all([
      log.deleteRecords(2),
      log.housekeep({ clockIsSteady: true }),
      log.deleteRecords(1),
    ]);
    expect(start).toBe(2);
    expect(state(log)).toEqual(['online', 2, 4, 4]);
    const { log: again } = await reopen(next.crash());
    expect(await readTexts(again)).toEqual(['c', 'd']);
  });
});

describe('a recovery that fails', () => {
  test('at a sync leaves the partition fenced, served up to the checkpoint, for the next start', async () => {
    for (let at = 1; at <= 3; at += 1) {
      const { disk } = await unchecked(['a', 'b']);
      const files = new FaultyFiles(disk, {
        kind: 'EIO',
        at,
        only: ({ name }) => name === 'sync' || name === 'syncDir',
        onFault: ({ path }) => disk.loseUnsynced(path),
      });
      const log = await openLog(files, { previousRun: 'rebooted' });
      expect([log.state, log.highWatermark]).toEqual(['offline', 0]);
      expect(await namesIn(disk)).toContain('fenced');
      await log.close();
      const next = disk.kill();
      const { log: again } = await reopen(next, 'clean');
      expect(await readTexts(again)).toEqual(['a', 'b']);
      expect(await namesIn(next)).not.toContain('fenced');
      const { log: third } = await reopen(next.crash());
      expect(await readTexts(third)).toEqual(['a', 'b']);
    }
  });

  test('for want of a descriptor rejects, also at a sync, and another try finds everything', async () => {
    let rejections = 0;
    for (let at = 1; ; at += 1) {
      const { disk } = await unchecked(['a', 'b']);
      const files = new FaultyFiles(disk, { kind: 'EMFILE', at, lasts: true });
      const outcome = await openLog(files, { previousRun: 'rebooted' }).then(
        ({ state: opened }) => opened,
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (files.spoiledCount === 0) break;
      // What was mended speaks for itself, also when it could not be settled.
      if (outcome === 'online') continue;
      rejections += 1;
      expect(outcome).toBe('EMFILE');
      expect(await namesIn(disk)).not.toContain('fenced');
      files.setFault(undefined);
      const log = await openLog(files, { previousRun: 'rebooted' });
      expect(await readTexts(log)).toEqual(['a', 'b']);
      const { log: again } = await reopen(disk.crash());
      expect(await readTexts(again)).toEqual(['a', 'b']);
    }
    expect(rejections).toBeGreaterThan(5);
  });

  test('at a read rejects, and the next start finds everything', async () => {
    const { disk } = await unchecked(['a', 'b']);
    const files = new FaultyFiles(disk, {
      kind: 'EIO',
      at: 1,
      only: ({ name }) => name === 'read',
    });
    await expect(openLog(files, { previousRun: 'rebooted' })).rejects.toMatchObject({
      code: 'EIO',
    });
    expect(await readTexts((await reopen(disk)).log)).toEqual(['a', 'b']);
  });
});

describe('two crashes in a row', () => {
  /** A tail in the segment of the checkpoint and in two behind it, whose checkpoints failed. */
  async function longTail(seed: number) {
    const disk = new SimulatedFiles({ seed });
    const files = new FaultyFiles(disk);
    const config = { 'segment.bytes': '250' };
    const log = await createLog(files, { config });
    files.setFault({ kind: 'EIO', at: 1, lasts: true, only: ({ path }) => path.endsWith('.tmp') });
    const texts = Array.from({ length: 6 }, (_, at) => `${at}`.repeat(40));
    for (const text of texts) await appendTexts(log, text);
    return { disk: disk.kill(), texts };
  }

  test('the second recovery changes nothing, wherever the first and itself were cut off', async () => {
    const step = process.env['CRASH_SEEDS'] === undefined ? 3 : 1;
    for (let first = 1, isOver = false; !isOver; first += step) {
      for (let second = 1, isSecondOver = false; !isSecondOver; second += step) {
        const { disk, texts } = await longTail(first * 100 + second);
        const one = new FaultyFiles(disk, { kind: 'hang', at: first });
        const opening = openLog(one, { previousRun: 'same-boot' }).then(() => true);
        isOver = await Promise.race([opening, one.hanging.then(() => false)]);
        const next = disk.kill();
        const two = new FaultyFiles(next, { kind: 'hang', at: second });
        const again = openLog(two, { previousRun: 'same-boot' }).then(() => true);
        isSecondOver = await Promise.race([again, two.hanging.then(() => false)]);
        const after = next.crash();
        const { log } = await reopen(after);
        expect([first, second, log.state, log.reason]).toEqual([
          first,
          second,
          'online',
          undefined,
        ]);
        expect(await readTexts(log)).toEqual(texts);
        const before = await readAll(log);
        const { log: last } = await reopen(after.crash());
        expect((await readAll(last)).equals(before)).toBe(true);
      }
    }
  });
});

describe('over many lives', () => {
  const seeds = Number(process.env['CRASH_SEEDS'] ?? 80);

  test('nothing that was owed is lost, changed or doubled by crashes at any call', async () => {
    let owed = 0;
    for (let seed = 0; seed < seeds; seed += 1) {
      const outcome = await crashRun({ seed: 50_000 + seed });
      expect({ seed, faults: outcome.faults }).toEqual({ seed, faults: [] });
      owed += outcome.owed;
    }
    expect(owed).toBeGreaterThan(seeds * 50);
  });

  test('it would show: on a disk whose syncs do nothing records are lost', async () => {
    let faults: readonly string[] = [];
    for (let seed = 0; faults.length === 0 && seed < 40; seed += 1) {
      const run = crashRun({
        seed,
        config: { 'segment.bytes': '1000000', 'retention.ms': '-1' },
        wrap: (files) => new UnsyncedFiles(files),
      });
      // What is lost may also be found as damage.
      faults = await run.then(
        (outcome) => outcome.faults,
        (error: unknown) => [String(error)],
      );
    }
    expect(faults.join()).toMatch(/owes .* and has undefined|a second recovery changed|damaged at/);
  });

  test('a log start that was read after a kill does not go back after a power cut', async () => {
    expect((await crashRun({ seed: 1_271, lives: 4 })).faults).toEqual([]);
  });
});

test('a tail that cannot be read is an error, and the next try finds all of it', async () => {
  const { disk } = await unchecked(['a', 'b']);
  const files = new FaultyFiles(disk, {
    kind: 'EIO',
    at: 1,
    only: ({ name, path }) => name === 'read' && path === FIRST,
  });
  await expect(openLog(files, { previousRun: 'rebooted' })).rejects.toMatchObject({ code: 'EIO' });
  const { log } = await reopen(disk);
  expect([log.state, await readTexts(log)]).toEqual(['online', ['a', 'b']]);
});

test('the leader epoch of every stored batch tells where its flush began', async () => {
  const { content } = await unchecked(['a', 'b']);
  const second = batchBytesAt(content, 0);
  expect([content.readInt32BE(12), content.readInt32BE(second + 12)]).toEqual([0, 0]);
});

test('an index that can be neither loaded nor rebuilt is missed in the log, and no record is', async () => {
  const disk = new SimulatedFiles({ seed: 1 });
  const texts = ['a', 'b', 'c', 'd'].map((text) => text.repeat(3_000));
  const past = await createLog(disk);
  for (const text of texts) await appendTexts(past, text);
  await past.close();
  await disk.remove(FIRST.replace('.log', '.index'));
  const only = ({ name, path }: { name: string; path: string }) =>
    name === 'read' && path === FIRST;
  const files = new FaultyFiles(disk, { kind: 'EIO', at: 1, only });
  const lines = recordingLog();
  const log = await openLog(files, { log: lines });
  expect(lines.lines.at(-1)).toMatchObject({
    level: 'error',
    message: expect.stringMatching(/^no index: EIO/) as string,
  });
  expect(await readTexts(log)).toEqual(texts);
  expect((await log.offsetForTimestamp(0))?.offset).toBe(0);
  for (const text of texts) await appendTexts(log, text);
  await log.close();
  const again = await openLog(disk);
  expect(await readTexts(again, 1)).toEqual([...texts, ...texts]);
});
