import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchFault, readBatchHeader, setLogAppendTime } from '../../src/codec/batch-header.ts';
import type { BatchHeader } from '../../src/codec/batch-header.ts';
import { recordsOf } from '../../src/codec/batch-reader.ts';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import { checkClientBatches } from '../../src/codec/client-batches.ts';
import { InflateLine } from '../../src/codec/inflate-line.ts';
import { MillraceError } from '../../src/model/errors.ts';
import {
  BATCHES_PER_PART_MAX,
  DECOMPRESSED_PART_BYTES_MAX,
  DECOMPRESSED_RECORD_BYTES_MAX,
  HEADERS_PER_RECORD_MAX,
  INFLATE_SYNC_BLOCKS_MAX,
  INFLATE_SYNC_BYTES_MAX,
} from '../../src/model/limits.ts';
import type { Record } from '../../src/model/record.ts';
import { batchesIn, encodedBatch, textRecord } from '../support/batches.ts';
import { batchOf, CODECS, compressedBatch } from '../support/compressed-frames.ts';
import { handMadeBatch, resealed } from '../support/hand-made-batch.ts';
import { anyRecords, RUNS } from '../support/record-arbitraries.ts';

const LIMITS = { maxMessageBytes: 100_000_000, line: new InflateLine() };

async function refusalOf(bytes: Buffer, limits = LIMITS): Promise<MillraceError> {
  try {
    await checkClientBatches(bytes, limits);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

/** The batch made by hand with these bytes as its records, and a CRC that fits them. */
function batchOfRecords(hex: string, attributes = 0): Buffer {
  return batchOf(handMadeBatch(), attributes, Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

const FIRST = '14 00 00 00 02 6b 01 02 02 68 01';
const SECOND = '0c 00 01 02 01 00 00';

describe('batches pass', () => {
  test('one by one and back to back, at once, with their headers', () => {
    const bytes = Buffer.concat([
      handMadeBatch(),
      encodedBatch([textRecord('x')], { producerId: 1, producerEpoch: 0, baseSequence: 5 }),
    ]);
    const before = Buffer.from(bytes);
    const headers = checkClientBatches(bytes, LIMITS) as BatchHeader[];
    expect(headers).toEqual(batchesIn(bytes).map((each) => readBatchHeader(each, 0)));
    expect(headers).toHaveLength(2);
    expect(bytes.equals(before)).toBe(true);
  });

  test('of any records, compressed by any codec', async () => {
    const check = async (records: Record[]): Promise<void> => {
      const batch = encodedBatch(records);
      const bytes = Buffer.concat([batch, ...CODECS.map((codec) => compressedBatch(batch, codec))]);
      const headers = await checkClientBatches(bytes, LIMITS);
      expect(headers.map(({ compression }) => compression)).toEqual(['none', ...CODECS]);
      expect(headers.every(({ recordCount }) => recordCount === records.length)).toBe(true);
    };
    await fc.assert(fc.asyncProperty(anyRecords, check), { ...RUNS, numRuns: 50 });
  });

  test('that are inflated off the event loop', async () => {
    const batch = encodedBatch([textRecord('x'.repeat(2 * INFLATE_SYNC_BYTES_MAX))]);
    const bytes = Buffer.concat(CODECS.map((codec) => compressedBatch(batch, codec)));
    expect(await checkClientBatches(bytes, LIMITS)).toHaveLength(CODECS.length);
  });

  test('as kafkajs writes them: the base timestamp is the smallest, not the first', () => {
    const times = [5000, 1000, 3000];
    const writer = new BatchWriter(1000);
    writer.begin({ baseOffset: 0, leaderEpoch: 0 });
    for (const timestamp of times) writer.add(textRecord('x', { timestamp }));
    writer.end(-1);
    const batch = Buffer.from(writer.buffer.subarray(0, writer.length));
    // The same records seen from 1000: deltas 4000, 0 and 2000.
    const records = ['c03e', '00', 'a01f'].map((delta, index) => {
      const body = Buffer.from(`00${delta}0${index * 2}01027800`, 'hex');
      return Buffer.concat([Buffer.from([body.length * 2]), body]);
    });
    const other = batchOf(batch, 0, Buffer.concat(records));
    other.writeBigInt64BE(1000n, 27);
    resealed(other);
    expect(checkClientBatches(other, LIMITS)).toHaveLength(1);
    expect((recordsOf(other) as Record[]).map(({ timestamp }) => timestamp)).toEqual(times);
  });

  test('of append time, whose largest timestamp is not the records’', () => {
    const batch = handMadeBatch();
    setLogAppendTime(batch, 0, 9000);
    const [header] = checkClientBatches(batch, LIMITS) as BatchHeader[];
    expect(header).toMatchObject({ maxTimestamp: 9000, timestampType: 'LogAppendTime' });
  });

  test('with as many headers as a record may have', () => {
    const headers = Array.from({ length: HEADERS_PER_RECORD_MAX }, () => ({
      key: 'h',
      value: null,
    }));
    expect(checkClientBatches(encodedBatch([textRecord('x', { headers })]), LIMITS)).toHaveLength(
      1,
    );
  });
});

test.each([-1, 0, 999, 1001, 2 ** 50])(
  'a largest timestamp of %s is mended to that of the records',
  async (timestamp) => {
    const wrong = handMadeBatch();
    wrong.writeBigInt64BE(BigInt(timestamp), 35);
    resealed(wrong);
    for (const batch of [wrong, compressedBatch(wrong, 'lz4')]) {
      const bytes = Buffer.concat([handMadeBatch(), batch]);
      const headers = await checkClientBatches(bytes, LIMITS);
      expect(headers.map(({ maxTimestamp }) => maxTimestamp)).toEqual([1000, 1000]);
      expect(batchFault(bytes, 79, bytes.length)).toBeUndefined();
      expect(readBatchHeader(bytes, 79)).toEqual(headers[1]);
    }
  },
);

describe('batches are refused', () => {
  test('when there is none', async () => {
    const error = await refusalOf(Buffer.alloc(0));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', written: 'no' });
  });

  test('with the number of the batch that is at fault, and nothing is written', async () => {
    const spoiled = handMadeBatch();
    spoiled[70] = 9;
    for (const bad of [spoiled, compressedBatch(batchOfRecords(FIRST), 'gzip'), Buffer.alloc(5)]) {
      const bytes = Buffer.concat([handMadeBatch(), handMadeBatch(), bad]);
      const error = await refusalOf(bytes);
      expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no', retriable: false });
      expect(error.message).toMatch(/^batch 2: /);
      expect(Object.keys(error.details)).toEqual(['batch', 'field', 'expected', 'found']);
      expect(error.details['batch']).toBe(2);
    }
  });

  test.each([
    ['fewer records than announced', '1c 00 00 00 01 10 7878787878787878 00', 'record length'],
    ['too few bytes for the records announced', '0c 00', 'recordCount'],
    ['more records than announced', FIRST + SECOND + SECOND, 'batchLength'],
    ['bytes behind the records', `${FIRST}${SECOND}00`, 'batchLength'],
    ['an offset twice', `${FIRST}0c 00 01 00 01 00 00`, 'record 1 offsetDelta'],
    ['an offset left out', `${FIRST}0c 00 01 04 01 00 00`, 'record 1 offsetDelta'],
    ['offsets that begin later', '0c 00 01 02 01 00 00' + SECOND, 'record 0 offsetDelta'],
    ['a record longer than its parts', `${FIRST}0e 00 01 02 01 00 00 00`, 'record length'],
    ['a value longer than its record', `${FIRST}0c 00 01 02 01 7e 00`, 'record value length'],
    ['a varint without an end', `${FIRST}ff ff ff ff ff ff ff`, 'record length'],
  ])('with %s, plain and compressed', async (_, hex, field) => {
    const plain = batchOfRecords(hex);
    for (const batch of [plain, compressedBatch(plain, 'zstd')]) {
      const error = await refusalOf(batch);
      expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no', details: { field } });
    }
  });

  test('with too many headers on a record', async () => {
    const headers = Array.from({ length: HEADERS_PER_RECORD_MAX + 1 }, () => ({
      key: 'h',
      value: null,
    }));
    const error = await refusalOf(encodedBatch([textRecord('a'), textRecord('b', { headers })]));
    expect(error).toMatchObject({
      code: 'INVALID_RECORD',
      written: 'no',
      details: { batch: 0, field: 'record 1 headers', expected: 'at most 64', found: '65' },
    });
  });

  test('with records from before the beginning of time, or beyond 2^53', async () => {
    const early = encodedBatch([
      textRecord('a', { timestamp: 5 }),
      textRecord('b', { timestamp: -2 }),
    ]);
    const late = encodedBatch([
      textRecord('a', { timestamp: 0 }),
      textRecord('b', { timestamp: 10 }),
    ]);
    late.writeBigInt64BE(2n ** 53n - 5n, 27);
    for (const batch of [early, resealed(late)]) {
      const error = await refusalOf(batch);
      expect(error).toMatchObject({
        code: 'INVALID_TIMESTAMP',
        written: 'no',
        details: { field: 'record timestamps' },
      });
    }
  });

  test('with records that are not compressed by the codec they name', async () => {
    for (const codec of [1, 2, 3, 4]) {
      const error = await refusalOf(batchOfRecords('00 11 22 33 44 55 66 77', codec));
      expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE', written: 'no' });
    }
  });

  test('above the largest size', async () => {
    const bytes = Buffer.concat([handMadeBatch(), encodedBatch([textRecord('x'.repeat(100))])]);
    const error = await refusalOf(bytes, { ...LIMITS, maxMessageBytes: 79 });
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: { batch: 1 },
    });
  });

  test('that would become too much together, though each is within its bound', async () => {
    const record = textRecord('', { value: Buffer.alloc(15_000_000) });
    const one = compressedBatch(encodedBatch(Array.from({ length: 4 }, () => record)), 'zstd');
    const count = Math.ceil(DECOMPRESSED_PART_BYTES_MAX / 60_000_000);
    const error = await refusalOf(Buffer.concat(Array.from({ length: count }, () => one)));
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: { batch: count - 1, field: 'all batches' },
    });
  });

  test('with a record that inflates beyond what may be shown of one in a turn', async () => {
    const value = Buffer.alloc(DECOMPRESSED_RECORD_BYTES_MAX);
    const batch = encodedBatch([textRecord('a'), textRecord('', { value })]);
    for (const codec of CODECS) {
      const error = await refusalOf(compressedBatch(batch, codec));
      expect(error).toMatchObject({
        code: 'MESSAGE_TOO_LARGE',
        written: 'no',
        details: { batch: 0, field: 'record 1' },
      });
    }
    expect(checkClientBatches(batch, LIMITS)).toHaveLength(1);
  });

  test('of which there are too many', async () => {
    const one = encodedBatch([textRecord('')]);
    const bytes = Buffer.concat(Array.from({ length: BATCHES_PER_PART_MAX + 1 }, () => one));
    expect(await refusalOf(bytes)).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: { batch: BATCHES_PER_PART_MAX, field: 'batches' },
    });
    const fitting = await checkClientBatches(bytes.subarray(one.length), LIMITS);
    expect(fitting).toHaveLength(BATCHES_PER_PART_MAX);
  });

  test('with any flipped bit, but for the fields that are not looked at', async () => {
    const batch = handMadeBatch();
    for (let bit = 0; bit < batch.length * 8; bit++) {
      const at = bit >> 3;
      const bytes = Buffer.from(batch);
      bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
      if (at < 8 || (at >= 12 && at < 16)) {
        expect(checkClientBatches(bytes, LIMITS)).toHaveLength(1);
      } else {
        expect((await refusalOf(bytes)).written).toBe('no');
      }
    }
  });

  test('whatever their records’ bytes are, or they can be read by everybody', async () => {
    const check = async (bytes: Uint8Array, codec: number): Promise<void> => {
      const batch = batchOf(handMadeBatch(), codec, Buffer.from(bytes));
      try {
        await checkClientBatches(batch, LIMITS);
        expect(await recordsOf(batch)).toHaveLength(2);
      } catch (error) {
        expect(error).toMatchObject({ name: 'MillraceError', written: 'no' });
      }
    };
    const any = fc.uint8Array({ maxLength: 40 });
    await fc.assert(fc.asyncProperty(any, fc.integer({ min: 0, max: 4 }), check), RUNS);
  });
});

test('the event loop goes on while many compressed batches are checked', async () => {
  const records = [textRecord('x'.repeat(INFLATE_SYNC_BYTES_MAX - 200))];
  const one = compressedBatch(encodedBatch(records), 'gzip');
  const bytes = Buffer.concat(Array.from({ length: 8 }, () => one));
  let turns = 0;
  let isDone = false;
  const countTurn = (): void => {
    turns++;
    if (!isDone) setImmediate(countTurn);
  };
  setImmediate(countTurn);
  await checkClientBatches(bytes, LIMITS);
  isDone = true;
  // A turn for every two of them.
  expect(turns).toBeGreaterThanOrEqual(3);
});

test('and while many are that inflate to next to nothing', async () => {
  const one = compressedBatch(encodedBatch([textRecord('')]), 'gzip');
  const bytes = Buffer.concat(Array.from({ length: 8 * INFLATE_SYNC_BLOCKS_MAX }, () => one));
  let turns = 0;
  const count = (): void => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await checkClientBatches(bytes, LIMITS);
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(7);
});

test('and while many cannot be inflated', async () => {
  const good = compressedBatch(encodedBatch([textRecord('x')]), 'gzip');
  const bad = batchOf(good, 1, Buffer.from('not gzip'));
  let turns = 0;
  const count = (): void => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await Promise.allSettled(
    Array.from({ length: 8 }, async () => checkClientBatches(Buffer.from(bad), LIMITS)),
  );
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(7);
});

test('a failure that is no fault of the batches comes out as it is', () => {
  const bytes = handMadeBatch();
  const failure = new RangeError('no memory');
  bytes.readInt8 = () => {
    throw failure;
  };
  expect(() => checkClientBatches(bytes, LIMITS)).toThrow(failure);
});
