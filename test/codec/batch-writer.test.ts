import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { batchFault, readBatchHeader } from '../../src/codec/batch-header.ts';
import { recordsOf } from '../../src/codec/batch-reader.ts';
import { batchOfOneBytes, BatchWriter, recordBytes } from '../../src/codec/batch-writer.ts';
import type { Record } from '../../src/model/record.ts';
import { batchesIn, textRecord } from '../support/batches.ts';
import { HAND_MADE_PLACE, HAND_MADE_RECORDS, handMadeBatch } from '../support/hand-made-batch.ts';
import { anyRecord, anyRecords, RUNS } from '../support/record-arbitraries.ts';

const PLACE = { baseOffset: 10, leaderEpoch: 0 };

let writer: BatchWriter;

beforeEach(() => {
  writer = new BatchWriter(256);
});

function write(records: readonly Record[], baseOffset = 0): void {
  writer.begin({ baseOffset, leaderEpoch: 0 });
  for (const record of records) writer.add(record);
  writer.end(-1);
}

function written(): Buffer {
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

function timestampsAt(...timestamps: number[]): Record[] {
  return timestamps.map((timestamp) => textRecord('x', { timestamp }));
}

describe('a batch', () => {
  test('is byte for byte the one made by hand', () => {
    writer.begin(HAND_MADE_PLACE);
    for (const record of HAND_MADE_RECORDS) writer.add(record);
    writer.end(-1);
    expect(written().toString('hex')).toBe(handMadeBatch().toString('hex'));
  });

  test('any records come back as they were', () => {
    const check = (records: Record[]): void => {
      writer.reset();
      write(records, 7);
      const batch = written();
      expect(batchFault(batch, 0, batch.length)).toBeUndefined();
      expect(recordsOf(batch)).toEqual(records.map((each, i) => ({ offset: 7 + i, ...each })));
    };
    fc.assert(fc.property(anyRecords, check), RUNS);
  });

  test('shows the first timestamp and the largest, and may go back in time', () => {
    write(timestampsAt(1000, 5000, 400, 4999));
    expect(readBatchHeader(written(), 0)).toMatchObject({
      baseTimestamp: 1000,
      maxTimestamp: 5000,
      timestampType: 'CreateTime',
    });
    const records = recordsOf(written()) as Record[];
    expect(records.map(({ timestamp }) => timestamp)).toEqual([1000, 5000, 400, 4999]);
  });

  test('timestamps of the one before do not count', () => {
    write(timestampsAt(9000));
    write(timestampsAt(100, 200));
    const [, second] = batchesIn(written());
    expect(readBatchHeader(second as Buffer, 0)).toMatchObject({
      baseTimestamp: 100,
      maxTimestamp: 200,
    });
  });

  test('of append time shows that time, and keeps the base timestamp', () => {
    writer.begin(PLACE);
    writer.add(textRecord('x', { timestamp: 1000 }));
    writer.end(3000);
    expect(batchFault(written(), 0, writer.length)).toBeUndefined();
    expect(readBatchHeader(written(), 0)).toMatchObject({
      baseTimestamp: 1000,
      maxTimestamp: 3000,
      timestampType: 'LogAppendTime',
    });
  });

  test('carries the place and the producer it was given', () => {
    const producer = { producerId: 2 ** 40, producerEpoch: 3, baseSequence: 2 ** 31 - 1 };
    writer.begin({ baseOffset: 2 ** 50, leaderEpoch: 9, producer });
    writer.add(textRecord('a'));
    writer.add(textRecord('b'));
    writer.end(-1);
    expect(readBatchHeader(written(), 0)).toMatchObject({
      baseOffset: 2 ** 50,
      lastOffset: 2 ** 50 + 1,
      leaderEpoch: 9,
      recordCount: 2,
      ...producer,
    });
  });

  test('header keys are UTF-8, also where a half of a pair cannot be', () => {
    write([textRecord('x', { headers: [{ key: 'größe 🐟', value: Buffer.from('1') }] })]);
    write([textRecord('x', { headers: [{ key: '\ud83d', value: null }] })]);
    const keys = batchesIn(written()).map((each) => (recordsOf(each) as Record[])[0]?.headers);
    expect(keys).toEqual([
      [{ key: 'größe 🐟', value: Buffer.from('1') }],
      [{ key: '\ufffd', value: null }],
    ]);
  });
});

describe('sizes', () => {
  test('of a record are exact before it is written', () => {
    const check = (first: Record, record: Record, before: number): void => {
      writer.reset();
      writer.begin(PLACE);
      writer.add(first);
      for (let index = 1; index < before; index++) writer.add(first);
      const bytes = writer.openBytes;
      writer.add(record);
      expect(writer.openBytes - bytes).toBe(
        recordBytes(record, before, record.timestamp - first.timestamp),
      );
    };
    const before = fc.integer({ min: 1, max: 70 });
    fc.assert(fc.property(anyRecord, anyRecord, before, check), RUNS);
  });

  test('of a record alone are those of its batch', () => {
    const check = (record: Record): void => {
      writer.reset();
      write([record]);
      expect(batchOfOneBytes(record)).toBe(writer.length);
    };
    fc.assert(fc.property(anyRecord, check), RUNS);
  });

  test.each([63, 64, 8_191, 8_192, 1_048_576])('a value of %s bytes is measured right', (bytes) => {
    const record = textRecord('', { value: Buffer.alloc(bytes, 1) });
    write([record]);
    expect(batchOfOneBytes(record)).toBe(writer.length);
    expect(recordsOf(written())).toEqual([{ offset: 0, ...record }]);
  });
});

describe('several batches', () => {
  test('stand back to back and count what they hold', () => {
    expect(writer.length).toBe(0);
    write([textRecord('a'), textRecord('b')], 0);
    const first = writer.length;
    writer.begin({ baseOffset: 2, leaderEpoch: 0 });
    expect(writer.isOpen).toBe(true);
    expect([writer.openBytes, writer.openCount]).toEqual([61, 0]);
    writer.add(textRecord('c'));
    expect(writer.openCount).toBe(1);
    expect(writer.length).toBe(first + writer.openBytes);
    writer.end(-1);
    expect(writer.isOpen).toBe(false);
    const batches = batchesIn(written());
    expect(batches.map((each) => readBatchHeader(each, 0).baseOffset)).toEqual([0, 2]);
    expect(batches.every((each) => batchFault(each, 0, each.length) === undefined)).toBe(true);
  });

  test('outgrow the buffer without losing what is there', () => {
    const records = Array.from({ length: 500 }, (_, index) => textRecord(`value ${index}`));
    for (const record of records) write([record]);
    const values = batchesIn(written()).map((each) => (recordsOf(each) as Record[])[0]?.value);
    expect(values).toEqual(records.map(({ value }) => value));
  });
});

describe('after a reset', () => {
  test('the buffer is used again', () => {
    write([textRecord('a')]);
    const { buffer } = writer;
    writer.reset();
    expect(writer.length).toBe(0);
    write([textRecord('b')]);
    expect(writer.buffer).toBe(buffer);
    expect(recordsOf(written())).toMatchObject([{ value: Buffer.from('b') }]);
  });

  test('an open batch is gone', () => {
    writer.begin(PLACE);
    writer.add(textRecord('a'));
    writer.reset();
    expect([writer.isOpen, writer.length]).toEqual([false, 0]);
  });

  test('a buffer that a burst made huge is let go, a grown one is kept', () => {
    write([textRecord('x'.repeat(1_500))]);
    const grown = writer.buffer;
    expect(grown.length).toBeLessThanOrEqual(256 * 8);
    writer.reset();
    expect(writer.buffer).toBe(grown);
    write([textRecord('x'.repeat(3_000))]);
    writer.reset();
    expect(writer.buffer.length).toBe(256);
  });
});

test.each<[string, () => void]>([
  ['a record outside of a batch', () => writer.add(textRecord('x'))],
  ['an end without a beginning', () => writer.end(-1)],
  ['an open batch asked for its size when none is', () => writer.openBytes],
  [
    'a batch without records',
    () => {
      writer.begin(PLACE);
      writer.end(-1);
    },
  ],
  [
    'a batch begun inside of another',
    () => {
      writer.begin(PLACE);
      writer.begin(PLACE);
    },
  ],
  [
    'a timestamp that is no safe integer',
    () => {
      writer.begin(PLACE);
      writer.add(textRecord('x', { timestamp: 0 }));
      writer.add(textRecord('x', { timestamp: Number.NaN }));
    },
  ],
])('%s is a mistake of the caller', (_, act) => {
  expect(act).toThrow(expect.objectContaining({ code: 'ERR_ASSERTION' }));
});
