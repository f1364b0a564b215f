import { describe, expect, test } from 'vitest';
import type { ProduceOutcome } from '../../src/broker/broker.ts';
import type { Produced } from '../../src/http/produce-answers.ts';
import {
  isPartial,
  nameBadRecords,
  unwritten,
  writeFailure,
} from '../../src/http/produce-failures.ts';
import type { Shares } from '../../src/http/produce-placement.ts';
import type { ErrorFacts } from '../../src/model/errors.ts';
import { MillraceError } from '../../src/model/errors.ts';

function failure(message: string, facts: ErrorFacts = { written: 'no' }): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', message, facts);
}

/** Three parts: partitions 7, 8 and 9, with two records each. */
const SENT: Shares = {
  shares: [7, 8, 9].map((partition) => ({ partition, timestamps: [1, 1] })),
  partOf: [2, 0, 1, 0, 2, 1],
};

function produced(...errors: readonly (MillraceError | undefined)[]): Produced {
  const outcomes = errors.map((error): ProduceOutcome => ({
    baseOffset: error === undefined ? 40 : undefined,
    count: 2,
    logAppendTimeMs: -1,
    logStartOffset: 0,
    duplicate: false,
    error,
  }));
  return { ...SENT, shares: SENT.shares.slice(0, errors.length), outcomes };
}

describe('records that the broker refuses', () => {
  const bad = [
    { record: 0, field: 'record', message: 'takes 900 bytes' },
    { record: 1, field: 'timestamp', message: 'is too late' },
  ];
  const refused = (details: object): MillraceError =>
    new MillraceError('MESSAGE_TOO_LARGE', 'record 0: takes 900 bytes', {
      written: 'no',
      details: { ...details, bad_records: bad, max_message_bytes: 100 },
    });

  test('are named by their places in the request', () => {
    const error = nameBadRecords(refused({ topic: 't', partition: 8 }), SENT);
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: 'records[2] takes 900 bytes (and 1 more in details.bad_records)',
      written: 'no',
      details: {
        max_message_bytes: 100,
        bad_records: [
          { record: 2, field: 'records[2]', message: 'takes 900 bytes' },
          { record: 5, field: 'records[5].timestamp', message: 'is too late' },
        ],
      },
    });
  });

  test('keep their places where there is one part', () => {
    const { details } = nameBadRecords(refused({}), { ...SENT, partOf: undefined });
    expect(details['bad_records']).toMatchObject([
      { record: 0 },
      { field: 'records[1].timestamp' },
    ]);
  });

  test('are left alone where nobody says whose they are, as are other errors', () => {
    for (const error of [refused({}), failure('the disk broke')]) {
      expect(nameBadRecords(error, SENT)).toBe(error);
    }
  });
});

test('an error that knows nothing of writing is told that nothing was written', () => {
  expect(unwritten(failure('a', {}))).toMatchObject({ message: 'a', written: 'no' });
  expect(unwritten(failure('a', { written: 'unknown', retriable: true }))).toMatchObject({
    written: 'unknown',
    retriable: true,
  });
});

describe('a write that failed', () => {
  test('is no failure when every part was written', () => {
    expect(writeFailure(produced(undefined, undefined))).toBeUndefined();
  });

  test('keeps the words of its only part, and says what is known of it', () => {
    const error = failure('the disk is full', {
      written: 'no',
      retriable: true,
      details: { a: 1 },
    });
    expect(writeFailure(produced(error))).toMatchObject({
      code: 'KAFKA_STORAGE_ERROR',
      message: 'the disk is full',
      written: 'no',
      retriable: true,
      details: { a: 1, partitions: [{ partition: 7, count: 2, written: 'no' }] },
    });
  });

  test('says of each partition whether it was written', () => {
    const lost = failure('the sync failed', { written: 'unknown' });
    const error = writeFailure(produced(undefined, failure('it is offline'), lost));
    expect(error).toMatchObject({
      message: '2 of 3 partitions failed: the sync failed',
      written: 'unknown',
      retriable: false,
    });
    expect(error?.details['partitions']).toEqual([
      { partition: 7, base_offset: 40, count: 2, written: 'yes' },
      { partition: 8, count: 2, written: 'no' },
      { partition: 9, count: 2, written: 'unknown' },
    ]);
  });

  test('is safe to repeat only if nothing was written and everything may work later', () => {
    const later = failure('full', { written: 'no', retriable: true });
    expect(writeFailure(produced(later, later))).toMatchObject({ written: 'no', retriable: true });
    expect(writeFailure(produced(later, failure('b')))).toMatchObject({
      written: 'no',
      retriable: false,
    });
    expect(writeFailure(produced(later, undefined))).toMatchObject({
      written: 'unknown',
      retriable: false,
    });
  });

  test('that does not say what it wrote may have written', () => {
    expect(writeFailure(produced(failure('a', {})))).toMatchObject({
      written: 'unknown',
      details: { partitions: [{ written: 'unknown' }] },
    });
  });

  test('is partial when something else was written', () => {
    expect(isPartial(produced(undefined, failure('a')))).toBe(true);
    expect(isPartial(produced(failure('a')))).toBe(false);
    expect(isPartial(produced(undefined))).toBe(false);
  });
});
