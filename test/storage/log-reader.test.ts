import { describe, expect, test } from 'vitest';
import { baseOffsetAt, batchBytesAt } from '../../src/codec/batch-header.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { batchesIn } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import {
  appendTexts,
  contentOf,
  createLog,
  DIRECTORY,
  openLog,
  overwrite,
  readAll,
  readTexts,
  recordingLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

const FIRST = logPath(DIRECTORY, 0);

/** A log of so many batches of two records, opened anew so that nothing of it is in memory. */
async function onDisk(
  batches: number,
  options: { textBytes?: number; config?: { readonly [name: string]: string } } = {},
) {
  const disk = new SimulatedFiles({ seed: 1 });
  const { textBytes = 30, config = {} } = options;
  const past = await createLog(disk, { config });
  for (let at = 0; at < batches; at += 1) {
    const texts = [`${2 * at}`, `${2 * at + 1}`].map((text) => text.padEnd(textBytes, '.'));
    await appendTexts(past, ...texts);
  }
  const all = await readAll(past);
  await past.close();
  const held = new HeldFiles(disk);
  const files = new FaultyFiles(held);
  const lines = recordingLog();
  const log = await openLog(files, { config, log: lines });
  return { disk, held, files, log, all, lines: lines.lines };
}

/** What a read must give: whole batches from the one that holds `offset`, at least one. */
function expectedRead(all: Buffer, offset: number, bytesMax: number): Buffer {
  const parts: Buffer[] = [];
  for (const batch of batchesIn(all)) {
    if (baseOffsetAt(batch, 0) + 1 < offset) continue;
    if (parts.length > 0 && Buffer.concat(parts).length + batch.length > bytesMax) break;
    parts.push(batch);
  }
  return Buffer.concat(parts);
}

async function refusal(log: PartitionLog, offset: number): Promise<unknown> {
  try {
    return await log.read(offset, 1_000);
  } catch (error) {
    return error;
  }
}

describe('a read from disk', () => {
  test('gives whole batches from the one that holds the offset, whatever is asked', async () => {
    const { log, all } = await onDisk(120, { textBytes: 60 });
    const size = batchBytesAt(all, 0);
    for (let offset = 0; offset < 240; offset += 7) {
      for (const bytesMax of [0, 1, size - 1, size, size + 1, 2 * size, 3_000, 20_000, 1e6]) {
        const found = await log.read(offset, bytesMax);
        expect(found.equals(expectedRead(all, offset, bytesMax))).toBe(true);
      }
    }
  });

  test('gives a first batch larger than asked for, also where the index leads before it', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk);
    await appendTexts(past, 'a');
    await appendTexts(past, 'b'.repeat(50_000));
    await appendTexts(past, 'c');
    await appendTexts(past, 'd'.repeat(9_000));
    await past.close();
    const log = await openLog(disk);
    expect(batchesIn(await log.read(1, 10))).toHaveLength(1);
    expect((await log.read(1, 10)).length).toBeGreaterThan(50_000);
    expect((await log.read(3, 0)).length).toBeGreaterThan(9_000);
    expect(batchesIn(await log.read(0, 55_000))).toHaveLength(3);
  });

  test('ends at a segment, and the next one goes on', async () => {
    const { log, all } = await onDisk(60, { config: { 'segment.bytes': '1000' } });
    expect(log.segmentCount).toBeGreaterThan(5);
    expect((await readAll(log, 10_000_000)).equals(all)).toBe(true);
    expect((await readAll(log, 100)).equals(all)).toBe(true);
    expect((await log.read(0, 10_000_000)).length).toBeLessThanOrEqual(1_000);
  });

  test('at the high watermark is empty, and outside of the log out of range', async () => {
    const { log } = await onDisk(5);
    await log.deleteRecords(3);
    expect(await log.read(10, 1_000)).toHaveLength(0);
    for (const offset of [2, 11, -1]) {
      expect(await refusal(log, offset)).toMatchObject({
        code: 'OFFSET_OUT_OF_RANGE',
        details: { offset, log_start_offset: 3, high_watermark: 10 },
      });
    }
    expect(await refusal(log, 3)).toHaveLength(expectedRead(await readAll(log), 3, 1_000).length);
  });

  test('sees nothing of a flush that is on its way', async () => {
    const { log, held, all } = await onDisk(3);
    const sync = held.hold('sync', '.log');
    const append = appendTexts(log, 'new');
    await sync.reached;
    expect((await readAll(log)).equals(all)).toBe(true);
    sync.release();
    await append;
    expect(await readTexts(log)).toHaveLength(7);
  });

  test('reads no more than was asked for and an index interval or two', async () => {
    const { log, disk } = await onDisk(300, { textBytes: 500 });
    let largest = 0;
    const open = disk.open.bind(disk);
    disk.open = async (path, mode) => {
      const file = await open(path, mode);
      const read = file.read.bind(file);
      file.read = (into, position) => {
        largest = Math.max(largest, into.length);
        return read(into, position);
      };
      return file;
    };
    for (const offset of [0, 222, 444, 599]) await log.read(offset, 10_000);
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThanOrEqual(10_000 + 8_192);
  });
});

describe('damage that a read meets', () => {
  test('any flipped bit is told, or all that is served is the same', async () => {
    const { disk, all } = await onDisk(6, { textBytes: 3 });
    const content = await contentOf(disk, FIRST);
    for (let bit = 0; bit < content.length * 8; bit += 1) {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      await overwrite(disk, FIRST, flipped);
      const log = await openLog(disk);
      const found = await readAll(log).catch((error: unknown) => error);
      if (found instanceof Error) {
        expect(found).toMatchObject({
          code: 'KAFKA_STORAGE_ERROR',
          details: { file: FIRST, position: expect.any(Number), field: expect.any(String) },
        });
        expect(log.state).toBe('offline');
      } else {
        // The leader epoch is the server's own and leaves it as 0.
        const records = (bytes: Buffer): Buffer[] =>
          batchesIn(bytes).map((batch) => Buffer.from(batch).fill(0, 12, 16));
        expect(records(found as Buffer)).toEqual(records(all));
      }
    }
  });

  test('a flipped base offset is told though no CRC covers it, at the start of the read as well', async () => {
    const { disk, all } = await onDisk(100, { textBytes: 60 });
    const size = batchBytesAt(all, 0);
    for (const batch of [0, 40, 99]) {
      const flipped = Buffer.from(all);
      flipped[batch * size + 6] = 0x10;
      await overwrite(disk, FIRST, flipped);
      const log = await openLog(disk);
      expect(await refusal(log, 2 * batch)).toMatchObject({
        code: 'KAFKA_STORAGE_ERROR',
        details: { position: batch * size },
      });
    }
  });

  test('takes the partition offline, is told once, and what is intact is still served', async () => {
    const { disk, all } = await onDisk(10);
    const size = batchBytesAt(all, 0);
    const spoiled = Buffer.from(all);
    spoiled[5 * size + 40] = 0x77;
    await overwrite(disk, FIRST, spoiled);
    const lines = recordingLog();
    const log = await openLog(disk, { log: lines });
    let changes = 0;
    log.onChange(() => {
      changes += 1;
    });
    expect(await refusal(log, 10)).toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect(await refusal(log, 10)).toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
    expect([log.state, changes]).toEqual(['offline', 2]);
    expect(log.reason).toMatch(new RegExp(`damaged at position ${5 * size}: crc should be`));
    expect(lines.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    // However much is asked for: everything up to the damage.
    for (const bytesMax of [5 * size, 1_048_576]) {
      expect((await log.read(0, bytesMax)).equals(all.subarray(0, 5 * size))).toBe(true);
    }
    await expect(appendTexts(log, 'x')).rejects.toMatchObject({ written: 'no' });
    await log.close();
    expect((await contentOf(disk, FIRST)).equals(spoiled)).toBe(true);
  });

  test('absurd lengths are told without a large allocation', async () => {
    const { disk, all } = await onDisk(10);
    const size = batchBytesAt(all, 0);
    for (const length of [0, -1, 48, 2_147_483_647, 67_108_864 + 62, all.length]) {
      for (const batch of [0, 4]) {
        const spoiled = Buffer.from(all);
        spoiled.writeInt32BE(length, batch * size + 8);
        await overwrite(disk, FIRST, spoiled);
        const log = await openLog(disk);
        expect(await refusal(log, 2 * batch)).toMatchObject({
          code: 'KAFKA_STORAGE_ERROR',
          details: { position: batch * size, field: 'batchLength' },
        });
      }
    }
  });

  test('a file that is shorter than it was, or gone, is told', async () => {
    const { disk, log, all } = await onDisk(10);
    await overwrite(disk, FIRST, all.subarray(0, all.length - 1));
    expect(await refusal(log, 19)).toMatchObject({
      details: { field: 'file length', position: all.length - 1 },
    });
    const other = await onDisk(10);
    await other.disk.remove(FIRST);
    expect(await refusal(other.log, 0)).toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      details: { file: FIRST, found: 'no such file' },
    });
    expect(other.log.state).toBe('offline');
  });

  test('another segment in its place, whole and of the same length, is told', async () => {
    const { disk, all } = await onDisk(10, { textBytes: 20 });
    const other = await onDisk(5, { textBytes: 20 });
    // Fewer records in as many bytes: the last batch is as long as all that is missing.
    const size = batchBytesAt(other.all, 0);
    const rest = await createLog(new SimulatedFiles({ seed: 1 }), { directory: '/q' });
    for (let at = 0; at < 5; at += 1) await appendTexts(rest, 'x'.repeat(20), 'y'.repeat(20));
    await appendTexts(rest, 'z'.repeat(5 * size - 70));
    const foreign = await readAll(rest);
    await overwrite(disk, FIRST, Buffer.concat([foreign, all]).subarray(0, all.length));
    const log = await openLog(disk);
    expect(await refusal(log, 19)).toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
  });
});

describe('a read that fails otherwise', () => {
  test('by an I/O error says nothing of the next one', async () => {
    const { log, files, all } = await onDisk(4);
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'read' });
    expect(await refusal(log, 0)).toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      retriable: true,
      message: expect.stringContaining('EIO'),
    });
    expect(log.state).toBe('online');
    expect((await readAll(log)).equals(all)).toBe(true);
  });

  test('because the partition was closed meanwhile says that', async () => {
    const { log, held } = await onDisk(4);
    const read = held.hold('read', '.log');
    const reading = refusal(log, 0);
    await read.reached;
    const closing = log.close();
    read.release();
    await closing;
    const outcome = await reading;
    if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(await refusal(log, 0)).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  test('because its segment was removed meanwhile is out of range', async () => {
    const { log, held } = await onDisk(60, { config: { 'segment.bytes': '1000' } });
    const opening = held.hold('read', '.timeindex');
    const reading = refusal(log, 0);
    await opening.reached;
    const deleting = log.deleteRecords(40);
    expect(await deleting).toBe(40);
    opening.release();
    expect(await reading).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(log.state).toBe('online');
  });
});

test('beyond what an offline partition can show is an error and not the end of the log', async () => {
  const { disk, all } = await onDisk(10);
  await overwrite(disk, FIRST, all.subarray(0, all.length - 100));
  await disk.remove(`${DIRECTORY}/recovery.checkpoint`);
  const log = await openLog(disk, { previousRun: 'rebooted' });
  expect([log.state, log.highWatermark]).toEqual(['online', 18]);
  await log.close();
  const size = batchBytesAt(all, 0);
  const spoiled = Buffer.from(all);
  spoiled[5 * size + 40] = 0x77;
  await overwrite(disk, FIRST, spoiled);
  await disk.remove(`${DIRECTORY}/recovery.checkpoint`);
  const offline = await openLog(disk, { previousRun: 'rebooted' });
  expect([offline.state, offline.highWatermark]).toEqual(['offline', 10]);
  expect(await refusal(offline, 12)).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    details: { offset: 12, high_watermark: 10, state: 'offline' },
  });
});
