import { describe, expect, test } from 'vitest';
import { PartitionLog } from '../../src/storage/partition-log.ts';
import { logPath, offsetIndexPath, timeIndexPath } from '../../src/storage/segment-files.ts';
import { textRecord } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import {
  appendRecords,
  contentOf,
  createLog,
  DIRECTORY,
  namesIn,
  overwrite,
  partitionOptions,
  readAll,
  recordingLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const CONFIG = { 'segment.bytes': '60000' };

/** Three segments of batches of 1,000 bytes, closed in order. */
async function stoppedLog() {
  const disk = new SimulatedFiles({ seed: 1 });
  const log = await createLog(disk, { config: CONFIG });
  for (let at = 0; at < 150; at += 1) {
    await appendRecords(log, textRecord(`${at}`.padEnd(930, '.'), { timestamp: 1_000 - at }));
  }
  const all = await readAll(log);
  await log.close();
  const bases = (await namesIn(disk))
    .filter((name) => name.endsWith('.log'))
    .map((name) => Number(name.slice(0, 20)));
  expect(bases).toHaveLength(3);
  return { disk, all, bases };
}

async function open(disk: SimulatedFiles) {
  const files = new FaultyFiles(disk);
  const lines = recordingLog();
  const log = await PartitionLog.open(partitionOptions(files, { config: CONFIG, log: lines }));
  return { log, files, lines: lines.lines };
}

/** Bytes of segments read for these answers. */
async function readsFor(disk: SimulatedFiles, offsets: readonly number[]) {
  const { log, files } = await open(disk);
  const calls = files.record();
  for (const offset of offsets) await log.read(offset, 100);
  await log.close();
  return calls.filter(({ name, path }) => name === 'read' && path.endsWith('.log')).length;
}

async function rebuildsIn(disk: SimulatedFiles, all: Buffer): Promise<number> {
  const { log, lines } = await open(disk);
  expect((await readAll(log, 5_000)).equals(all)).toBe(true);
  expect(await log.offsetForTimestamp(900)).toEqual({ offset: 0, timestamp: 1_000 });
  expect(log.state).toBe('online');
  await log.close();
  return lines.filter(({ message }) => message.includes('rebuilding')).length;
}

describe('the index files', () => {
  test('are believed when they are what the checkpoint knows', async () => {
    const { disk, all } = await stoppedLog();
    expect(await rebuildsIn(disk, all)).toBe(0);
    expect(await readsFor(disk, [0, 20, 70, 100, 149])).toBe(5);
  });

  test('missing, damaged, foreign or longer than known change no answer', async () => {
    const { bases } = await stoppedLog();
    for (const which of [offsetIndexPath, timeIndexPath]) {
      for (const spoil of [
        async (disk: SimulatedFiles, path: string) => disk.remove(path),
        async (disk: SimulatedFiles, path: string) => overwrite(disk, path, Buffer.alloc(0)),
        async (disk: SimulatedFiles, path: string) => {
          const content = await contentOf(disk, path);
          content[3] = (content[3] as number) ^ 1;
          await overwrite(disk, path, content);
        },
        async (disk: SimulatedFiles, path: string) => {
          await overwrite(disk, path, await contentOf(disk, logPath(DIRECTORY, 0)));
        },
      ]) {
        const { disk, all } = await stoppedLog();
        for (const base of bases) await spoil(disk, which(DIRECTORY, base));
        expect(await rebuildsIn(disk, all)).toBe(3);
      }
    }
  });

  test('that were rebuilt are kept: the next start believes them', async () => {
    const { disk, all, bases } = await stoppedLog();
    for (const base of bases) await disk.remove(offsetIndexPath(DIRECTORY, base));
    expect(await rebuildsIn(disk, all)).toBe(3);
    expect(await rebuildsIn(disk, all)).toBe(0);
  });

  test('of a log whose checkpoint is gone are made anew, and not taken for empty', async () => {
    const { disk, all } = await stoppedLog();
    await disk.remove(`${DIRECTORY}/recovery.checkpoint`);
    expect(await rebuildsIn(disk, all)).toBe(2);
    expect(await rebuildsIn(disk, all)).toBe(0);
  });

  test('are rebuilt once for all who read at the same time', async () => {
    const { disk, all, bases } = await stoppedLog();
    await disk.remove(offsetIndexPath(DIRECTORY, bases[0] as number));
    const { log, lines } = await open(disk);
    const reads = Array.from({ length: 20 }, async (_, at) => log.read(at, 1));
    for (const bytes of await Promise.all(reads)) expect(all.includes(bytes)).toBe(true);
    expect(lines.filter(({ message }) => message.includes('rebuilding'))).toHaveLength(1);
  });

  test('that cannot be saved again serve all the same', async () => {
    const { disk, all, bases } = await stoppedLog();
    await disk.remove(offsetIndexPath(DIRECTORY, bases[0] as number));
    const { log, files, lines } = await open(disk);
    files.setFault({
      kind: 'EIO',
      at: 1,
      lasts: true,
      only: ({ name, path }) => name !== 'read' && path.endsWith('index'),
    });
    expect((await readAll(log)).equals(all)).toBe(true);
    expect(lines.some(({ message }) => message === 'index files were not saved')).toBe(true);
  });
});
