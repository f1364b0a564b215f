import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leftOver, RecordCursor } from '../../src/codec/record-cursor.ts';
import { BATCH_HEADER_BYTES } from '../../src/codec/batch-header.ts';
import { encodedBatch } from '../support/batches.ts';
import { handMadeBatch } from '../support/hand-made-batch.ts';
import { anyRecords, RUNS } from '../support/record-arbitraries.ts';
import { refusalOf } from '../support/refusal.ts';

function cursorOver(hex: string): RecordCursor {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return new RecordCursor(bytes, 0, bytes.length);
}

describe('stepping over records', () => {
  test('shows where the parts of each lie', () => {
    const batch = handMadeBatch();
    const record = new RecordCursor(batch, BATCH_HEADER_BYTES, batch.length);
    record.next();
    expect(record).toMatchObject({ timestampDelta: 0, offsetDelta: 0, headerCount: 1 });
    expect(batch.toString('utf8', record.keyStart, record.keyEnd)).toBe('k');
    expect([record.valueStart, record.valueEnd]).toEqual([-1, -1]);
    expect(batch.toString('hex', record.headersStart, record.headersStart + 3)).toBe('026801');
    expect(record.left).toBe(7);
    record.next();
    expect(record).toMatchObject({ timestampDelta: -1, offsetDelta: 1, headerCount: 0 });
    expect([record.keyStart, record.keyEnd]).toEqual([-1, -1]);
    // An empty value is a value.
    expect(record.valueStart).toBeGreaterThan(0);
    expect(record.valueEnd).toBe(record.valueStart);
    expect(record.left).toBe(0);
  });

  test('does not look at bytes outside of its own', () => {
    const batch = Buffer.concat([handMadeBatch(), handMadeBatch()]);
    const record = new RecordCursor(batch, BATCH_HEADER_BYTES, 79);
    record.next();
    record.next();
    expect(refusalOf(() => record.next()).code).toBe('CORRUPT_MESSAGE');
  });
});

// A whole record: length, attributes, deltas, key "k", value "v", header "h" with value "w".
const WHOLE = '18 00 00 00 02 6b 02 76 02 02 68 02 77';

test('the record that the cases below spoil is whole', () => {
  const record = cursorOver(WHOLE);
  record.next();
  expect(record.left).toBe(0);
});

describe('a record is corrupt', () => {
  test.each([
    ['without anything', '', 'record length'],
    ['of a negative length', '01', 'record length'],
    ['too short to be one', '0a 00 00 00 01 01', 'record length'],
    ['longer than the bytes left', '1a 00 00 00 02 6b 02 76 02 02 68 02 77', 'record length'],
    ['of an absurd length', 'fe ff ff ff 0f 00', 'record length'],
    [
      'with a key longer than itself',
      '18 00 00 00 64 6b 02 76 02 02 68 02 77',
      'record key length',
    ],
    ['with a key length below null', '18 00 00 00 03 6b 02 76 02 02 68 02 77', 'record key length'],
    [
      'with a value longer than itself',
      '18 00 00 00 02 6b 7e 76 02 02 68 02 77',
      'record value length',
    ],
    [
      'with a value length below null',
      '18 00 00 00 02 6b 05 76 02 02 68 02 77',
      'record value length',
    ],
    [
      'with a negative header count',
      '18 00 00 00 02 6b 02 76 01 02 68 02 77',
      'record header count',
    ],
    [
      'with more headers than bytes',
      '18 00 00 00 02 6b 02 76 08 02 68 02 77',
      'record header count',
    ],
    ['with a null header key', '18 00 00 00 02 6b 02 76 02 01 68 02 77', 'header key length'],
    [
      'with a header key longer than itself',
      '18 00 00 00 02 6b 02 76 02 20 68 02 77',
      'header key length',
    ],
    [
      'with a header value too long',
      '18 00 00 00 02 6b 02 76 02 02 68 04 77',
      'header value length',
    ],
    [
      'with a header value below null',
      '18 00 00 00 02 6b 02 76 02 02 68 03 77',
      'header value length',
    ],
    ['with bytes left over', '1a 00 00 00 02 6b 02 76 02 02 68 02 77 00', 'record length'],
    ['with a value that takes the count', '0c 00 00 00 01 02 00', 'record header count'],
  ])('%s', (_, hex, field) => {
    expect(refusalOf(() => cursorOver(hex).next())).toMatchObject({
      code: 'CORRUPT_MESSAGE',
      details: { field },
    });
  });

  test('at whatever byte it ends too early', () => {
    const bytes = Buffer.from(WHOLE.replaceAll(' ', ''), 'hex');
    for (let end = 0; end < bytes.length; end++) {
      const record = new RecordCursor(bytes, 0, end);
      expect(refusalOf(() => record.next()).code).toBe('CORRUPT_MESSAGE');
    }
  });
});

test('any flipped bit is a record or CORRUPT_MESSAGE, and a walk always ends', () => {
  const check = (batch: Buffer, bit: number): void => {
    const at = BATCH_HEADER_BYTES + (bit % ((batch.length - BATCH_HEADER_BYTES) * 8 || 1)) / 8;
    const index = Math.floor(at);
    batch[index] = (batch[index] as number) ^ (1 << (bit & 7));
    const record = new RecordCursor(batch, BATCH_HEADER_BYTES, batch.length);
    try {
      for (let left = record.left; left > 0; left = record.left) {
        record.next();
        expect(record.left).toBeLessThan(left);
        expect(record.keyEnd).toBeLessThanOrEqual(batch.length);
        expect(record.valueEnd).toBeLessThanOrEqual(batch.length);
      }
    } catch (error) {
      expect(error).toMatchObject({ code: 'CORRUPT_MESSAGE' });
    }
  };
  fc.assert(
    fc.property(
      anyRecords.map((r) => encodedBatch(r)),
      fc.nat(),
      check,
    ),
    RUNS,
  );
});

test('bytes left over are told by their number', () => {
  expect(leftOver('batch', 3).details).toEqual({
    field: 'batchLength',
    expected: 'no bytes left over',
    found: '3 bytes left over',
  });
});
