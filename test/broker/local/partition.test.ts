import { expect, test } from 'vitest';
import { partitionOffline } from '../../../src/broker/local/partition.ts';

test('an offline partition says why', () => {
  expect(partitionOffline('a sync failed')).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
    retriable: false,
    written: undefined,
    message: 'the partition is offline: a sync failed',
    details: { state: 'offline', reason: 'a sync failed' },
  });
  const more = { written: 'no', retriable: true } as const;
  expect(partitionOffline('x', more)).toMatchObject(more);
});
