import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../src/storage/checkpoint.ts';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import type { FileCall } from '../support/faulty-files.ts';
import { HeldFiles, settled } from '../support/held-files.ts';
import {
  appendBatches,
  appendTexts,
  createLog,
  DIRECTORY,
  namesIn,
  openLog,
  partitionOptions,
  readTexts,
} from '../support/partition-fixture.ts';
import { realFiles } from '../../src/storage/real-files.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';

const PATH = `${DIRECTORY}/recovery.checkpoint`;

async function checkpointOn(files: Parameters<typeof readCheckpoint>[0], path = PATH) {
  const reading = await readCheckpoint(files, path);
  if (reading.kind !== 'read') throw new Error(reading.kind);
  return reading.checkpoint;
}

describe('a checkpoint is taken', () => {
  test('at the stop, of everything', async () => {
    const files = new SimulatedFiles({ seed: 1 });
    const log = await createLog(files);
    await appendTexts(log, 'a', 'b');
    expect((await checkpointOn(files)).durableOffset).toBe(0);
    await log.close();
    expect(await checkpointOn(files)).toMatchObject({
      durableOffset: 2,
      segments: [{ baseOffset: 0, endOffset: 2, bytes: log.bytes, index: { logBytes: log.bytes } }],
    });
  });

  test('at each roll', async () => {
    const files = new SimulatedFiles({ seed: 1 });
    const log = await createLog(files, { config: { 'segment.bytes': '100' } });
    await appendTexts(log, 'a'.repeat(30));
    await appendTexts(log, 'b'.repeat(30));
    expect(await checkpointOn(files)).toMatchObject({
      durableOffset: 1,
      segments: [{ baseOffset: 0 }, { baseOffset: 1, bytes: 0 }],
    });
  });

  test('before 64 MiB of appends have passed', async () => {
    const directory = await temporaryDirectory();
    const log = await PartitionLog.create(partitionOptions(realFiles, { directory }));
    const batch = encodedBatch([textRecord('x'.repeat(1_000_000))]);
    const path = `${directory}/recovery.checkpoint`;
    for (let megabyte = 0; megabyte < 70; megabyte += 1) {
      await appendBatches(log, batch);
      const { segments } = await checkpointOn(realFiles, path);
      expect(log.bytes - (segments.at(-1)?.bytes as number)).toBeLessThanOrEqual(67_108_864);
    }
    expect((await checkpointOn(realFiles, path)).durableOffset).toBeGreaterThan(60);
    await log.close();
  });

  test('before 64 MiB have passed since one that a recovery could not leave', async () => {
    const directory = await temporaryDirectory();
    const files = new FaultyFiles(realFiles);
    const options = partitionOptions(files, { directory, previousRun: 'rebooted' });
    const batch = encodedBatch([textRecord('x'.repeat(1_000_000))]);
    const past = await PartitionLog.create(options);
    for (let megabyte = 0; megabyte < 40; megabyte += 1) await appendBatches(past, batch);
    // As if it were killed here; then the recovery finds no room for its checkpoint.
    const isOfCheckpoint = ({ path }: FileCall): boolean => path.endsWith('checkpoint.tmp');
    files.setFault({ kind: 'ENOSPC', at: 1, lasts: true, only: isOfCheckpoint });
    const log = await PartitionLog.open(options);
    expect([log.state, log.highWatermark, files.spoiledCount > 0]).toEqual(['online', 40, true]);
    files.setFault(undefined);
    for (let megabyte = 0; megabyte < 30; megabyte += 1) await appendBatches(log, batch);
    const { durableOffset } = await checkpointOn(realFiles, `${directory}/recovery.checkpoint`);
    expect(durableOffset).toBeGreaterThan(60);
    await log.close();
  });

  test('of one moment, though appends go on while it is written', async () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const disk = new SimulatedFiles({ seed });
      const held = new HeldFiles(disk);
      const log = await createLog(held, { config: { 'segment.bytes': '300' } });
      const texts = Array.from({ length: 9 }, (_, at) => `${at}`.padEnd(40, '.'));
      for (const text of texts.slice(0, 2)) await appendTexts(log, text);
      const write = held.hold('write', 'recovery.checkpoint.tmp');
      const deleting = log.deleteRecords(1);
      await write.reached;
      // Fills the segment; the roll then waits for its turn.
      const appends = texts.slice(2).map((text) => appendTexts(log, text));
      await settled();
      write.release();
      expect(await deleting).toBe(1);
      await Promise.all(appends);
      const after = await openLog(disk.crash(), { previousRun: 'rebooted' });
      expect([after.state, after.logStartOffset]).toEqual(['online', 1]);
      expect(await readTexts(after)).toEqual(texts.slice(1));
    }
  });
});

describe('a checkpoint that fails', () => {
  test('for want of room is told, and appends go on', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const files = new FaultyFiles(disk);
    const log = await createLog(files, { config: { 'segment.bytes': '100' } });
    files.setFault({
      kind: 'ENOSPC',
      at: 1,
      lasts: true,
      only: ({ name, path }) => name === 'create' && path.endsWith('.tmp'),
    });
    for (const text of ['a', 'b', 'c', 'd']) await appendTexts(log, text.repeat(30));
    expect(log.segmentCount).toBe(4);
    await log.close();
    files.setFault(undefined);
    const again = await openLog(files);
    expect(await readTexts(again)).toHaveLength(4);
    expect([again.state, again.segmentCount]).toEqual(['online', 4]);
  });

  test.each(['sync', 'syncDir'])('at the %s fences like any other', async (name) => {
    const disk = new SimulatedFiles({ seed: 1 });
    const files = new FaultyFiles(disk);
    const log = await createLog(files);
    await appendTexts(log, 'a');
    const isOfIt = (path: string): boolean => path === `${PATH}.tmp` || path === DIRECTORY;
    files.setFault({
      kind: 'EIO',
      at: 1,
      only: (call) => call.name === name && isOfIt(call.path),
    });
    let changes = 0;
    log.onChange(() => {
      changes += 1;
    });
    await expect(log.deleteRecords(1)).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      written: 'unknown',
    });
    expect([log.state, log.logStartOffset]).toEqual(['offline', 0]);
    expect(changes).toBeGreaterThan(0);
    expect(await namesIn(disk)).toContain('fenced');
    expect(await readTexts(log)).toEqual(['a']);
  });
});

test('index files that cannot be saved are only told', async () => {
  const disk = new SimulatedFiles({ seed: 1 });
  const files = new FaultyFiles(disk);
  const log = await createLog(files, { config: { 'segment.bytes': '100' } });
  files.setFault({
    kind: 'EIO',
    at: 1,
    lasts: true,
    only: ({ path }) => path.endsWith('index'),
  });
  for (const text of ['a', 'b', 'c']) await appendTexts(log, text.repeat(30));
  await log.close();
  const again = await openLog(files);
  expect([again.state, (await readTexts(again)).length]).toEqual(['online', 3]);
});

test('none of a fenced partition: a failed sync may have taken the name of a segment just begun', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const disk = new SimulatedFiles({ seed });
    const faulty = new FaultyFiles(disk);
    const files = new HeldFiles(faulty);
    const log = await createLog(files, { config: { 'segment.bytes': '100' } });
    await appendTexts(log, 'a'.repeat(30));
    const roll = files.hold('syncDir', DIRECTORY);
    const appending = appendTexts(log, 'b'.repeat(30));
    await roll.reached;
    const onFault = ({ path }: FileCall): void => disk.loseUnsynced(path);
    faulty.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'syncDir', onFault });
    await expect(log.deleteRecords(1)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    // It finds nothing wrong: what a failed sync has lost no later one knows of.
    roll.release();
    await expect(appending).rejects.toMatchObject({ written: 'no' });
    await log.close();
    const after = await openLog(disk.crash(), { previousRun: 'rebooted' });
    expect({ seed, state: after.state, reason: after.reason }).toMatchObject({ state: 'online' });
  }
});
