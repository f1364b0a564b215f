import { describe, expect, test } from 'vitest';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { damagedPath, logPath } from '../../src/storage/segment-files.ts';
import { textRecord } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { Fault } from '../support/faulty-files.ts';
import {
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  overwrite,
  readTexts,
  recordingLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const FIRST = logPath(DIRECTORY, 0);
const MARK = damagedPath(DIRECTORY, 0);
const TEXTS = ['a', 'b', 'c', 'd'].map((text) => text.repeat(100));
/** Two records in a segment. */
const CONFIG = { 'segment.bytes': '400' };

/** Four records in two segments, stopped in order; the bytes of the first, sound and spoiled. */
async function spoiledPartition(seed = 1) {
  const disk = new SimulatedFiles({ seed });
  const past = await createLog(disk, { config: CONFIG });
  for (const text of TEXTS) await appendTexts(past, text);
  await past.close();
  const sound = await contentOf(disk, FIRST);
  const spoiled = Buffer.from(sound);
  spoiled[100] = 0x77;
  await overwrite(disk, FIRST, spoiled);
  return { disk, sound, spoiled };
}

async function open(disk: SimulatedFiles, previousRun: PreviousRun = 'rebooted', fault?: Fault) {
  const log = recordingLog();
  const files = new FaultyFiles(disk);
  const partition = await openLog(files, { config: CONFIG, previousRun, log });
  files.setFault(fault);
  return { log: partition, files, lines: log.lines };
}

async function meetDamage(log: PartitionLog, offset = 0): Promise<void> {
  const outcome = await Promise.resolve(log.read(offset, 1)).catch((error: unknown) => error);
  expect(outcome).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', details: { segment: 0 } });
  expect(log.state).toBe('offline');
}

async function isMarked(disk: SimulatedFiles): Promise<boolean> {
  return (await namesIn(disk)).includes('00000000000000000000.damaged');
}

describe('damage that a read has met', () => {
  test('is known to every later start, also after a power cut, and no append is taken', async () => {
    const { disk, spoiled } = await spoiledPartition();
    const first = await open(disk);
    expect(first.log.state).toBe('online');
    await meetDamage(first.log);
    const { reason } = first.log;
    let next = disk.crash();
    for (const previousRun of ['rebooted', 'same-boot', 'clean'] as const) {
      const { log, lines } = await open(next, previousRun);
      expect([log.state, log.reason]).toEqual(['offline', reason]);
      expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
      await expect(appendTexts(log, 'x')).rejects.toMatchObject({ written: 'no' });
      expect(await log.read(2, 1)).not.toHaveLength(0);
      await log.close();
      next = next.kill();
    }
    expect((await contentOf(next, FIRST)).equals(spoiled)).toBe(true);
  });

  test('is over when the segment reads whole again at a start', async () => {
    const { disk, sound } = await spoiledPartition();
    const { log: damaged } = await open(disk);
    await meetDamage(damaged);
    await damaged.close();
    await overwrite(disk, FIRST, sound);
    const { log, lines } = await open(disk);
    expect([log.state, await isMarked(disk)]).toEqual(['online', false]);
    expect(lines).toMatchObject([{ level: 'info', facts: { file: FIRST } }]);
    expect(await readTexts(log)).toEqual(TEXTS);
    expect((await appendTexts(log, 'next')).baseOffset).toBe(4);
  });

  test('is told as it is now, when what was put back is not sound either', async () => {
    const { disk, sound } = await spoiledPartition();
    await meetDamage((await open(disk)).log);
    const half = sound.length / 2;
    await overwrite(disk, FIRST, Buffer.concat([sound.subarray(0, half), sound.subarray(0, half)]));
    const { log } = await open(disk);
    expect(log.reason).toContain(`position ${half}: baseOffset should be 1, found 0`);
    expect(await isMarked(disk)).toBe(true);
  });

  test('is not over when what was put back is whole, and holds fewer records', async () => {
    const { disk, sound } = await spoiledPartition();
    await meetDamage((await open(disk)).log);
    const writer = new BatchWriter(sound.length);
    writer.begin({ baseOffset: 0, leaderEpoch: 0 });
    writer.add(textRecord('x'.repeat(sound.length - writer.length - 9)));
    writer.end(-1);
    expect(writer.length).toBe(sound.length);
    await overwrite(disk, FIRST, writer.buffer.subarray(0, writer.length));
    const { log } = await open(disk);
    expect(log.reason).toContain('last offset should be 1, found 0');
    expect([log.state, await isMarked(disk)]).toEqual(['offline', true]);
  });

  test('in the newest flush is no torn tail for the next start', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk);
    for (const text of TEXTS) await appendTexts(past, text);
    const next = disk.kill();
    // A run whose memory holds nothing of them; then nothing says that they were durable.
    const { log } = await open(next);
    await next.remove(`${DIRECTORY}/recovery.checkpoint`);
    const content = await contentOf(next, FIRST);
    content[content.length - 1] = 0x77;
    await overwrite(next, FIRST, content);
    await meetDamage(log, 3);
    const last = next.kill();
    const { log: again } = await open(last);
    expect([again.state, again.highWatermark]).toEqual(['offline', 3]);
    expect((await namesIn(last)).filter((name) => name.endsWith('.torn'))).toEqual([]);
    expect((await contentOf(last, FIRST)).equals(content)).toBe(true);
  });

  test('costs one write, however often it is met', async () => {
    const { disk } = await spoiledPartition();
    const { log, files } = await open(disk);
    await meetDamage(log);
    const calls = files.record();
    for (let again = 0; again < 3; again += 1) await meetDamage(log);
    expect(calls.filter(({ name }) => name === 'create' || name === 'write')).toEqual([]);
  });
});

describe('a mark', () => {
  test('names the place, and how far the segment was durable', async () => {
    const { disk, sound } = await spoiledPartition();
    await meetDamage((await open(disk)).log);
    const mark: unknown = JSON.parse(String(await contentOf(disk, MARK)));
    expect(mark).toMatchObject({ position: 0, field: 'crc', bytes: sound.length, endOffset: 2 });
  });

  test('is whole or missing, wherever its writing is cut off', async () => {
    for (let at = 1, isOver = false; !isOver; at += 1) {
      const { disk } = await spoiledPartition(at);
      const isOfMark = ({ path }: { path: string }) => !path.endsWith('.log');
      const { log, files } = await open(disk, 'clean', { kind: 'hang', at, only: isOfMark });
      const reading = meetDamage(log).then(() => true);
      isOver = await Promise.race([reading, files.hanging.then(() => false)]);
      const next = disk.crash();
      const marked = await isMarked(next);
      if (isOver) expect(marked).toBe(true);
      const { log: again } = await open(next);
      expect([at, again.state]).toEqual([at, marked ? 'offline' : 'online']);
      expect((await namesIn(next)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      await meetDamage(again);
    }
  });

  test('that cannot be written for want of room is missed in the log, and nothing else', async () => {
    const { disk } = await spoiledPartition();
    const { log, lines } = await open(disk, 'clean', {
      kind: 'ENOSPC',
      at: 1,
      only: ({ name }) => name === 'write',
    });
    await meetDamage(log);
    expect(lines.at(-1)).toMatchObject({ level: 'error', facts: { file: MARK } });
    expect(await namesIn(disk)).not.toContain('fenced');
    expect((await open(disk.kill())).log.state).toBe('online');
  });

  test('whose sync fails fences the partition like any other', async () => {
    const { disk } = await spoiledPartition();
    const only: Fault['only'] = ({ name }) => name === 'sync';
    const { log } = await open(disk, 'clean', { kind: 'EIO', at: 1, only });
    await meetDamage(log);
    expect(await namesIn(disk)).toContain('fenced');
  });

  test.each([
    '',
    '{}',
    '{"position":',
    'null',
    '{"position":-1,"field":"crc","expected":"a","found":"b","bytes":340,"endOffset":2}',
    '{"position":0,"field":"crc","expected":"a","found":"b","bytes":0.5,"endOffset":2}',
    '{"position":0,"field":"crc","expected":"a","found":7,"bytes":340,"endOffset":2}',
  ])('that reads %j keeps the partition offline, because nobody knows of what', async (content) => {
    const { disk, sound } = await spoiledPartition();
    await overwrite(disk, FIRST, sound);
    await overwrite(disk, MARK, Buffer.from(content));
    const { log } = await open(disk);
    expect(log.state).toBe('offline');
    expect(log.reason).toContain('mark of damage');
    expect(await readTexts(log)).toEqual(TEXTS);
    await disk.remove(MARK);
    expect((await open(disk)).log.state).toBe('online');
  });

  test('of a segment that cannot be read stands', async () => {
    const { disk } = await spoiledPartition();
    const { log: damaged } = await open(disk);
    await meetDamage(damaged);
    for (const path of [FIRST, MARK]) {
      const files = new FaultyFiles(disk, {
        kind: 'EIO',
        at: 1,
        lasts: true,
        only: (call) => call.name === 'read' && call.path === path,
      });
      const log = await openLog(files, { config: CONFIG, previousRun: 'rebooted' });
      expect([log.state, await isMarked(disk)]).toEqual(['offline', true]);
      if (path === FIRST) expect(log.reason).toBe(damaged.reason);
    }
  });

  test('that cannot be removed stands, because the bytes it speaks of may move next', async () => {
    const { disk, sound } = await spoiledPartition();
    await meetDamage((await open(disk)).log);
    await overwrite(disk, FIRST, sound);
    const only: Fault['only'] = ({ name }) => name === 'remove';
    const files = new FaultyFiles(disk, { kind: 'EIO', at: 1, only });
    const log = await openLog(files, { config: CONFIG, previousRun: 'rebooted' });
    expect([log.state, await isMarked(disk)]).toEqual(['offline', true]);
  });

  test('asks in the weaker mode for no more than was durable', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const config = { 'flush.messages': '3' };
    const past = await createLog(disk, { config });
    for (const text of TEXTS.slice(0, 3)) await appendTexts(past, text);
    const durable = (await contentOf(disk, FIRST)).length;
    await past.close();
    const log = await openLog(disk, { config });
    await appendTexts(log, 'd');
    const content = await contentOf(disk, FIRST);
    const spoiled = Buffer.from(content);
    spoiled[100] = 0x77;
    await overwrite(disk, FIRST, spoiled);
    await meetDamage(log);
    await overwrite(disk, FIRST, content.subarray(0, durable));
    const again = await openLog(disk.kill(), { config, previousRun: 'rebooted' });
    expect([again.state, again.highWatermark]).toEqual(['online', 3]);
  });

  test('of a segment that has left goes with its files', async () => {
    const { disk } = await spoiledPartition();
    const { log } = await open(disk);
    await log.deleteRecords(2);
    await log.close();
    await overwrite(disk, MARK, Buffer.from('{}'));
    expect((await open(disk)).log.state).toBe('online');
    expect(await isMarked(disk)).toBe(false);
  });
});
