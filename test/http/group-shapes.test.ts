import { expect, test } from 'vitest';
import { GROUP_SCHEMA, LAG_SCHEMA } from '../../src/http/group-schemas.ts';
import { groupShape, lagShape, listingShape, offsetShape } from '../../src/http/group-shapes.ts';

const LISTING = { group: 'g', state: 'Stable', protocolType: 'consumer' } as const;

test('every member of a group is described, and a listing is the beginning of it', () => {
  const shape = groupShape({ ...LISTING, generation: 1, protocol: '', leader: '', members: [] });
  expect(Object.keys(shape)).toEqual(Object.keys(GROUP_SCHEMA['properties'] as object));
  expect(shape).toMatchObject(listingShape(LISTING));
});

test('every member of a lag is described, and times are seconds', () => {
  const sums = { totalLag: 3, maxLag: 2, maxLagMs: 1_234 };
  const shape = lagShape({ group: 'g', state: 'Empty', partitions: [], ...sums });
  expect(Object.keys(shape)).toEqual(Object.keys(LAG_SCHEMA['properties'] as object));
  expect(shape.max_lag_seconds).toBe(1.234);
});

test('of a committed offset only what a caller wrote is shown', () => {
  const offset = { topic: 't', partition: 0, offset: 5, metadata: 'm' };
  expect(offsetShape({ ...offset, ...{ leaderEpoch: 3, commitTimestampMs: 7 } })).toEqual(offset);
});
