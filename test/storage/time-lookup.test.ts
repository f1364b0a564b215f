import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_HEADER_BYTES, writeBatchHeader } from '../../src/codec/batch-header.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { FaultyFiles } from '../support/faulty-files.ts';
import { HeldFiles } from '../support/held-files.ts';
import {
  appendBatches,
  appendRecords,
  appendTexts,
  createLog,
  openLog,
} from '../support/partition-fixture.ts';
import { SimulatedFiles } from '../support/simulated-files.ts';

function at(timestamp: number, textBytes = 20) {
  return textRecord('x'.repeat(textBytes), { timestamp });
}

/** The same batch with its records compressed, as a client sends it. */
function gzipped(batch: Buffer, maxTimestamp: number): Buffer {
  const records = gzipSync(batch.subarray(BATCH_HEADER_BYTES));
  const bytes = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), records]);
  const count = batch.readInt32BE(57);
  writeBatchHeader(
    bytes,
    { at: 0, end: bytes.length },
    {
      baseOffset: 0,
      leaderEpoch: 0,
      attributes: 1,
      baseTimestamp: Number(batch.readBigInt64BE(27)),
      maxTimestamp,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      recordCount: count,
    },
  );
  return bytes;
}

describe('the first record at or above a timestamp', () => {
  test('is found where timestamps rise, between, below and above them', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }));
    for (const timestamp of [100, 200, 300]) await appendRecords(log, at(timestamp));
    expect(await log.offsetForTimestamp(0)).toEqual({ offset: 0, timestamp: 100 });
    expect(await log.offsetForTimestamp(200)).toEqual({ offset: 1, timestamp: 200 });
    expect(await log.offsetForTimestamp(201)).toEqual({ offset: 2, timestamp: 300 });
    expect(await log.offsetForTimestamp(301)).toBeUndefined();
  });

  test('is the one with the lowest offset where timestamps go back', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }));
    await appendRecords(log, at(500), at(100), at(900));
    await appendRecords(log, at(300));
    expect(await log.offsetForTimestamp(200)).toEqual({ offset: 0, timestamp: 500 });
    expect(await log.offsetForTimestamp(501)).toEqual({ offset: 2, timestamp: 900 });
    expect(await log.offsetForTimestamp(901)).toBeUndefined();
  });

  test('is found in a compressed batch, record by record', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }));
    const batch = encodedBatch([at(100), at(300), at(200)]);
    await appendRecords(log, at(50));
    await appendBatches(log, gzipped(batch, 300));
    expect(await log.offsetForTimestamp(150)).toEqual({ offset: 2, timestamp: 300 });
    expect(await log.offsetForTimestamp(100)).toEqual({ offset: 1, timestamp: 100 });
  });

  test('goes by the append time in a LogAppendTime topic', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }), {
      config: { 'message.timestamp.type': 'LogAppendTime' },
    });
    await appendRecords(log, at(5));
    const found = await log.offsetForTimestamp(6);
    expect(found).toMatchObject({ offset: 0 });
    expect(found?.timestamp).toBeGreaterThan(1e12);
    expect(await log.offsetForTimestamp(1e15)).toBeUndefined();
  });

  test('is not one that was deleted', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }));
    await appendRecords(log, at(100), at(200), at(150));
    await log.deleteRecords(2);
    expect(await log.offsetForTimestamp(0)).toEqual({ offset: 2, timestamp: 150 });
    expect(await log.offsetForTimestamp(200)).toBeUndefined();
  });

  test('is none in an empty log, or where records have no timestamps', async () => {
    const log = await createLog(new SimulatedFiles({ seed: 1 }));
    expect(await log.offsetForTimestamp(0)).toBeUndefined();
    await appendRecords(log, at(-1));
    expect(await log.offsetForTimestamp(0)).toBeUndefined();
  });

  test('is what a linear search finds, over many segments and after a restart', async () => {
    const timestamps = fc.array(fc.nat(60), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(timestamps, fc.nat(61), fc.boolean(), async (stamps, wanted, reopens) => {
        const disk = new SimulatedFiles({ seed: 1 });
        const config = { 'segment.bytes': '20000' };
        let log = await createLog(disk, { config });
        for (let from = 0; from < stamps.length; from += 3) {
          await appendRecords(log, ...stamps.slice(from, from + 3).map((each) => at(each, 1_500)));
        }
        if (reopens) {
          await log.close();
          log = await openLog(disk, { config });
        }
        const offset = stamps.findIndex((each) => each >= wanted);
        const expected = offset === -1 ? undefined : { offset, timestamp: stamps[offset] };
        expect(await log.offsetForTimestamp(wanted)).toEqual(expected);
      }),
      { seed: 20_261_121, numRuns: 60 },
    );
  });

  test('is not looked for again and again on a disk that fails', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const past = await createLog(disk);
    await appendRecords(past, at(10));
    await past.close();
    const files = new FaultyFiles(disk);
    const log = await openLog(files);
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'read' });
    await expect(log.offsetForTimestamp(5)).rejects.toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      retriable: true,
    });
    expect(await log.offsetForTimestamp(5)).toEqual({ offset: 0, timestamp: 10 });
  });

  test('is not looked for anew when the disk fails, though something has left meanwhile', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const config = { 'segment.bytes': '100' };
    const past = await createLog(disk, { config });
    for (const timestamp of [10, 20, 30, 40]) await appendRecords(past, at(timestamp, 30));
    await past.close();
    const files = new FaultyFiles(disk);
    const held = new HeldFiles(files);
    const log = await openLog(held, { config });
    const reading = held.hold('read', '03.log');
    const looking = log.offsetForTimestamp(35);
    await reading.reached;
    await log.deleteRecords(2);
    files.setFault({ kind: 'EIO', at: 1, only: ({ name }) => name === 'read' });
    reading.release();
    await expect(looking).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR', retriable: true });
  });

  test('is looked for anew when what was searched leaves meanwhile', async () => {
    const disk = new SimulatedFiles({ seed: 1 });
    const config = { 'segment.bytes': '100' };
    const past = await createLog(disk, { config });
    for (const timestamp of [10, 20, 30, 40]) await appendRecords(past, at(timestamp, 30));
    await past.close();
    const held = new HeldFiles(disk);
    const log = await openLog(held, { config });
    const reading = held.hold('read', '.timeindex');
    const looking = log.offsetForTimestamp(5);
    await reading.reached;
    await log.deleteRecords(2);
    reading.release();
    expect(await looking).toEqual({ offset: 2, timestamp: 30 });
    await appendTexts(log, 'still online');
  });
});

test('the largest timestamp is that of all segments still kept', async () => {
  const log = await createLog(new SimulatedFiles({ seed: 1 }), {
    config: { 'segment.bytes': '14' },
  });
  expect(log.largestTimestamp).toBe(-1);
  for (const timestamp of [300, 100, 200]) await appendRecords(log, at(timestamp));
  expect(log.segmentCount).toBe(3);
  expect(log.largestTimestamp).toBe(300);
  await log.deleteRecords(1);
  expect(log.largestTimestamp).toBe(200);
});
