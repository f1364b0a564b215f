import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attributesAt,
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  baseTimestampAt,
  batchBytesAt,
  batchFault,
  crcFault,
  lastOffsetAt,
  leaderEpochAt,
  magicAt,
  maxTimestampAt,
  readBatchHeader,
  recordCountAt,
  setBatchPlace,
  setLogAppendTime,
  setMaxTimestamp,
  setPlainRecords,
  writeBatchHeader,
} from '../../src/codec/batch-header.ts';
import { HAND_MADE_PLACE, handMadeBatch } from '../support/hand-made-batch.ts';
import { RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

const HAND_MADE_HEADER = {
  baseOffset: 5,
  bytes: 79,
  leaderEpoch: 3,
  crc: 0x484d08f1,
  attributes: 0,
  compression: 'none',
  timestampType: 'CreateTime',
  isTransactional: false,
  isControl: false,
  lastOffset: 6,
  baseTimestamp: 1000,
  maxTimestamp: 1000,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  recordCount: 2,
};

/** Another header whose every field differs, with the CRC that belongs to it. */
const FULL = {
  baseOffset: 2 ** 40,
  leaderEpoch: 7,
  attributes: 0b11_1100,
  baseTimestamp: 1_700_000_000_000,
  maxTimestamp: 1_700_000_000_001,
  producerId: 2 ** 33,
  producerEpoch: 32_767,
  baseSequence: 2 ** 31 - 1,
  recordCount: 2,
};

function spoiled(change: (batch: Buffer) => void): Buffer {
  const batch = handMadeBatch();
  change(batch);
  return batch;
}

function faultOf(batch: Buffer): ReturnType<typeof batchFault> {
  return batchFault(batch, 0, batch.length);
}

describe('reading a header', () => {
  test('gives every field in words', () => {
    expect(readBatchHeader(handMadeBatch(), 0)).toEqual(HAND_MADE_HEADER);
  });

  test('works anywhere in a buffer, and so do the single fields', () => {
    const buffer = Buffer.concat([Buffer.alloc(13, 0xff), handMadeBatch()]);
    expect(readBatchHeader(buffer, 13)).toEqual(HAND_MADE_HEADER);
    expect({
      bytes: batchBytesAt(buffer, 13),
      baseOffset: baseOffsetAt(buffer, 13),
      lastOffset: lastOffsetAt(buffer, 13),
      baseTimestamp: baseTimestampAt(buffer, 13),
      maxTimestamp: maxTimestampAt(buffer, 13),
      recordCount: recordCountAt(buffer, 13),
      leaderEpoch: leaderEpochAt(buffer, 13),
      attributes: attributesAt(buffer, 13),
    }).toEqual({
      bytes: 79,
      baseOffset: 5,
      lastOffset: 6,
      baseTimestamp: 1000,
      maxTimestamp: 1000,
      recordCount: 2,
      leaderEpoch: 3,
      attributes: 0,
    });
    expect(magicAt(buffer, 13)).toBe(2);
  });

  test('tells the attribute bits apart', () => {
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    codecs.forEach((compression, bits) => {
      const batch = spoiled((each) => each.writeInt16BE(bits, 21));
      expect(readBatchHeader(batch, 0).compression).toBe(compression);
    });
    const all = readBatchHeader(
      spoiled((each) => each.writeInt16BE(0b11_1000, 21)),
      0,
    );
    expect(all).toMatchObject({
      timestampType: 'LogAppendTime',
      isTransactional: true,
      isControl: true,
    });
  });

  test('refuses a codec that Kafka does not have', () => {
    const batch = spoiled((each) => each.writeInt16BE(5, 21));
    expect(refusalOf(() => readBatchHeader(batch, 0)).details).toEqual({
      field: 'attributes (compression codec)',
      expected: '0 to 4',
      found: '5',
    });
  });

  test('shows an int64 that is no safe integer as NaN', () => {
    const batch = spoiled((each) => each.writeBigInt64BE(2n ** 60n, 43));
    expect(readBatchHeader(batch, 0).producerId).toBeNaN();
  });
});

describe('writing a header', () => {
  test('mirrors reading it', () => {
    const buffer = Buffer.alloc(200, 0xaa);
    writeBatchHeader(buffer, { at: 10, end: 110 }, FULL);
    expect(batchFault(buffer, 10, 110)).toBeUndefined();
    expect(readBatchHeader(buffer, 10)).toMatchObject({
      ...FULL,
      bytes: 100,
      lastOffset: FULL.baseOffset + 1,
      timestampType: 'LogAppendTime',
      isTransactional: true,
      isControl: true,
    });
    expect(buffer.subarray(0, 10).equals(Buffer.alloc(10, 0xaa))).toBe(true);
    expect(buffer.subarray(10 + BATCH_HEADER_BYTES).every((byte) => byte === 0xaa)).toBe(true);
  });

  test('setting the place changes offset and epoch, and the CRC still fits', () => {
    const batch = handMadeBatch();
    setBatchPlace(batch, 0, { baseOffset: 2 ** 52, leaderEpoch: 2 ** 31 - 1 });
    expect(faultOf(batch)).toBeUndefined();
    expect(readBatchHeader(batch, 0)).toEqual({
      ...HAND_MADE_HEADER,
      baseOffset: 2 ** 52,
      lastOffset: 2 ** 52 + 1,
      leaderEpoch: 2 ** 31 - 1,
    });
    setBatchPlace(batch, 0, HAND_MADE_PLACE);
    expect(batch.equals(handMadeBatch())).toBe(true);
  });

  test('a place below zero is a mistake of the caller', () => {
    const place = { baseOffset: -1, leaderEpoch: 0 };
    expect(() => setBatchPlace(handMadeBatch(), 0, place)).toThrow();
  });

  test('the append time sets its bit, the largest timestamp and the CRC, and nothing else', () => {
    const batch = handMadeBatch();
    setLogAppendTime(batch, 0, 1_700_000_000_000);
    expect(faultOf(batch)).toBeUndefined();
    expect(readBatchHeader(batch, 0)).toEqual({
      ...HAND_MADE_HEADER,
      crc: batch.readUInt32BE(17),
      attributes: 0b1000,
      timestampType: 'LogAppendTime',
      maxTimestamp: 1_700_000_000_000,
    });
    expect(batch.subarray(61).equals(handMadeBatch().subarray(61))).toBe(true);
  });

  test('the largest timestamp is set with its CRC', () => {
    const batch = handMadeBatch();
    setMaxTimestamp(batch, 0, 5);
    expect(faultOf(batch)).toBeUndefined();
    expect(readBatchHeader(batch, 0)).toMatchObject({ maxTimestamp: 5, attributes: 0 });
  });

  test('inflated records make a header of another length without a codec', () => {
    const batch = Buffer.concat([handMadeBatch(), Buffer.alloc(10)]);
    batch.writeInt16BE(0b1010, 21);
    setPlainRecords(batch);
    expect(readBatchHeader(batch, 0)).toMatchObject({ bytes: 89, attributes: 0b1000 });
  });
});

describe('the fault of a batch', () => {
  test('is none when it is whole, with other bytes before and behind', () => {
    expect(faultOf(handMadeBatch())).toBeUndefined();
    const buffer = Buffer.concat([Buffer.alloc(7, 1), handMadeBatch(), Buffer.alloc(9, 1)]);
    expect(batchFault(buffer, 7, buffer.length)).toBeUndefined();
    expect(batchFault(buffer, 7, 7 + 79)).toBeUndefined();
  });

  test.each<[string, (batch: Buffer) => void, object]>([
    ['a negative length', (b) => b.writeInt32BE(-1, 8), { field: 'batchLength', found: '-1' }],
    ['no length', (b) => b.writeInt32BE(0, 8), { field: 'batchLength', found: '0' }],
    ['less than a header', (b) => b.writeInt32BE(48, 8), { field: 'batchLength', found: '48' }],
    [
      'one byte more than there is',
      (b) => b.writeInt32BE(68, 8),
      { field: 'batchLength', expected: '49 to 67 bytes', found: '68' },
    ],
    ['an absurd length', (b) => b.writeInt32BE(2 ** 31 - 1, 8), { field: 'batchLength' }],
    ['another format', (b) => b.writeInt8(1, 16), { field: 'magic', expected: '2', found: '1' }],
    [
      'an offset below zero',
      (b) => b.writeBigInt64BE(-1n, 0),
      { field: 'baseOffset', found: '-1' },
    ],
    ['an offset beyond 2^53', (b) => b.writeBigInt64BE(2n ** 53n), { field: 'baseOffset' }],
    ['no record', (b) => b.writeInt32BE(0, 57), { field: 'recordCount', found: '0' }],
    ['a negative count', (b) => b.writeInt32BE(-2, 57), { field: 'recordCount', found: '-2' }],
    [
      'a count that does not go with the last offset',
      (b) => b.writeInt32BE(3, 57),
      { field: 'lastOffsetDelta', expected: 'recordCount - 1 = 2', found: '1' },
    ],
    [
      'a negative epoch',
      (b) => b.writeInt32BE(-1, 12),
      { field: 'partitionLeaderEpoch', expected: 'at least 0', found: '-1' },
    ],
    [
      'another CRC',
      (b) => b.writeUInt32BE(1, 17),
      { field: 'crc', expected: '0x00000001 (stored)', found: '0x484d08f1 (computed)' },
    ],
  ])('names %s', (_, change, fault) => {
    expect(faultOf(spoiled(change))).toMatchObject(fault);
  });

  test('a header that is cut off is told by the bytes left', () => {
    expect(batchFault(handMadeBatch(), 0, 60)).toEqual({
      field: 'batch header',
      expected: '61 bytes',
      found: '60 bytes to the end',
    });
  });

  test('is found at every length the batch may be cut to', () => {
    const batch = handMadeBatch();
    for (let end = 0; end < batch.length; end++) expect(batchFault(batch, 0, end)).toBeDefined();
  });

  test('is found for every flipped bit but those of the fields that the server sets', () => {
    const unnoticed = new Set<number>();
    for (let bit = 0; bit < handMadeBatch().length * 8; bit++) {
      const batch = spoiled((each) => {
        each[bit >> 3] = (each[bit >> 3] as number) ^ (1 << (bit & 7));
      });
      if (faultOf(batch) === undefined) unnoticed.add(bit >> 3);
      // With more bytes behind it a longer length might fit them.
      const followed = Buffer.concat([batch, handMadeBatch()]);
      expect(faultOf(followed) === undefined).toBe(faultOf(batch) === undefined);
    }
    // Of baseOffset what stays below 2^53, and all of the leader epoch but its sign.
    expect([...unnoticed]).toEqual([1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15]);
  });

  test('is found in any other bytes', () => {
    const check = (bytes: Uint8Array): void => {
      const fault = batchFault(Buffer.from(bytes), 0, bytes.length);
      expect(fault).toBeDefined();
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check), RUNS);
  });

  test('of the CRC alone looks at nothing else', () => {
    const batch = spoiled((each) => each.writeInt32BE(-1, 12));
    expect(crcFault(batch, 0)).toBeUndefined();
  });
});
