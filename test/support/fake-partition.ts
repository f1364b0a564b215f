/** A partition that does what a test tells it to: empty and online unless told otherwise. */
import type { Partition } from '../../src/broker/local/partition.ts';

export function fakePartition(overrides: Partial<Partition> = {}): Partition {
  return {
    logStartOffset: 0,
    durableOffset: 0,
    highWatermark: 0,
    logEndOffset: 0,
    bytes: 0,
    segmentCount: 1,
    bytesAppended: 0,
    largestTimestamp: -1,
    state: 'online',
    reason: undefined,
    setConfig() {},
    check() {},
    append: () => {
      throw new Error('no append is expected');
    },
    read: () => Buffer.alloc(0),
    offsetForTimestamp: async () => undefined,
    deleteRecords: async () => 0,
    housekeep: async () => 0,
    onChange: () => () => {},
    close: async () => {},
    discard: async () => {},
    ...overrides,
  };
}
