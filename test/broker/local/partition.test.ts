import { expect, test, vi } from 'vitest';
import { partitionOffline, UnopenedPartition } from '../../../src/broker/local/partition.ts';

test('an offline partition says why', () => {
  expect(partitionOffline('a sync failed')).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    retriable: false,
    written: undefined,
    message: 'the partition is offline: a sync failed',
    details: { state: 'offline', reason: 'a sync failed' },
  });
  expect(partitionOffline('x', 'no').written).toBe('no');
});

test('a partition that could not be opened is offline in everything', async () => {
  const partition = new UnopenedPartition('EIO');
  expect(partition).toMatchObject({ state: 'offline', reason: 'EIO', highWatermark: 0 });
  const offline = { code: 'KAFKA_STORAGE_ERROR' };
  expect(() => partition.check()).toThrow(expect.objectContaining({ ...offline, written: 'no' }));
  expect(() => partition.read()).toThrow(expect.objectContaining(offline));
  const failed = vi.fn();
  partition.append({ kind: 'records', records: [] }, { acknowledged: vi.fn(), failed });
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ ...offline, written: 'no' }));
  await expect(partition.offsetForTimestamp()).rejects.toMatchObject(offline);
  await expect(partition.deleteRecords()).rejects.toMatchObject(offline);
});

test('and takes part in the life of the broker without a fuss', async () => {
  const partition = new UnopenedPartition('EIO');
  partition.setConfig();
  partition.onChange()();
  expect(await partition.housekeep()).toBe(0);
  await partition.close();
  await partition.discard();
});
