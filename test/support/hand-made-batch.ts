/**
 * A batch written by hand from the format's description, its CRC computed by another program, so
 * that encoder and decoder cannot agree on a mistake. See src/codec/batch-header.ts and
 * src/codec/batch-writer.ts for the drawings.
 */
import { crc32c } from '../../src/codec/crc32c.ts';
import type { Record } from '../../src/model/record.ts';

const HEX = [
  '0000000000000005', // baseOffset 5
  '00000043', // batchLength 67
  '00000003', // partitionLeaderEpoch 3
  '02', // magic
  '484d08f1', // crc
  '0000', // attributes: not compressed, CreateTime
  '00000001', // lastOffsetDelta
  '00000000000003e8', // baseTimestamp 1000
  '00000000000003e8', // maxTimestamp 1000
  'ffffffffffffffff', // producerId -1
  'ffff', // producerEpoch -1
  'ffffffff', // baseSequence -1
  '00000002', // recordCount
  '14', // length 10
  '00', // attributes
  '00', // timestampDelta 0
  '00', // offsetDelta 0
  '026b', // key "k"
  '01', // value null
  '02', // 1 header
  '0268', // key "h"
  '01', // value null
  '0c', // length 6
  '00', // attributes
  '01', // timestampDelta -1
  '02', // offsetDelta 1
  '01', // key null
  '00', // value, empty
  '00', // no headers
];

export const HAND_MADE_PLACE = { baseOffset: 5, leaderEpoch: 3 } as const;

export const HAND_MADE_RECORDS: readonly Record[] = [
  {
    key: Buffer.from('k'),
    value: null,
    headers: [{ key: 'h', value: null }],
    timestamp: 1000,
  },
  { key: null, value: Buffer.alloc(0), headers: [], timestamp: 999 },
];

/** A new copy, for a test to spoil. */
export function handMadeBatch(): Buffer {
  return Buffer.from(HEX.join(''), 'hex');
}

/** The same batch with the CRC of what it holds now: a spoiled one that only a decoder finds out. */
export function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}
