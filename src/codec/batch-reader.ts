/**
 * Reads record batches v2. Every declared length and count is checked against the bytes that are
 * there before it is used; what disagrees is CORRUPT_MESSAGE with field, expected and found. Keys
 * and values are views of the batch, never copies.
 *
 * It takes whole batches that passed `batchFault` (or came from our own log) and does not check
 * the CRC again.
 */
import assert from 'node:assert';
import { NO_HEADERS, NO_TIMESTAMP } from '../model/record.ts';
import type { RecordHeader, StoredRecord } from '../model/record.ts';
import {
  attributesAt,
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  baseTimestampAt,
  batchBytesAt,
  batchLengthFault,
  COMPRESSION_MASK,
  LOG_APPEND_TIME_BIT,
  maxTimestampAt,
  readBatchHeader,
  recordCountAt,
  setPlainRecords,
} from './batch-header.ts';
import { inflate } from './compression.ts';
import { corrupt } from './corrupt.ts';
import { leftOver, RECORD_BYTES_MIN, RecordCursor } from './record-cursor.ts';
import { VarintCursor } from './varint.ts';

/**
 * Called for each record with positions in `bytes`: key and value are `[start, end)`, both -1 for
 * null; `headersStart` and `headerCount` are for `readHeaders`. Answer `false` to end the walk.
 */
export type RecordVisitor = (
  offset: number,
  timestamp: number,
  bytes: Buffer,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
  headersStart: number,
  headerCount: number,
) => boolean | void;

/** The records of exactly one whole batch; a promise only when it is compressed and large. */
export function recordsOf(batch: Buffer): StoredRecord[] | Promise<StoredRecord[]> {
  const plain = plainBatch(batch);
  return plain instanceof Promise ? plain.then(plainRecordsOf) : plainRecordsOf(plain);
}

function plainRecordsOf(batch: Buffer): StoredRecord[] {
  const records: StoredRecord[] = [];
  visitRecords(
    batch,
    (offset, timestamp, bytes, keyStart, keyEnd, valueStart, valueEnd, headersStart, headers) => {
      records.push({
        offset,
        timestamp,
        key: keyStart === -1 ? null : bytes.subarray(keyStart, keyEnd),
        value: valueStart === -1 ? null : bytes.subarray(valueStart, valueEnd),
        headers: readHeaders(bytes, headersStart, headers),
      });
    },
  );
  return records;
}

/**
 * The same batch uncompressed: itself when it is, else a new one that differs in its records, its
 * length and the codec. A new one has no valid CRC: it is for reading here and is never sent. A
 * promise only when much must be inflated.
 */
export function plainBatch(batch: Buffer): Buffer | Promise<Buffer> {
  if ((attributesAt(batch, 0) & COMPRESSION_MASK) === 0) return batch;
  const { compression } = readBatchHeader(batch, 0);
  const records = inflate(compression, batch.subarray(BATCH_HEADER_BYTES));
  if (records instanceof Promise) return records.then((later) => withRecords(batch, later));
  return withRecords(batch, records);
}

function withRecords(batch: Buffer, records: Buffer): Buffer {
  const plain = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + records.length);
  batch.copy(plain, 0, 0, BATCH_HEADER_BYTES);
  records.copy(plain, BATCH_HEADER_BYTES);
  setPlainRecords(plain);
  return plain;
}

/**
 * Walks over the records of one whole uncompressed batch (see `plainBatch`) without making an
 * object for any of them. A LogAppendTime batch shows its maxTimestamp for each record. Throws
 * CORRUPT_MESSAGE at the first record that does not fit, after having visited those before it.
 */
export function visitRecords(batch: Buffer, visit: RecordVisitor): void {
  const isWhole = batch.length >= BATCH_HEADER_BYTES && batchBytesAt(batch, 0) === batch.length;
  assert(isWhole, 'not exactly one whole batch');
  const attributes = attributesAt(batch, 0);
  assert((attributes & COMPRESSION_MASK) === 0, 'the batch is still compressed');
  const baseOffset = baseOffsetAt(batch, 0);
  const baseTimestamp = baseTimestampAt(batch, 0);
  const isCreateTime = (attributes & LOG_APPEND_TIME_BIT) === 0;
  const appendTime = isCreateTime ? NO_TIMESTAMP : maxTimestampAt(batch, 0);
  if (Number.isNaN(baseOffset + baseTimestamp + appendTime)) {
    const field = 'baseOffset, baseTimestamp or maxTimestamp';
    throw corrupt({ field, expected: 'within +-(2^53 - 1)', found: 'outside' });
  }
  const recordCount = recordCountAt(batch, 0);
  checkRecordCount(recordCount, batch.length - BATCH_HEADER_BYTES);
  const record = new RecordCursor(batch, BATCH_HEADER_BYTES, batch.length);
  for (let index = 0; index < recordCount; index++) {
    record.next();
    const goOn = visit(
      baseOffset + record.offsetDelta,
      isCreateTime ? baseTimestamp + record.timestampDelta : appendTime,
      batch,
      record.keyStart,
      record.keyEnd,
      record.valueStart,
      record.valueEnd,
      record.headersStart,
      record.headerCount,
    );
    if (goOn === false) return;
  }
  if (record.left !== 0) throw leftOver('batch', record.left);
}

/** That so many records can stand in so many bytes; nothing is ever allocated for a mere count. */
export function checkRecordCount(recordCount: number, bytes: number): void {
  const max = Math.floor(bytes / RECORD_BYTES_MIN);
  if (recordCount >= 1 && recordCount <= max) return;
  const expected = `1 to ${max}, for ${bytes} bytes`;
  throw corrupt({ field: 'recordCount', expected, found: String(recordCount) });
}

/** The headers a visitor was shown. Values are views. Like Kafka it mends broken UTF-8 in keys. */
export function readHeaders(bytes: Buffer, start: number, count: number): readonly RecordHeader[] {
  if (count === 0) return NO_HEADERS;
  const cursor = new VarintCursor(bytes, start, bytes.length);
  const headers: RecordHeader[] = [];
  for (let index = 0; index < count; index++) {
    const keyBytes = cursor.varint('header key length');
    const keyStart = cursor.skip(keyBytes, 'header key length');
    const key = bytes.toString('utf8', keyStart, cursor.at);
    const valueBytes = cursor.varint('header value length');
    const valueStart = valueBytes === -1 ? -1 : cursor.skip(valueBytes, 'header value length');
    headers.push({ key, value: valueBytes === -1 ? null : bytes.subarray(valueStart, cursor.at) });
  }
  return headers;
}

/**
 * Where the batch at `start` of bytes that hold whole batches back to back ends, and the next one
 * begins. Only its length is looked at; one that does not fit is CORRUPT_MESSAGE.
 */
export function batchEndAt(bytes: Buffer, start: number): number {
  const fault = batchLengthFault(bytes, start, bytes.length);
  if (fault !== undefined) throw corrupt(fault);
  return start + batchBytesAt(bytes, start);
}
