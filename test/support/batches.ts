/** Records and encoded batches for tests, and back again. */
import { batchBytesAt } from '../../src/codec/batch-header.ts';
import { recordsOf } from '../../src/codec/batch-reader.ts';
import { BatchWriter } from '../../src/codec/batch-writer.ts';
import type { ProducerSequence } from '../../src/broker/broker.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import type { Record, StoredRecord } from '../../src/model/record.ts';

/** A record whose value is this text; without a key, and with a timestamp of its own if given. */
export function textRecord(value: string, more: Partial<Record> = {}): Record {
  return { key: null, value: Buffer.from(value), headers: NO_HEADERS, timestamp: 0, ...more };
}

/** One batch as a client encodes it: base offset 0. */
export function encodedBatch(records: readonly Record[], producer?: ProducerSequence): Buffer {
  const writer = new BatchWriter(1024);
  writer.begin({ baseOffset: 0, leaderEpoch: 0, producer });
  for (const record of records) writer.add(record);
  writer.end(-1);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}

/** A copy that differs in the lowest bit of one byte. */
export function withFlippedBit(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

/** The batches that stand back to back in `bytes`. */
export function batchesIn(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: Buffer[] = [];
  for (let at = 0; at < buffer.length; at += batchBytesAt(buffer, at)) {
    batches.push(buffer.subarray(at, at + batchBytesAt(buffer, at)));
  }
  return batches;
}

export async function recordsIn(bytes: Uint8Array): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (const batch of batchesIn(bytes)) records.push(...(await recordsOf(batch)));
  return records;
}

export function textsOf(records: readonly Record[]): (string | null)[] {
  return records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
