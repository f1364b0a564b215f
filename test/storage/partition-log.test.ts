import { describe, expect, test } from 'vitest';
import { lastOffsetAt } from '../../src/codec/batch-header.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { batchesIn, encodedBatch, recordsIn, textRecord, textsOf } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import {
  appendBatches,
  appendRecords,
  appendTexts,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  partitionOptions,
  readAll,
  readTexts,
  topicConfig,
} from '../support/partition-fixture.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function newDisk(seed = 1): SimulatedFiles {
  return new SimulatedFiles({ seed });
}

describe('a new partition', () => {
  test('is empty and online', async () => {
    const log = await createLog(newDisk());
    expect(log).toMatchObject({
      logStartOffset: 0,
      durableOffset: 0,
      highWatermark: 0,
      logEndOffset: 0,
      bytes: 0,
      bytesAppended: 0,
      segmentCount: 1,
      state: 'online',
      reason: undefined,
    });
    expect(await log.read(0, 1_000)).toHaveLength(0);
  });
});

describe('what was appended', () => {
  test('is read back in order, with everything that was in the records', async () => {
    const log = await createLog(newDisk());
    const headers = [{ key: 'h', value: Buffer.from('1') }];
    const records = [
      textRecord('a', { key: Buffer.from('k'), headers, timestamp: 5 }),
      textRecord('', { key: Buffer.alloc(0), timestamp: 6 }),
      { key: null, value: null, headers: [], timestamp: 7 },
    ];
    await appendRecords(log, ...records);
    const found = await recordsIn(await readAll(log));
    expect(found).toEqual(records.map((record, offset) => ({ ...record, offset })));
  });

  test('is the same bytes from memory, from disk and after a restart', async () => {
    const disk = newDisk();
    const config = { 'segment.bytes': '3000' };
    const log = await createLog(disk, { config });
    const random = new SeededRandom(7);
    for (let request = 0; request < 80; request += 1) {
      const records = Array.from({ length: random.between(1, 4) }, () =>
        textRecord('x'.repeat(random.below(200)), { timestamp: random.below(1_000) }),
      );
      if (random.chance(0.5)) await appendRecords(log, ...records);
      else await appendBatches(log, encodedBatch(records));
    }
    const fromMemory = await readAll(log);
    await log.close();
    const again = await openLog(disk, { config });
    expect((await readAll(again)).equals(fromMemory)).toBe(true);
    expect((await readAll(again, 500)).equals(fromMemory)).toBe(true);
    expect(again.bytes).toBe(log.bytes);
    expect(again.segmentCount).toBe(log.segmentCount);
    expect(again.segmentCount).toBeGreaterThan(3);
  });

  test('is on the real disk what it is on the simulated one', async () => {
    const directory = await temporaryDirectory();
    const config = { 'segment.bytes': '1000' };
    const options = partitionOptions(realFiles, { directory, config });
    const log = await PartitionLog.create(options);
    const simulated = await createLog(newDisk(), { config });
    for (let at = 0; at < 60; at += 1) {
      for (const each of [log, simulated]) await appendTexts(each, `record ${at}`);
    }
    await log.deleteRecords(30);
    await simulated.deleteRecords(30);
    expect((await readAll(log)).equals(await readAll(simulated))).toBe(true);
    await log.close();
    await options.openFiles.close();
    const again = await PartitionLog.open(partitionOptions(realFiles, { directory, config }));
    expect([again.state, again.logStartOffset, again.highWatermark]).toEqual(['online', 30, 60]);
    expect((await readAll(again)).equals(await readAll(simulated))).toBe(true);
    await again.close();
  });

  test('is found by readers that ask at random while it grows', async () => {
    const log = await createLog(newDisk(3), { config: { 'segment.bytes': '2000' } });
    const texts: string[] = [];
    const writing = (async () => {
      for (let at = 0; at < 150; at += 1) {
        texts.push(`record ${at}`.padEnd(40, '.'));
        await appendTexts(log, texts[at] as string);
      }
    })();
    const random = new SeededRandom(9);
    for (let read = 0; read < 150; read += 1) {
      const offset = random.below(log.highWatermark + 1);
      const found = await recordsIn(await log.read(offset, random.pick([1, 300, 5_000])));
      for (const record of found) expect(textsOf([record])[0]).toBe(texts[record.offset]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writing;
    expect(await readTexts(log)).toEqual(texts);
  });

  test('wakes those who listen, and counts the bytes that became readable', async () => {
    const log = await createLog(newDisk());
    const seen: number[] = [];
    const stop = log.onChange(() => seen.push(log.highWatermark));
    await appendTexts(log, 'a', 'b');
    await appendTexts(log, 'c');
    expect(seen).toEqual([2, 3]);
    expect(log.bytesAppended).toBe(log.bytes);
    stop();
    await appendTexts(log, 'd');
    expect(seen).toHaveLength(2);
  });
});

describe('a change of the config', () => {
  test('holds from the next append on', async () => {
    const log = await createLog(newDisk());
    await appendTexts(log, 'a'.repeat(200));
    log.setConfig(topicConfig({ 'max.message.bytes': '100', 'segment.bytes': '200' }));
    await expect(appendTexts(log, 'b'.repeat(200))).rejects.toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
    });
    await appendTexts(log, 'c');
    expect(log.segmentCount).toBe(2);
  });
});

describe('a stop', () => {
  test('flushes what waits, is done once, and refuses everything behind it', async () => {
    const disk = newDisk();
    const log = await createLog(disk);
    const waiting = ['a', 'b', 'c'].map((text) => appendTexts(log, text));
    const closing = log.close();
    expect(log.close()).toBe(closing);
    for (const call of [
      () => appendTexts(log, 'd'),
      async () => log.read(0, 1),
      () => log.deleteRecords(0),
      () => log.offsetForTimestamp(0),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
    }
    await closing;
    expect((await Promise.all(waiting)).map(({ baseOffset }) => baseOffset)).toEqual([0, 1, 2]);
    expect(await log.housekeep({ clockIsSteady: true })).toBe(0);
    const again = await openLog(disk.crash(), { previousRun: 'rebooted' });
    expect(await readTexts(again)).toEqual(['a', 'b', 'c']);
  });

  test('leaves no file open and no timer', async () => {
    const disk = newDisk();
    const log = await createLog(disk, { config: { 'segment.bytes': '100', 'flush.ms': '50' } });
    for (const text of ['a', 'b', 'c']) await appendTexts(log, text.repeat(40));
    await log.close();
    expect(disk.openCount).toBe(0);
  });

  test('comes before a repair that waits its turn', async () => {
    const disk = newDisk();
    await appendTexts(await createLog(disk), 'a');
    const next = disk.kill();
    next.capacityBytes = next.usedBytes;
    const files = new FaultyFiles(next);
    const log = await openLog(files, { previousRun: 'same-boot' });
    expect(log.state).toBe('read-only');
    next.capacityBytes = Infinity;
    const calls = files.record();
    const housekeeping = log.housekeep({ clockIsSteady: true });
    await log.close();
    expect(await housekeeping).toBe(0);
    expect(calls.filter(({ name }) => name !== 'close')).toEqual([]);
  });

  test('wakes those who listen', async () => {
    const log = await createLog(newDisk());
    let changes = 0;
    log.onChange(() => {
      changes += 1;
    });
    await log.close();
    expect(changes).toBeGreaterThan(0);
  });

  test('is refused as one in order when a fence has no marker', async () => {
    const disk = newDisk();
    const files = new FaultyFiles(disk);
    const log = await createLog(files);
    files.setFault({
      kind: 'EIO',
      at: 1,
      lasts: true,
      only: ({ name, path }) => name === 'sync' || path.includes('fenced'),
    });
    await expect(appendTexts(log, 'a')).rejects.toMatchObject({ written: 'unknown' });
    await expect(log.close()).rejects.toMatchObject({ code: 'EIO' });
  });

  test('waits for a roll on its way', async () => {
    const held = new HeldFiles(newDisk());
    const log = await createLog(held, { config: { 'segment.bytes': '100' } });
    await appendTexts(log, 'a'.repeat(40));
    const create = held.hold('create', '.log');
    const rolling = appendTexts(log, 'b'.repeat(40));
    await create.reached;
    const closing = log.close();
    create.release();
    expect((await rolling).baseOffset).toBe(1);
    await closing;
  });
});

describe('a deleted topic', () => {
  test('ends everything at once and lets go of the files', async () => {
    const disk = newDisk();
    const log = await createLog(disk);
    await appendTexts(log, 'a');
    const waiting = appendTexts(log, 'b').catch((error: unknown) => error);
    await log.discard();
    expect(await waiting).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', written: 'no' });
    expect(() => log.read(0, 1)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION' }),
    );
    expect(disk.openCount).toBe(0);
    await disk.removeDir(DIRECTORY);
    await log.close();
  });
});

describe('many partitions', () => {
  test('share few open files', async () => {
    const disk = newDisk();
    const shared = partitionOptions(disk);
    const logs: PartitionLog[] = [];
    for (let partition = 0; partition < 40; partition += 1) {
      const directory = `/many/${partition}`;
      logs.push(await PartitionLog.create({ ...shared, directory }));
    }
    await Promise.all(logs.map((log, at) => appendTexts(log, `${at}`)));
    expect(disk.openCount).toBeLessThanOrEqual(8);
    for (const [at, log] of logs.entries()) expect(await readTexts(log)).toEqual([`${at}`]);
    await Promise.all(logs.map((log) => log.close()));
    expect(disk.openCount).toBe(0);
    expect(await namesIn(disk, '/many')).toHaveLength(40);
  });
});

test('the last batch of a read ends below the high watermark', async () => {
  const log = await createLog(newDisk());
  await appendTexts(log, 'a', 'b');
  await appendTexts(log, 'c');
  const last = batchesIn(await log.read(0, 1e6)).at(-1) as Buffer;
  expect(lastOffsetAt(last, 0)).toBe(log.highWatermark - 1);
});
