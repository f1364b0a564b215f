import { expect, test } from 'vitest';
import { deleteRecordsOf, offsetOf } from '../../../src/broker/local/offsets.ts';
import { partitionOffline } from '../../../src/broker/local/partition.ts';
import { fakePartition } from '../../support/fake-partition.ts';

const log = fakePartition({
  logStartOffset: 3,
  highWatermark: 9,
  logEndOffset: 12,
  offsetForTimestamp: async (timestampMs) =>
    timestampMs > 100 ? undefined : { offset: 5, timestamp: 100 },
  deleteRecords: async (before) => before,
});

test('the ends of a partition are what readers see of it', async () => {
  expect(await offsetOf(log, 'earliest')).toEqual({ offset: 3, timestamp: -1 });
  expect(await offsetOf(log, 'latest')).toEqual({ offset: 9, timestamp: -1 });
});

test('a timestamp later than every record leads to the high watermark', async () => {
  expect(await offsetOf(log, { timestamp: 50 })).toEqual({ offset: 5, timestamp: 100 });
  expect(await offsetOf(log, { timestamp: 101 })).toEqual({ offset: 9, timestamp: -1 });
});

test('the largest timestamp leads to its record, or nowhere when that was deleted', async () => {
  const at = (largestTimestamp: number) =>
    offsetOf({ ...log, largestTimestamp }, 'largest-timestamp');
  expect(await at(100)).toEqual({ offset: 5, timestamp: 100 });
  expect(await at(101)).toEqual({ offset: -1, timestamp: -1 });
});

test.each(['earliest', 'latest', 'largest-timestamp'] as const)(
  'one that could not be opened has no %s offset: nothing is known of it',
  async (at) => {
    const read = (): never => {
      throw partitionOffline('EIO');
    };
    const unopened = fakePartition({ segmentCount: 0, read });
    await expect(offsetOf(unopened, at)).rejects.toMatchObject({ code: 'KAFKA_STORAGE_ERROR' });
  },
);

test('of the negative numbers only -1 says where to delete up to', async () => {
  expect(await deleteRecordsOf(log, -1)).toBe(-1);
  expect(await deleteRecordsOf(log, 4)).toBe(4);
  await expect(deleteRecordsOf(log, -2)).rejects.toMatchObject({
    code: 'OFFSET_OUT_OF_RANGE',
    details: { offset: -2, high_watermark: 9 },
  });
});
