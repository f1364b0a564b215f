import { describe, expect, it } from 'vitest';
import { batchText, recordText } from '../../src/cli/dump-text.ts';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import type { BatchHeader } from '../../src/codec/batch-header.ts';
import type { StoredRecord } from '../../src/model/record.ts';
import { storedBatch, valued } from '../support/stored-records.ts';

const HEADER = readBatchHeader(
  storedBatch([valued('a'), valued('b')], { baseOffset: 10, leaderEpoch: 4 }),
  0,
);

describe('a batch', () => {
  function textOf(more: Partial<BatchHeader> = {}): string {
    return batchText({ ...HEADER, ...more }, 71, {});
  }

  it('is told in one line', () => {
    expect(textOf()).toBe(
      `batch at 71, offsets 10 to 11, 2 records, ${HEADER.bytes} bytes, ` +
        '1970-01-01T00:00:01.000Z, not compressed, flush from 6\n',
    );
  });

  it('says what is special about it', () => {
    const producer = { producerId: 7, producerEpoch: 1, baseSequence: 3 };
    expect(textOf(producer)).toContain(', producer 7 epoch 1 sequence 3\n');
    expect(textOf({ compression: 'zstd' })).toContain(', zstd, ');
    expect(textOf({ timestampType: 'LogAppendTime' })).toContain('01.000Z (append time), ');
    expect(textOf({ isTransactional: true, isControl: true })).toMatch(/transactional, control\n$/);
    expect(textOf({ maxTimestamp: -1 })).toContain(', no timestamp, ');
    expect(textOf({ maxTimestamp: Number.MAX_SAFE_INTEGER })).toContain('9007199254740991 ms');
  });

  it('is the whole header in JSON', () => {
    const { batch } = JSON.parse(batchText(HEADER, 71, { json: true })) as { batch: object };
    expect(batch).toEqual({ position: 71, flushStart: 6, ...HEADER });
  });
});

describe('a record', () => {
  function record(more: Partial<StoredRecord> = {}): StoredRecord {
    return { ...valued('value'), offset: 5, ...more };
  }

  it('is offset, time, key, value and headers', () => {
    const headers = [
      { key: 'a', value: Buffer.from('b') },
      { key: 'c', value: null },
    ];
    expect(recordText(record({ key: Buffer.from('k'), headers }), {})).toBe(
      '  5  1970-01-01T00:00:01.000Z  "k"  "value"  "a"="b"  "c"=null\n',
    );
    expect(recordText(record({ value: null }), {})).toBe(
      '  5  1970-01-01T00:00:01.000Z  null  null\n',
    );
  });

  it('shows bytes that are not text as hex, and no control character', () => {
    const text = recordText(
      record({ key: Buffer.from([0, 255]), value: Buffer.from('\u001b[2J\u009b\n') }),
      {},
    );
    expect(text).toContain('  0x00ff  "\\u001b[2J\\u009b\\n"\n');
  });

  it('shows the beginning of what is long, whole characters of it, unless asked for all', () => {
    const value = Buffer.from(`${'x'.repeat(59)}é${'y'.repeat(20)}`);
    expect(recordText(record({ value }), {})).toContain(`"${'x'.repeat(59)}"... (81 bytes)\n`);
    expect(recordText(record({ value }), { values: true })).toContain(`é${'y'.repeat(20)}"\n`);
    const binary = Buffer.alloc(61, 255);
    expect(recordText(record({ value: binary }), {})).toContain(
      `0x${'ff'.repeat(60)}... (61 bytes)`,
    );
    const exact = Buffer.from('z'.repeat(60));
    expect(recordText(record({ value: exact }), {})).toContain(`"${'z'.repeat(60)}"\n`);
  });

  it('has in JSON everything, bytes that are not text as base64', () => {
    const headers = [{ key: 'h', value: Buffer.from([255]) }];
    const value = Buffer.from(`12345678901234567890 ${'x'.repeat(100)}\u009b`);
    const text = recordText(record({ key: Buffer.from([255, 0]), value, headers }), { json: true });
    expect(text).not.toContain('\u009b');
    expect(JSON.parse(text)).toEqual({
      record: {
        offset: 5,
        timestamp: 1_000,
        key_base64: '/wA=',
        value: value.toString(),
        headers: [{ key: 'h', value_base64: '/w==' }],
      },
    });
  });
});
