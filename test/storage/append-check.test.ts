import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_HEADER_BYTES, readBatchHeader } from '../../src/codec/batch-header.ts';
import { batchOfOneBytes, BatchWriter } from '../../src/codec/batch-writer.ts';
import { INT64_SAFE_MAX } from '../../src/model/limits.ts';
import type { Record } from '../../src/model/record.ts';
import type { TopicConfig } from '../../src/model/topic-config.ts';
import {
  batchBytesAtMost,
  checkBatches,
  checkRecords,
  checkSequencedSize,
  recordBytesAtMost,
} from '../../src/storage/append-check.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { topicConfig } from '../support/partition-fixture.ts';
import { anyRecord, RUNS } from '../support/record-arbitraries.ts';

const NOW = 1_780_000_000_000;

function refusal(check: () => void): unknown {
  try {
    check();
  } catch (error) {
    return error;
  }
  return undefined;
}

function checked(records: readonly Record[], config: TopicConfig, nowMs: number): void {
  checkRecords({ records, bytesAtMost: batchBytesAtMost(records) }, config, nowMs);
}

function headersOf(...batches: readonly Buffer[]) {
  return batches.map((each) => readBatchHeader(each, 0));
}

describe('the size of a record', () => {
  test('is never estimated too low', () => {
    fc.assert(
      fc.property(anyRecord, (record: Record) => {
        const writer = new BatchWriter(1_024);
        writer.begin({ baseOffset: 0, leaderEpoch: 0 });
        // Far from the base: the deltas take the most room.
        writer.add(textRecord('', { timestamp: 0 }));
        const before = writer.length;
        writer.add(record);
        expect(recordBytesAtMost(record)).toBeGreaterThanOrEqual(writer.length - before);
      }),
      RUNS,
    );
  });

  test('may reach max.message.bytes as a batch of one, and no byte more', () => {
    const record = textRecord('x'.repeat(500), { timestamp: NOW });
    const bytes = batchOfOneBytes(record);
    const fits = topicConfig({ 'max.message.bytes': String(bytes) });
    expect(refusal(() => checked([record], fits, NOW))).toBeUndefined();
    const isOver = topicConfig({ 'max.message.bytes': String(bytes - 1) });
    expect(refusal(() => checked([textRecord(''), record], isOver, 0))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: {
        max_message_bytes: bytes - 1,
        bad_records: [{ record: 1, field: 'record' }],
      },
    });
  });
});

describe('timestamps', () => {
  const config = topicConfig({
    'message.timestamp.after.max.ms': '1000',
    'message.timestamp.before.max.ms': '2000',
  });

  test('may lie ahead and behind up to the bounds', () => {
    for (const timestamp of [NOW + 1_000, NOW - 2_000, NOW, -1]) {
      expect(refusal(() => checked([textRecord('', { timestamp })], config, NOW))).toBe(undefined);
    }
    for (const timestamp of [NOW + 1_001, NOW - 2_001, INT64_SAFE_MAX, 0]) {
      expect(refusal(() => checked([textRecord('', { timestamp })], config, NOW))).toMatchObject({
        code: 'INVALID_TIMESTAMP',
        written: 'no',
        message: expect.stringContaining(String(timestamp)),
        details: { bad_records: [{ record: 0, field: 'timestamp' }], server_time_ms: NOW },
      });
    }
  });

  test('may be anything where the server sets its own', () => {
    const appended = topicConfig({ 'message.timestamp.type': 'LogAppendTime' });
    const far = textRecord('', { timestamp: INT64_SAFE_MAX });
    expect(refusal(() => checked([far], appended, NOW))).toBeUndefined();
    expect(refusal(() => checkBatches(headersOf(encodedBatch([far])), appended, NOW))).toBe(
      undefined,
    );
  });
});

test('up to ten bad records are named, and the first one is the message', () => {
  const config = topicConfig({ 'max.message.bytes': '100', 'message.timestamp.after.max.ms': '0' });
  const bad = textRecord('x'.repeat(200), { timestamp: 1 });
  const records = [textRecord(''), ...Array.from({ length: 30 }, () => bad)];
  const error = refusal(() => checked(records, config, 0)) as {
    message: string;
    details: { bad_records: unknown[] };
  };
  expect(error.message).toMatch(/^record 1: takes \d+ bytes/);
  expect(error.details.bad_records).toHaveLength(10);
});

describe('the records of an idempotent request', () => {
  test('must fit one batch, to the byte', () => {
    const records = [textRecord('first', { timestamp: 5 }), textRecord('second', { timestamp: 9 })];
    const { length } = encodedBatch(records);
    const fits = topicConfig({ 'max.message.bytes': String(length) });
    expect(refusal(() => checkSequencedSize(records, fits))).toBeUndefined();
    const isOver = topicConfig({ 'max.message.bytes': String(length - 1) });
    expect(refusal(() => checkSequencedSize(records, isOver))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: { bytes: length, max_message_bytes: length - 1 },
    });
  });
});

describe('encoded batches', () => {
  test('must each fit max.message.bytes', () => {
    const [small, large] = [encodedBatch([textRecord('a')]), encodedBatch([textRecord('ab')])];
    const config = topicConfig({ 'max.message.bytes': String(small.length) });
    expect(refusal(() => checkBatches(headersOf(small, small), config, 0))).toBeUndefined();
    expect(refusal(() => checkBatches(headersOf(small, large), config, 0))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      written: 'no',
      details: { batch: 1, bytes: large.length },
    });
    expect(small.length).toBeGreaterThan(BATCH_HEADER_BYTES);
  });

  test('are refused for their first as for their largest timestamp', () => {
    const config = topicConfig({
      'message.timestamp.after.max.ms': '10',
      'message.timestamp.before.max.ms': '10',
    });
    const of = (...timestamps: readonly number[]) =>
      headersOf(encodedBatch(timestamps.map((timestamp) => textRecord('', { timestamp }))));
    expect(refusal(() => checkBatches(of(90, 110), config, 100))).toBeUndefined();
    expect(refusal(() => checkBatches(of(90, 111), config, 100))).toMatchObject({
      code: 'INVALID_TIMESTAMP',
      details: { batch: 0 },
    });
    expect(refusal(() => checkBatches(of(89, 110), config, 100))).toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
  });

  test('must leave LogAppendTime to the server', () => {
    const [header] = headersOf(encodedBatch([textRecord('')]));
    const claimed = { ...header, timestampType: 'LogAppendTime' } as typeof header & object;
    expect(refusal(() => checkBatches([claimed], topicConfig(), 0))).toMatchObject({
      code: 'INVALID_TIMESTAMP',
      message: expect.stringContaining('only the server sets'),
    });
  });
});
