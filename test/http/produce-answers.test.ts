import { unpack } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import type { ProduceOutcome } from '../../src/broker/broker.ts';
import type { Produced } from '../../src/http/produce-answers.ts';
import {
  offsetsJson,
  offsetsMsgpack,
  v2Offsets,
  writtenPartitions,
} from '../../src/http/produce-answers.ts';
import { MillraceError } from '../../src/model/errors.ts';

function outcome(more: Partial<ProduceOutcome>): ProduceOutcome {
  return {
    baseOffset: 10,
    count: 1,
    logAppendTimeMs: -1,
    logStartOffset: 0,
    duplicate: false,
    error: undefined,
    ...more,
  };
}

/** Records of these timestamps, in partition 4. */
function onePart(timestamps: readonly number[], more: Partial<ProduceOutcome> = {}): Produced {
  return {
    shares: [{ partition: 4, timestamps }],
    partOf: undefined,
    outcomes: [outcome({ count: timestamps.length, ...more })],
  };
}

/** Four records: the 1st and 3rd in partition 2, the others in partition 0. */
function twoParts(second: Partial<ProduceOutcome> = {}): Produced {
  return {
    shares: [
      { partition: 2, timestamps: [1, 3] },
      { partition: 0, timestamps: [2, 4] },
    ],
    partOf: [0, 1, 0, 1],
    outcomes: [outcome({ baseOffset: 100, count: 2 }), outcome({ count: 2, ...second })],
  };
}

/** What both forms say; numbers of 64 bits come out of MessagePack as such. */
function offsets(produced: Produced): unknown {
  const json: unknown = JSON.parse(offsetsJson(produced));
  const plain = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? Number(value) : value;
  const packed: unknown = unpack(offsetsMsgpack(produced));
  expect(JSON.parse(JSON.stringify(packed, plain))).toEqual(json);
  return json;
}

describe('offsets', () => {
  test('stand in the order of the request, whatever its partitions', () => {
    expect(offsets(twoParts())).toEqual({
      offsets: [
        { partition: 2, offset: 100, timestamp: 1 },
        { partition: 0, offset: 10, timestamp: 2 },
        { partition: 2, offset: 101, timestamp: 3 },
        { partition: 0, offset: 11, timestamp: 4 },
      ],
    });
  });

  test('carry the append time where the topic sets it', () => {
    expect(offsets(onePart([1, 2], { logAppendTimeMs: 99 }))).toEqual({
      offsets: [
        { partition: 4, offset: 10, timestamp: 99 },
        { partition: 4, offset: 11, timestamp: 99 },
      ],
    });
  });

  test('of a duplicate are those of then, and its timestamps are not guessed', () => {
    expect(offsets(onePart([1, 2], { duplicate: true }))).toEqual({
      offsets: [
        { partition: 4, offset: 10 },
        { partition: 4, offset: 11 },
      ],
      duplicate: true,
    });
    expect(offsets(twoParts({ duplicate: true }))).toEqual({
      offsets: [
        { partition: 2, offset: 100, timestamp: 1 },
        { partition: 0, offset: 10 },
        { partition: 2, offset: 101, timestamp: 3 },
        { partition: 0, offset: 11 },
      ],
      duplicate: true,
    });
  });

  test.each([
    ['one record', [5]],
    ['equal timestamps', [5, 5, 5]],
    ['changing timestamps', [5, 5, 6, 5, 0, 0]],
  ])('carry the time of each record: %s', (_, timestamps) => {
    expect(offsets(onePart(timestamps))).toEqual({
      offsets: timestamps.map((timestamp, index) => ({
        partition: 4,
        offset: 10 + index,
        timestamp,
      })),
    });
  });

  test('may be as large as numbers are exact', () => {
    expect(offsets(onePart([2 ** 53 - 1], { baseOffset: 2 ** 53 - 2 }))).toEqual({
      offsets: [{ partition: 4, offset: 2 ** 53 - 2, timestamp: 2 ** 53 - 1 }],
    });
  });
});

describe('the short form', () => {
  test('has one line for each partition', () => {
    expect(writtenPartitions(twoParts())).toEqual({
      partitions: [
        { partition: 2, base_offset: 100, count: 2 },
        { partition: 0, base_offset: 10, count: 2 },
      ],
    });
  });

  test('counts the records of encoded batches', () => {
    const produced = {
      shares: [{ partition: 1, timestamps: [] }],
      partOf: undefined,
      outcomes: [outcome({ count: 70_000, duplicate: true })],
    };
    expect(writtenPartitions(produced)).toEqual({
      partitions: [{ partition: 1, base_offset: 10, count: 70_000 }],
      duplicate: true,
    });
  });
});

describe('v2', () => {
  test('has its own members, all of them always', () => {
    expect(v2Offsets(onePart([1]))).toEqual({
      offsets: [{ partition: 4, offset: 10, error_code: null, error: null }],
      key_schema_id: null,
      value_schema_id: null,
    });
  });

  test.each([
    [false, 1],
    [true, 2],
  ])('says record by record what failed; retriable %s is %i', (retriable, code) => {
    const error = new MillraceError('KAFKA_STORAGE_ERROR', 'it broke', { retriable });
    expect(v2Offsets(twoParts({ error, baseOffset: undefined }))).toMatchObject({
      offsets: [
        { partition: 2, offset: 100, error_code: null, error: null },
        { partition: 0, offset: null, error_code: code, error: 'it broke' },
        { partition: 2, offset: 101, error_code: null, error: null },
        { partition: 0, offset: null, error_code: code, error: 'it broke' },
      ],
    });
  });
});
