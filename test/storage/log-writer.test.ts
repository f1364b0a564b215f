import { describe, expect, test } from 'vitest';
import { leaderEpochAt, readBatchHeader } from '../../src/codec/batch-header.ts';
import { FLUSH_BYTES_MAX } from '../../src/model/limits.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { recordsInput } from '../../src/storage/log-appender.ts';
import { batchesIn, encodedBatch, recordsIn, textRecord, textsOf } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles, settled } from '../support/held-files.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  appendBatches,
  appendTexts,
  contentOf,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  partitionOptions,
  readAll,
  readTexts,
  topicConfig,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const FIRST = logPath(DIRECTORY, 0);

async function heldLog(config: { readonly [name: string]: string } = {}) {
  const disk = new SimulatedFiles({ seed: 1 });
  const held = new HeldFiles(disk);
  const files = new FaultyFiles(held);
  const clock = new ManualClock();
  await files.makeDir(DIRECTORY);
  await files.syncDir('/');
  const options = partitionOptions(files, { config, clock });
  const log = await PartitionLog.create(options);
  const { openFiles, shared } = options;
  return { disk, held, files, openFiles, clock, log, counters: shared.counters };
}

function syncsOf(calls: readonly { name: string; path: string }[]): number {
  return calls.filter(({ name, path }) => name === 'sync' && path === FIRST).length;
}

/** The text of every record by batch, and where each batch's flush began. */
async function flushes(disk: SimulatedFiles, path = FIRST) {
  const batches = batchesIn(await contentOf(disk, path));
  return Promise.all(
    batches.map(async (batch) => {
      const { baseOffset } = readBatchHeader(batch, 0);
      const texts = textsOf(await recordsIn(batch));
      return { flushStart: baseOffset - leaderEpochAt(batch, 0), texts };
    }),
  );
}

describe('group commit', () => {
  test('requests of one turn share one write and one sync', async () => {
    const { files, log, counters, disk } = await heldLog();
    const calls = files.record();
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => appendTexts(log, text)));
    expect(counters.flushes).toBe(1);
    expect(syncsOf(calls)).toBe(1);
    expect(await flushes(disk)).toEqual([{ flushStart: 0, texts: ['a', 'b', 'c', 'd'] }]);
  });

  test('requests that come while a flush is on its way share the next one', async () => {
    const { files, held, log, counters, disk } = await heldLog();
    const calls = files.record();
    const sync = held.hold('sync', '.log');
    const first = appendTexts(log, 'a');
    await sync.reached;
    const others = ['b', 'c', 'd'].map((text) => appendTexts(log, text));
    await settled();
    expect([counters.flushes, log.highWatermark, log.logEndOffset]).toEqual([0, 0, 4]);
    sync.release();
    expect((await first).baseOffset).toBe(0);
    expect((await Promise.all(others)).map(({ baseOffset }) => baseOffset)).toEqual([1, 2, 3]);
    expect(counters.flushes).toBe(2);
    expect(syncsOf(calls)).toBe(2);
    expect(await flushes(disk)).toEqual([
      { flushStart: 0, texts: ['a'] },
      { flushStart: 1, texts: ['b', 'c', 'd'] },
    ]);
  });

  test('nothing is acknowledged or shown before the sync has returned', async () => {
    const { held, log } = await heldLog();
    const sync = held.hold('sync', '.log');
    let isAcknowledged = false;
    const append = appendTexts(log, 'a').finally(() => {
      isAcknowledged = true;
    });
    await sync.reached;
    await settled();
    expect([isAcknowledged, log.highWatermark, log.durableOffset]).toEqual([false, 0, 0]);
    expect(await log.read(0, 1e6)).toHaveLength(0);
    sync.release();
    await append;
    expect([log.highWatermark, log.durableOffset]).toEqual([1, 1]);
  });

  test('a flush takes no more than its bound, and a larger request goes alone', async () => {
    const { log, counters } = await heldLog({ 'max.message.bytes': '20000000' });
    const half = encodedBatch([textRecord('x'.repeat(FLUSH_BYTES_MAX / 2 - 1_000))]);
    const large = encodedBatch([textRecord('x'.repeat(FLUSH_BYTES_MAX + 1))]);
    await Promise.all([half, half, half, large].map((batch) => appendBatches(log, batch)));
    expect(counters.flushes).toBe(3);
    expect(log.highWatermark).toBe(4);
  });

  test('the batches of one request are one flush', async () => {
    const { log, disk } = await heldLog();
    await appendTexts(log, 'z');
    const batches = ['a', 'b', 'c'].map((text) => encodedBatch([textRecord(text)]));
    await appendBatches(log, ...batches);
    expect(await flushes(disk)).toEqual([
      { flushStart: 0, texts: ['z'] },
      { flushStart: 1, texts: ['a'] },
      { flushStart: 1, texts: ['b'] },
      { flushStart: 1, texts: ['c'] },
    ]);
  });
});

describe('a segment', () => {
  test('is closed before a flush would make it larger than segment.bytes', async () => {
    const { log, disk } = await heldLog({ 'segment.bytes': '500' });
    for (let at = 0; at < 40; at += 1) await appendTexts(log, `record ${at}`.padEnd(30, '.'));
    const names = (await namesIn(disk)).filter((name) => name.endsWith('.log'));
    expect(names.length).toBeGreaterThan(5);
    expect(log.segmentCount).toBe(names.length);
    for (const name of names) {
      const content = await contentOf(disk, `${DIRECTORY}/${name}`);
      expect(content.length).toBeLessThanOrEqual(500);
      expect(content.length).toBeGreaterThan(0);
    }
    expect(await readTexts(log)).toHaveLength(40);
  });

  test('never shares a flush with the next one', async () => {
    const { log, disk } = await heldLog({ 'segment.bytes': '300' });
    const texts = Array.from({ length: 50 }, (_, at) => `${at}`.padEnd(20, '.'));
    await Promise.all(texts.map((text) => appendTexts(log, text)));
    for (const name of await namesIn(disk)) {
      if (!name.endsWith('.log')) continue;
      const base = Number(name.slice(0, 20));
      for (const { flushStart } of await flushes(disk, `${DIRECTORY}/${name}`)) {
        expect(flushStart).toBeGreaterThanOrEqual(base);
      }
    }
    expect(await readTexts(log)).toEqual(texts);
  });

  test('takes a request that is larger than segment.bytes alone', async () => {
    const { log, disk } = await heldLog({ 'segment.bytes': '200' });
    await appendTexts(log, 'a');
    await appendTexts(log, 'x'.repeat(900));
    await appendTexts(log, 'b');
    expect((await namesIn(disk)).filter((name) => name.endsWith('.log'))).toHaveLength(3);
  });

  test('is closed by the first flush after segment.ms, and by housekeeping', async () => {
    const { log, clock } = await heldLog({ 'segment.ms': '1000' });
    await appendTexts(log, 'a');
    clock.advance(999);
    await appendTexts(log, 'b');
    expect(log.segmentCount).toBe(1);
    clock.advance(1);
    await appendTexts(log, 'c');
    expect(log.segmentCount).toBe(2);
    clock.advance(1_000);
    await log.housekeep({ clockIsSteady: true });
    expect(log.segmentCount).toBe(3);
    await log.housekeep({ clockIsSteady: true });
    expect(log.segmentCount).toBe(3);
  });
});

describe('a busy partition', () => {
  /** Two groups of clients: while the one's flush is on its way the other's waits, for ever. */
  async function keepBusy(
    { log, held }: { log: PartitionLog; held: HeldFiles },
    isOver: () => boolean,
  ): Promise<() => Promise<unknown>> {
    const client = async (): Promise<void> => {
      while (!isOver()) await appendTexts(log, 'x');
    };
    const write = held.hold('write', '.log');
    const first = [client(), client()];
    await write.reached;
    const second = [client(), client()];
    write.release();
    return () => Promise.all([...first, ...second]);
  }

  test('still closes an old segment when it is asked to', async () => {
    const one = await heldLog({ 'segment.ms': '1000' });
    const { log, clock } = one;
    // So young that the flushes themselves see no reason.
    await appendTexts(log, 'a');
    let isOver = false;
    const ended = await keepBusy(one, () => isOver);
    let housekeeping = 'under way';
    void log.housekeep({ clockIsSteady: true }).finally(() => {
      housekeeping = 'done';
    });
    await settled();
    expect(housekeeping).toBe('done');
    clock.advance(1_000);
    await settled();
    expect(log.segmentCount).toBeGreaterThan(1);
    isOver = true;
    await ended();
  });

  test('is still synced by time', async () => {
    const one = await heldLog({ 'flush.ms': '100' });
    const { log, clock } = one;
    let isOver = false;
    const ended = await keepBusy(one, () => isOver);
    await settled();
    expect(log.highWatermark).toBeGreaterThan(0);
    expect(log.durableOffset).toBe(0);
    clock.advance(100);
    await settled();
    expect(log.durableOffset).toBeGreaterThan(0);
    isOver = true;
    await ended();
  });
});

describe('the weaker mode', () => {
  test('acknowledges what is written, and shows how far it is durable', async () => {
    const { log, disk } = await heldLog({ 'flush.messages': '3' });
    await appendTexts(log, 'a', 'b');
    expect([log.highWatermark, log.durableOffset]).toEqual([2, 0]);
    expect(await readTexts(log)).toEqual(['a', 'b']);
    await appendTexts(log, 'c');
    expect([log.highWatermark, log.durableOffset]).toEqual([3, 3]);
    await appendTexts(log, 'd');
    expect([log.highWatermark, log.durableOffset]).toEqual([4, 3]);
    expect((await flushes(disk)).map(({ flushStart }) => flushStart)).toEqual([0, 0, 3]);
  });

  test('syncs flush.ms after the first record that waits for it', async () => {
    const { log, clock } = await heldLog({ 'flush.ms': '100' });
    await appendTexts(log, 'a');
    clock.advance(60);
    await appendTexts(log, 'b');
    clock.advance(39);
    await settled();
    expect(log.durableOffset).toBe(0);
    clock.advance(1);
    await settled();
    expect(log.durableOffset).toBe(2);
    expect(clock.timerCount).toBe(0);
  });

  test('tries a sync in time again that could not begin', async () => {
    const { log, clock, files, openFiles } = await heldLog({ 'flush.ms': '100' });
    await appendTexts(log, 'a');
    await openFiles.forget(FIRST);
    files.setFault({ kind: 'EMFILE', at: 1 });
    clock.advance(100);
    await settled();
    expect([files.spoiledCount, log.state, log.durableOffset]).toEqual([1, 'online', 0]);
    clock.advance(100);
    await settled();
    expect([log.durableOffset, clock.timerCount]).toEqual([1, 0]);
  });

  test('tries no sync in time again once it has ended', async () => {
    const { log, clock, files, openFiles } = await heldLog({ 'flush.ms': '100' });
    await appendTexts(log, 'a');
    await openFiles.forget(FIRST);
    files.setFault({ kind: 'EMFILE', at: 1, lasts: true, only: ({ path }) => path === FIRST });
    const closing = log.close();
    // The stop asks for its own sync first.
    for (let turn = 0; turn < 9; turn += 1) await Promise.resolve();
    clock.advance(100);
    await closing;
    await settled();
    expect([files.spoiledCount, clock.timerCount]).toEqual([2, 0]);
  });

  test('never syncs again after a sync in time that failed', async () => {
    const { log, clock, files } = await heldLog({ 'flush.ms': '100' });
    await appendTexts(log, 'a');
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    clock.advance(100);
    await settled();
    expect([log.state, log.durableOffset, clock.timerCount]).toEqual(['offline', 0, 0]);
    expect(await readTexts(log)).toEqual(['a']);
  });

  test('syncs at the stop', async () => {
    const { log, disk } = await heldLog({ 'flush.messages': '1000' });
    await appendTexts(log, 'a', 'b');
    await log.close();
    const after = await openLog(disk.crash(), { previousRun: 'rebooted' });
    expect(await readTexts(after)).toEqual(['a', 'b']);
  });

  test('syncs before a roll: closed segments are always durable', async () => {
    const { log, disk } = await heldLog({ 'flush.messages': '1000', 'segment.bytes': '150' });
    await appendTexts(log, 'a'.repeat(50));
    await appendTexts(log, 'b'.repeat(50));
    expect([log.highWatermark, log.durableOffset, log.segmentCount]).toEqual([2, 1, 2]);
    const after = await openLog(disk.crash(), { previousRun: 'rebooted' });
    expect(after.state).toBe('online');
    expect((await readTexts(after))[0]).toBe('a'.repeat(50));
  });

  test('ends with a sync when the topic asks for durability again', async () => {
    const { log } = await heldLog({ 'flush.messages': '1000' });
    await appendTexts(log, 'a');
    log.setConfig(topicConfig());
    await settled();
    expect(log.durableOffset).toBe(1);
  });

  test('brings records to the disk before they are deleted', async () => {
    const { log, disk } = await heldLog({ 'flush.messages': '1000' });
    await appendTexts(log, 'a', 'b', 'c');
    expect(await log.deleteRecords(-1)).toBe(3);
    expect(log.durableOffset).toBe(3);
    const after = await openLog(disk.crash(), { previousRun: 'rebooted' });
    expect([after.logStartOffset, after.logEndOffset]).toEqual([3, 3]);
  });

  test('fences when the sync fails that it asked for', async () => {
    const { log, files, disk } = await heldLog({ 'flush.messages': '1000' });
    await appendTexts(log, 'a');
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'sync' });
    await expect(log.deleteRecords(1)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(log.state).toBe('offline');
    expect(await namesIn(disk)).toContain('fenced');
    expect(() => log.check(recordsInput([textRecord('b')]))).toThrow(/offline/);
    await log.close();
  });
});

describe('a flush that fails', () => {
  const failing = (kind: 'EIO' | 'ENOSPC' | 'short-write', name: string) => ({
    kind,
    at: 1,
    only: (call: { name: string; path: string }) => call.name === name && call.path === FIRST,
  });

  test('takes all that queued behind it along, and their offsets back', async () => {
    const { log, files, held } = await heldLog();
    const write = held.hold('write', '.log');
    files.setFault(failing('EIO', 'write'));
    const first = appendTexts(log, 'a');
    const others = appendTexts(log, 'b');
    void write.reached.then(() => write.release());
    const outcomes = await Promise.allSettled([first, others]);
    expect(outcomes.map((each) => (each as PromiseRejectedResult).reason as unknown)).toEqual([
      expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', written: 'no', retriable: true }),
      expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', written: 'no', retriable: true }),
    ]);
    expect([log.state, log.logEndOffset, log.highWatermark]).toEqual(['online', 0, 0]);
    expect((await appendTexts(log, 'c')).baseOffset).toBe(0);
    expect(await readTexts(log)).toEqual(['c']);
  });

  test('queued ones are told that they never began', async () => {
    const { log, files, held } = await heldLog();
    const sync = held.hold('sync', '.log');
    const first = appendTexts(log, 'a');
    await sync.reached;
    const queued = appendTexts(log, 'b');
    // The sync that is held has passed the faults: the one of the cut comes next.
    files.setFault(failing('EIO', 'sync'));
    sync.release();
    await first;
    await expect(queued).rejects.toMatchObject({ written: 'unknown' });
    expect(log.state).toBe('offline');
  });

  test('at the sync fences: the flush is unknown, the queue is not written', async () => {
    const { log, files, held, disk, counters } = await heldLog();
    await appendTexts(log, 'a');
    files.setFault(failing('ENOSPC', 'sync'));
    const write = held.hold('write', '.log');
    const flush = appendTexts(log, 'b');
    await write.reached;
    const queued = appendTexts(log, 'c');
    write.release();
    const outcomes = await Promise.allSettled([flush, queued]);
    const reasons = outcomes.map((each) => (each as PromiseRejectedResult).reason as unknown);
    expect(reasons[0]).toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'unknown',
      details: { state: 'offline' },
    });
    expect(reasons[1]).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
    expect([log.state, log.highWatermark, log.logEndOffset]).toEqual(['offline', 1, 1]);
    expect(log.reason).toMatch(/sync of .*\.log failed: ENOSPC/);
    expect(await readTexts(log)).toEqual(['a']);
    expect(await namesIn(disk)).toContain('fenced');
    expect(counters.flushErrors).toBe(1);
    expect(() => log.check(recordsInput([textRecord('d')]))).toThrow(
      expect.objectContaining({ code: 'KAFKA_STORAGE_ERROR', written: 'no' }),
    );
  });

  test('on a full disk is refused as not written, reads go on, and it heals', async () => {
    const { log, files } = await heldLog();
    await appendTexts(log, 'a');
    files.setFault({ ...failing('short-write', 'write'), lasts: true });
    for (const text of ['b', 'c']) {
      await expect(appendTexts(log, text)).rejects.toMatchObject({
        code: 'DISK_FULL',
        written: 'no',
        retriable: true,
      });
    }
    expect(log.state).toBe('online');
    expect(await readTexts(log)).toEqual(['a']);
    files.setFault(undefined);
    expect((await appendTexts(log, 'd')).baseOffset).toBe(1);
    expect(await readTexts(log)).toEqual(['a', 'd']);
  });
});

describe('a partition that goes offline', () => {
  test('begins no flush that was queued before', async () => {
    const { log, held, disk, files } = await heldLog();
    await appendTexts(log, 'a');
    const sync = held.hold('sync', 'recovery.checkpoint.tmp');
    // A checkpoint fails its sync while an append waits behind a flush.
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: ({ name, path }) => name === 'syncDir' && path === DIRECTORY,
    });
    const deleting = log.deleteRecords(1).catch((error: unknown) => error);
    await sync.reached;
    const flushSync = held.hold('sync', '.log');
    const inFlight = appendTexts(log, 'b').catch((error: unknown) => error);
    await flushSync.reached;
    const queued = appendTexts(log, 'c').catch((error: unknown) => error);
    sync.release();
    expect(await deleting).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
    flushSync.release();
    expect(await inFlight).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'unknown' });
    expect(await queued).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
    expect(log.state).toBe('offline');
    expect(await readAll(log)).toHaveLength(log.bytes);
    expect(await namesIn(disk)).toContain('fenced');
  });

  test('by damage that a reader meets ends the flush on its way in order, and begins no other', async () => {
    const { log: past, held, disk } = await heldLog({ 'segment.bytes': '150' });
    await appendTexts(past, 'a'.repeat(40));
    await appendTexts(past, 'b'.repeat(40));
    await past.close();
    const log = await openLog(held);
    await overwrite(disk, FIRST, Buffer.alloc((await contentOf(disk, FIRST)).length, 'x'));
    const sync = held.hold('sync', '.log');
    const inFlight = appendTexts(log, 'c'.repeat(40));
    await sync.reached;
    const queued = appendTexts(log, 'd'.repeat(40)).catch((error: unknown) => error);
    await expect(log.read(0, 1)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(log.state).toBe('offline');
    sync.release();
    expect((await inFlight).baseOffset).toBe(2);
    expect(await queued).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', written: 'no' });
    expect([log.highWatermark, log.logEndOffset]).toEqual([3, 3]);
  });

  test('by damage begins no segment that housekeeping has asked for', async () => {
    const { log: past, held, disk } = await heldLog({ 'segment.bytes': '150' });
    await appendTexts(past, 'a'.repeat(40));
    await appendTexts(past, 'b'.repeat(40));
    await past.close();
    const clock = new ManualClock();
    const log = await openLog(held, { config: { 'segment.ms': '1000' }, clock });
    await overwrite(disk, FIRST, Buffer.alloc((await contentOf(disk, FIRST)).length, 'x'));
    const sync = held.hold('sync', '.log');
    const inFlight = appendTexts(log, 'c');
    await sync.reached;
    clock.advance(1_000);
    const housekeeping = log.housekeep({ clockIsSteady: true });
    await expect(log.read(0, 1)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    sync.release();
    await inFlight;
    expect([await housekeeping, log.segmentCount]).toEqual([0, 2]);
  });
});

test('an aborted partition fails what is queued and waits for what is on its way', async () => {
  const { log, held } = await heldLog();
  const sync = held.hold('sync', '.log');
  const inFlight = appendTexts(log, 'a');
  await sync.reached;
  const queued = appendTexts(log, 'b').catch((error: unknown) => error);
  const discarding = log.discard();
  expect(await queued).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', written: 'no' });
  sync.release();
  expect((await inFlight).baseOffset).toBe(0);
  await discarding;
});

test('the age of a record counts from its flush, however long that had to wait', async () => {
  const { held, clock, log } = await heldLog({ 'retention.ms': '1000' });
  const slow = held.hold('sync', FIRST);
  const first = appendTexts(log, 'at the disk');
  await slow.reached;
  const second = appendTexts(log, 'waits behind it');
  clock.advance(5_000);
  const third = appendTexts(log, 'comes when the disk has hung for long');
  slow.release();
  await Promise.all([first, second, third]);
  await log.housekeep({ clockIsSteady: true });
  expect(log.logStartOffset).toBe(0);
  clock.advance(1_001);
  await log.housekeep({ clockIsSteady: true });
  expect(log.logStartOffset).toBe(3);
});
