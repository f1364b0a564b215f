import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BATCH_HEADER_BYTES,
  setLogAppendTime,
  setPlainRecords,
} from '../../src/codec/batch-header.ts';
import {
  batchEndAt,
  checkRecordCount,
  plainBatch,
  readHeaders,
  recordsOf,
  visitRecords,
} from '../../src/codec/batch-reader.ts';
import type { Record, StoredRecord } from '../../src/model/record.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { batchOf, CODECS, compressedBatch } from '../support/compressed-frames.ts';
import { HAND_MADE_RECORDS, handMadeBatch } from '../support/hand-made-batch.ts';
import { anyRecords, RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

function visitedOffsets(batch: Buffer, count = Infinity): number[] {
  const offsets: number[] = [];
  visitRecords(batch, (offset) => {
    offsets.push(offset);
    return offsets.length < count;
  });
  return offsets;
}

describe('the records of a batch', () => {
  test('made by hand are read from their bytes', () => {
    expect(recordsOf(handMadeBatch())).toEqual(
      HAND_MADE_RECORDS.map((record, index) => ({ offset: 5 + index, ...record })),
    );
  });

  test('share the bytes of the batch', () => {
    const batch = encodedBatch([textRecord('value', { key: Buffer.from('key') })]);
    const [record] = recordsOf(batch) as StoredRecord[];
    expect(record?.value?.buffer).toBe(batch.buffer);
    expect(record?.key?.buffer).toBe(batch.buffer);
    expect(record?.headers).toBe(NO_HEADERS);
  });

  test('of append time all show that time', () => {
    const batch = encodedBatch([textRecord('a', { timestamp: 1 }), textRecord('b')]);
    setLogAppendTime(batch, 0, 777);
    const records = recordsOf(batch) as StoredRecord[];
    expect(records.map(({ timestamp }) => timestamp)).toEqual([777, 777]);
  });

  test('keep "no timestamp"', () => {
    const records = recordsOf(encodedBatch([textRecord('a', { timestamp: -1 })])) as StoredRecord[];
    expect(records[0]?.timestamp).toBe(-1);
  });

  test('any of them come back compressed as well', async () => {
    const check = async (records: Record[]): Promise<void> => {
      const batch = encodedBatch(records);
      const expected = await recordsOf(batch);
      for (const codec of CODECS) {
        const compressed = recordsOf(compressedBatch(batch, codec));
        expect(compressed).toEqual(expected);
      }
    };
    await fc.assert(fc.asyncProperty(anyRecords, check), { ...RUNS, numRuns: 60 });
  });

  test('compressed and large are a promise', async () => {
    const batch = encodedBatch([textRecord('x'.repeat(2_000_000))]);
    for (const codec of CODECS) {
      const records = recordsOf(compressedBatch(batch, codec));
      expect(records).toBeInstanceOf(Promise);
      expect(await records).toEqual(await recordsOf(batch));
    }
  });

  test('that are no compressed bytes are corrupt', () => {
    for (const codec of [1, 2, 3, 4]) {
      const batch = batchOf(handMadeBatch(), codec, Buffer.from('no such thing'));
      expect(refusalOf(() => recordsOf(batch)).code).toBe('CORRUPT_MESSAGE');
    }
  });
});

describe('the plain form of a batch', () => {
  test('is itself when it is not compressed', () => {
    const batch = handMadeBatch();
    expect(plainBatch(batch)).toBe(batch);
  });

  test('differs in records, length and codec only', () => {
    const batch = handMadeBatch();
    const plain = plainBatch(compressedBatch(batch, 'gzip')) as Buffer;
    expect(plain.length).toBe(79);
    // The CRC is that of the compressed batch.
    batch.copy(plain, 17, 17, 21);
    expect(plain.equals(batch)).toBe(true);
  });
});

describe('visiting records', () => {
  test('gives positions in the bytes', () => {
    const batch = handMadeBatch();
    const seen: unknown[] = [];
    visitRecords(batch, (offset, timestamp, bytes, keyStart, keyEnd, valueStart, valueEnd) => {
      const key = keyStart === -1 ? null : bytes.toString('utf8', keyStart, keyEnd);
      seen.push({ offset, timestamp, key, value: [valueStart, valueEnd] });
    });
    expect(seen).toEqual([
      { offset: 5, timestamp: 1000, key: 'k', value: [-1, -1] },
      { offset: 6, timestamp: 999, key: null, value: [78, 78] },
    ]);
  });

  test('ends when it is told to', () => {
    const batch = encodedBatch(['a', 'b', 'c'].map((each) => textRecord(each)));
    expect(visitedOffsets(batch)).toEqual([0, 1, 2]);
    expect(visitedOffsets(batch, 2)).toEqual([0, 1]);
  });

  test('ends at a record that does not fit, behind those that do', () => {
    const batch = handMadeBatch();
    batch[72] = 0x0e;
    const offsets: number[] = [];
    const refusal = refusalOf(() => visitRecords(batch, (offset) => void offsets.push(offset)));
    expect(refusal.details['field']).toBe('record length');
    expect(offsets).toEqual([5]);
  });

  test.each<[string, (batch: Buffer) => void, string]>([
    ['fewer records than announced', (b) => b.writeInt32BE(3, 57), 'recordCount'],
    ['more records than announced', (b) => b.writeInt32BE(1, 57), 'batchLength'],
    ['a negative count', (b) => b.writeInt32BE(-1, 57), 'recordCount'],
    [
      'a count that so few bytes cannot hold',
      (b) => b.writeInt32BE(2 ** 31 - 1, 57),
      'recordCount',
    ],
    [
      'a base timestamp that is no safe integer',
      (b) => b.writeBigInt64BE(2n ** 60n, 27),
      'baseOffset, baseTimestamp or maxTimestamp',
    ],
  ])('%s is corrupt', (_, change, field) => {
    const batch = handMadeBatch();
    change(batch);
    expect(refusalOf(() => visitRecords(batch, () => {})).details['field']).toBe(field);
  });

  test('a batch that is not exactly one, or still compressed, is a mistake of the caller', () => {
    const two = Buffer.concat([handMadeBatch(), handMadeBatch()]);
    expect(() => visitRecords(two, () => {})).toThrow(/whole batch/);
    const compressed = compressedBatch(handMadeBatch(), 'lz4');
    expect(() => visitRecords(compressed, () => {})).toThrow(/compressed/);
  });

  test('any record bytes are records or CORRUPT_MESSAGE', () => {
    const check = (bytes: Uint8Array, count: number): void => {
      const batch = Buffer.concat([handMadeBatch().subarray(0, BATCH_HEADER_BYTES), bytes]);
      setPlainRecords(batch);
      batch.writeInt32BE(count, 57);
      try {
        visitRecords(batch, () => {});
      } catch (error) {
        expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE' });
      }
    };
    const any = fc.uint8Array({ maxLength: 60 });
    fc.assert(fc.property(any, fc.integer({ min: -1, max: 9 }), check), RUNS);
  });
});

test('a count of records is held against the bytes, seven for each', () => {
  checkRecordCount(3, 21);
  expect(refusalOf(() => checkRecordCount(4, 27)).details['expected']).toBe('1 to 3, for 27 bytes');
});

describe('headers', () => {
  test('are read where a visitor was shown them', () => {
    const headers = [
      { key: 'größe', value: Buffer.from('1') },
      { key: '', value: Buffer.alloc(0) },
      { key: 'größe', value: null },
    ];
    const [record] = recordsOf(encodedBatch([textRecord('x', { headers })])) as StoredRecord[];
    expect(record?.headers).toEqual(headers);
  });

  test('without any nothing is made', () => {
    expect(readHeaders(Buffer.alloc(0), 0, 0)).toBe(NO_HEADERS);
  });

  test('with a count that was not theirs end at the end', () => {
    const bytes = Buffer.from('026801', 'hex');
    expect(readHeaders(bytes, 0, 1)).toEqual([{ key: 'h', value: null }]);
    expect(refusalOf(() => readHeaders(bytes, 0, 2)).code).toBe('CORRUPT_MESSAGE');
  });
});

describe('batches back to back', () => {
  const bytes = Buffer.concat([handMadeBatch(), encodedBatch([textRecord('x')]), handMadeBatch()]);

  test('are found by their lengths', () => {
    expect(batchEndAt(bytes, 0)).toBe(79);
    expect(batchEndAt(bytes, 79)).toBe(bytes.length - 79);
    expect(batchEndAt(bytes, bytes.length - 79)).toBe(bytes.length);
  });

  test('that do not fill the bytes are corrupt', () => {
    const cut = bytes.subarray(0, -1);
    expect(refusalOf(() => batchEndAt(cut, bytes.length - 79)).details['field']).toBe(
      'batchLength',
    );
    expect(refusalOf(() => batchEndAt(cut, cut.length - 9)).details['field']).toBe('batch header');
  });
});
