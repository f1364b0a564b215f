import { describe, expect, test } from 'vitest';
import { writeBatchHeader } from '../../src/codec/batch-header.ts';
import type { BatchHeaderFields } from '../../src/codec/batch-header.ts';
import { checkClientHeader } from '../../src/codec/client-batch-header.ts';
import { RECORDS_PER_BATCH_MAX } from '../../src/model/limits.ts';
import { handMadeBatch, resealed } from '../support/hand-made-batch.ts';
import { refusalOf } from '../support/refusal.ts';

const MAX = 1_000;
const FIELDS: BatchHeaderFields = {
  baseOffset: 0,
  leaderEpoch: 0,
  attributes: 0,
  baseTimestamp: 1000,
  maxTimestamp: 1000,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  recordCount: 2,
};

/** A batch of sound CRC with these fields. */
function batchWith(fields: Partial<BatchHeaderFields>): Buffer {
  const batch = handMadeBatch();
  writeBatchHeader(batch, { at: 0, end: batch.length }, { ...FIELDS, ...fields });
  return batch;
}

function refusal(batch: Buffer, maxMessageBytes = MAX): ReturnType<typeof refusalOf> {
  return refusalOf(() => checkClientHeader(batch, 0, maxMessageBytes));
}

describe('a header passes', () => {
  test.each<[string, Partial<BatchHeaderFields>]>([
    ['as most clients write it', {}],
    ['with a producer', { producerId: 0, producerEpoch: 0, baseSequence: 0 }],
    ['with epoch and sequence but no producer', { producerEpoch: 0, baseSequence: 0 }],
    ['without timestamps', { baseTimestamp: -1, maxTimestamp: -1 }],
    ['with any codec', { attributes: 4 }],
    ['of append time', { attributes: 0b1000 }],
  ])('%s', (_, fields) => {
    const header = checkClientHeader(batchWith(fields), 0, MAX);
    expect(header).toMatchObject({ ...FIELDS, ...fields });
  });

  test('whatever stands in the fields that are the server’s to set', () => {
    const batch = handMadeBatch();
    batch.writeBigInt64BE(-1n, 0);
    batch.writeInt32BE(-1, 12);
    expect(checkClientHeader(batch, 0, MAX).recordCount).toBe(2);
  });

  test('at exactly the largest size', () => {
    expect(checkClientHeader(handMadeBatch(), 0, 79).bytes).toBe(79);
  });
});

describe('a header is refused', () => {
  test.each<[string, Partial<BatchHeaderFields>, string, string]>([
    [
      'of a codec nobody has',
      { attributes: 5 },
      'UNSUPPORTED_COMPRESSION_TYPE',
      'attributes (codec)',
    ],
    ['of a transaction', { attributes: 0b1_0000 }, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'attributes'],
    [
      'of a control batch',
      { attributes: 0b10_0000 },
      'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      'attributes',
    ],
    ['with a delete horizon', { attributes: 0b100_0000 }, 'CORRUPT_MESSAGE', 'attributes'],
    ['with a bit unknown to all', { attributes: -32_768 }, 'CORRUPT_MESSAGE', 'attributes'],
    ['with a negative producer', { producerId: -2 }, 'CORRUPT_MESSAGE', 'producerId'],
    [
      'with a producer without epoch',
      { producerId: 1, baseSequence: 0 },
      'CORRUPT_MESSAGE',
      'producerEpoch',
    ],
    [
      'with a producer without sequence',
      { producerId: 1, producerEpoch: 0 },
      'CORRUPT_MESSAGE',
      'baseSequence',
    ],
    [
      'with too many records',
      { recordCount: RECORDS_PER_BATCH_MAX + 1 },
      'MESSAGE_TOO_LARGE',
      'recordCount',
    ],
    ['with no record', { recordCount: 0 }, 'CORRUPT_MESSAGE', 'recordCount'],
    ['with a negative timestamp', { baseTimestamp: -2 }, 'INVALID_TIMESTAMP', 'baseTimestamp'],
    [
      'of an append time that is none',
      { attributes: 0b1000, maxTimestamp: -1 },
      'INVALID_TIMESTAMP',
      'maxTimestamp',
    ],
  ])('%s', (_, fields, code, field) => {
    expect(refusal(batchWith(fields))).toMatchObject({ code, details: { field } });
  });

  test('of an old message format by that name, however short it is', () => {
    // Format 1: offset, size 14, crc, magic 1, attributes, timestamp ... of an empty message.
    const old = Buffer.alloc(34);
    old.writeInt32BE(22, 8);
    old[16] = 1;
    expect(refusal(old)).toMatchObject({
      code: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      details: { field: 'magic', found: 'the old message format 1' },
    });
    old[16] = 0;
    expect(refusal(old).message).toContain('the old message format 0');
  });

  test('of a format that is not known yet', () => {
    const batch = handMadeBatch();
    batch[16] = 3;
    expect(refusal(batch)).toMatchObject({ code: 'CORRUPT_MESSAGE', details: { field: 'magic' } });
  });

  test('above the largest size, with both numbers', () => {
    expect(refusal(handMadeBatch(), 78)).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      details: { expected: 'at most max.message.bytes = 78 bytes', found: '79 bytes' },
    });
  });

  test('whose int64 is no safe integer', () => {
    const batch = batchWith({});
    for (const [field, at] of [
      ['producerId', 43],
      ['baseTimestamp', 27],
    ] as const) {
      const spoiled = Buffer.from(batch);
      spoiled.writeBigInt64BE(2n ** 53n, at);
      // Only the check of the CRC stands before it.
      expect(refusal(spoiled).details['field']).toBe('crc');
      expect(refusal(resealed(spoiled)).details['field']).toBe(field);
    }
  });

  test('that is cut off, or not the one its CRC was made of', () => {
    expect(refusal(handMadeBatch().subarray(0, 78)).details['field']).toBe('batchLength');
    expect(refusal(handMadeBatch().subarray(0, 10)).details['field']).toBe('batch header');
    const batch = handMadeBatch();
    batch[78] = 1;
    expect(refusal(batch).details['field']).toBe('crc');
  });
});
