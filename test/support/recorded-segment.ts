/**
 * A segment as a real Kafka broker wrote it, and what its producer was told to write: every codec,
 * with and without idempotence, and a transaction. It was recorded by test/clients/kafka-segment.test.ts,
 * which also holds what Kafka writes today against it.
 */
import { readFile } from 'node:fs/promises';
import { readBatchHeader } from '../../src/codec/batch-header.ts';
import { batchesIn } from './batches.ts';
import type { ClientRecord, ProduceCall } from './clients/driver.ts';
import type { Reading } from './http-readings.ts';

export const RECORDED_SEGMENT = new URL('../fixtures/kafka-segment.log', import.meta.url);

/** So long ago that no clock of a test disagrees. */
const FIRST_TIMESTAMP = 1_700_000_000_000;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** The calls that fill it, each of them one batch; the last is the transaction. */
export function segmentCalls(topic: string): ProduceCall[] {
  const ways = [{ idempotent: false }, { idempotent: true }].flatMap((way) =>
    CODECS.map((codec) => ({ ...way, codec })),
  );
  const calls = [...ways, { codec: 'none' as const, transaction: 'a-transaction' }];
  return calls.map((way, index) => ({ topic, records: segmentRecords(index), ...way }));
}

function segmentRecords(call: number): Required<ClientRecord>[] {
  const timestamp = FIRST_TIMESTAMP + 10 * call;
  const headers = [
    { key: 'call', value: String(call) },
    { key: 'nothing', value: null },
  ];
  const records = [
    // Long enough to be worth compressing.
    { key: 'ada', value: 'all the tea in China '.repeat(8), headers },
    { key: null, value: `{"call": ${call}}`, headers: [] },
    // Time goes back within a batch, and a value is missing.
    { key: 'bób', value: null, headers: [], timestamp: timestamp - 5 },
  ];
  return records.map((record) => ({ timestamp, partition: 0, ...record }));
}

export async function recordedSegment(): Promise<Buffer> {
  return readFile(RECORDED_SEGMENT);
}

/** Its batches without those of transactions, which a server without transactions refuses. */
export function plainBatches(segment: Buffer): Buffer[] {
  return batchesIn(segment).filter((batch) => !isTransactional(batch));
}

export function transactionalBatches(segment: Buffer): Buffer[] {
  return batchesIn(segment).filter((batch) => isTransactional(batch));
}

const TRANSACTIONAL_OR_CONTROL = 0b11_0000;

function isTransactional(batch: Buffer): boolean {
  return (readBatchHeader(batch, 0).attributes & TRANSACTIONAL_OR_CONTROL) !== 0;
}

/** What a reader of the calls' records is to see, from offset 0 on. */
export function recordsOfCalls(calls: readonly ProduceCall[]): Reading[] {
  return calls
    .flatMap(({ records }) => records)
    .map(({ key, value, headers = [], timestamp = -1 }, offset) => ({
      ...{ offset, timestamp, key, value, headers },
    }));
}
