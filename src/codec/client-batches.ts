/**
 * The complete check of record batches that a client encoded, before they are stored as they are.
 *
 * What passes can be read by everybody: each batch is whole, of this format, uncorrupted, within
 * the limits, and decodes to exactly the records it announces. Base offset and leader epoch are
 * the server's to set and are not looked at.
 *
 * One field is mended, as Kafka does it: maxTimestamp becomes the largest record timestamp, on
 * which lookups by time depend; clients that are otherwise fine leave it out (older sarama). And
 * two things are let pass that Kafka lets pass: a baseTimestamp that is not the first record's
 * (kafkajs: the smallest), and any producer epoch and sequence where there is no producer id
 * (kafkajs, @platformatic/kafka: 0).
 */
import { MillraceError } from '../model/errors.ts';
import {
  BATCHES_PER_PART_MAX,
  DECOMPRESSED_PART_BYTES_MAX,
  DECOMPRESSED_RECORD_BYTES_MAX,
  HEADERS_PER_RECORD_MAX,
  INFLATE_SYNC_BYTES_MAX,
} from '../model/limits.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import { BATCH_HEADER_BYTES, readBatchHeader, setMaxTimestamp } from './batch-header.ts';
import type { BatchHeader } from './batch-header.ts';
import { checkRecordCount, plainBatch } from './batch-reader.ts';
import { checkClientHeader } from './client-batch-header.ts';
import { corrupt, faultError } from './corrupt.ts';
import type { InflateLine } from './inflate-line.ts';
import { leftOver, RecordCursor } from './record-cursor.ts';

export interface ClientBatchLimits {
  /** `max.message.bytes` of the topic: of one batch as it is stored. */
  readonly maxMessageBytes: number;
  /** Compressed batches wait in it for their turn. */
  readonly line: InflateLine;
}

/**
 * The headers of the batches that fill `bytes` back to back; a promise only when one of them is
 * compressed. May write into `bytes` (see above). Throws or rejects, always with `written: 'no'`
 * and details `{ batch, field, expected, found }`: CORRUPT_MESSAGE, and where the bytes are sound
 * but refused UNSUPPORTED_FOR_MESSAGE_FORMAT, UNSUPPORTED_COMPRESSION_TYPE, MESSAGE_TOO_LARGE,
 * INVALID_RECORD or INVALID_TIMESTAMP; INVALID_REQUEST when there is no batch.
 */
export function checkClientBatches(
  bytes: Buffer,
  limits: ClientBatchLimits,
): readonly BatchHeader[] | Promise<readonly BatchHeader[]> {
  if (bytes.length === 0) {
    const fault = { field: 'batches', expected: 'at least one', found: '0 bytes' };
    throw inBatch(0, faultError('INVALID_REQUEST', fault));
  }
  const headers = checkHeaders(bytes, limits);
  if (headers.some((header) => header.compression !== 'none')) {
    return limits.line.run(() => checkInflated(bytes, headers, limits.line));
  }
  let at = 0;
  return headers.map((header, index) => {
    const batch = bytes.subarray(at, at + header.bytes);
    at += header.bytes;
    return checkRecords({ batch, plain: batch, index, header });
  });
}

function checkHeaders(bytes: Buffer, { maxMessageBytes }: ClientBatchLimits): BatchHeader[] {
  const headers: BatchHeader[] = [];
  try {
    for (let at = 0; at < bytes.length;) {
      if (headers.length === BATCHES_PER_PART_MAX) throw tooManyBatches();
      const header = checkClientHeader(bytes, at, maxMessageBytes);
      headers.push(header);
      at += header.bytes;
    }
  } catch (error) {
    throw inBatch(headers.length, error);
  }
  return headers;
}

function tooManyBatches(): MillraceError {
  const expected = `at most ${BATCHES_PER_PART_MAX}`;
  return faultError('MESSAGE_TOO_LARGE', { field: 'batches', expected, found: 'more' });
}

/** Where batches must be inflated: bounded in sum. */
async function checkInflated(
  bytes: Buffer,
  headers: readonly BatchHeader[],
  line: InflateLine,
): Promise<readonly BatchHeader[]> {
  const checked: BatchHeader[] = [];
  let at = 0;
  let plainBytes = 0;
  for (const [index, header] of headers.entries()) {
    const batch = bytes.subarray(at, at + header.bytes);
    at += header.bytes;
    const plain = await inflated(batch, index, line);
    plainBytes += plain.length;
    if (plainBytes > DECOMPRESSED_PART_BYTES_MAX) {
      const expected = `at most ${DECOMPRESSED_PART_BYTES_MAX} bytes decompressed`;
      const fault = { field: 'all batches', expected, found: `${plainBytes} bytes or more` };
      throw inBatch(index, faultError('MESSAGE_TOO_LARGE', fault));
    }
    checked.push(checkRecords({ batch, plain, index, header }));
  }
  return checked;
}

async function inflated(batch: Buffer, index: number, line: InflateLine): Promise<Buffer> {
  try {
    const plain = await plainBatch(batch);
    await line.rest(plain.length);
    return plain;
  } catch (error) {
    // What fails may do so at its end.
    await line.rest(INFLATE_SYNC_BYTES_MAX);
    throw inBatch(index, error);
  }
}

interface BatchToCheck {
  readonly batch: Buffer;
  /** The same uncompressed. */
  readonly plain: Buffer;
  readonly index: number;
  readonly header: BatchHeader;
}

/** Answers the header, read again when maxTimestamp had to be mended. */
function checkRecords({ batch, plain, index, header }: BatchToCheck): BatchHeader {
  let maxTimestamp: number;
  try {
    maxTimestamp = walkRecords(plain, header);
  } catch (error) {
    throw inBatch(index, error);
  }
  if (header.timestampType === 'LogAppendTime') return header;
  if (maxTimestamp === header.maxTimestamp) return header;
  setMaxTimestamp(batch, 0, maxTimestamp);
  return readBatchHeader(batch, 0);
}

/**
 * Answers the largest record timestamp. Reads varints only and allocates nothing for a record:
 * raw batches must reach the disk's speed (measured: 2 GB/s of 100-byte records, 0.7 of 10-byte).
 */
function walkRecords(plain: Buffer, header: BatchHeader): number {
  const { recordCount, baseTimestamp } = header;
  checkRecordCount(recordCount, plain.length - BATCH_HEADER_BYTES);
  // Uncompressed, max.message.bytes is the bound.
  const bytesMax = header.compression === 'none' ? Infinity : DECOMPRESSED_RECORD_BYTES_MAX;
  const record = new RecordCursor(plain, BATCH_HEADER_BYTES, plain.length);
  let deltaMin = Infinity;
  let deltaMax = -Infinity;
  for (let index = 0; index < recordCount; index++) {
    const left = record.left;
    record.next();
    if (left - record.left > bytesMax) {
      const expected = `at most ${bytesMax} bytes decompressed`;
      const found = `${left - record.left} bytes`;
      throw faultError('MESSAGE_TOO_LARGE', { field: `record ${index}`, expected, found });
    }
    if (record.offsetDelta !== index) {
      const found = String(record.offsetDelta);
      throw corrupt({ field: `record ${index} offsetDelta`, expected: String(index), found });
    }
    if (record.headerCount > HEADERS_PER_RECORD_MAX) {
      const expected = `at most ${HEADERS_PER_RECORD_MAX}`;
      const found = String(record.headerCount);
      throw faultError('INVALID_RECORD', { field: `record ${index} headers`, expected, found });
    }
    if (record.timestampDelta < deltaMin) deltaMin = record.timestampDelta;
    if (record.timestampDelta > deltaMax) deltaMax = record.timestampDelta;
  }
  if (record.left !== 0) throw leftOver('batch', record.left);
  const min = baseTimestamp + deltaMin;
  const max = baseTimestamp + deltaMax;
  if (min >= NO_TIMESTAMP && max <= Number.MAX_SAFE_INTEGER) return max;
  throw faultError('INVALID_TIMESTAMP', {
    field: 'record timestamps',
    expected: '-1 to 2^53 - 1',
    found: `${min} to ${max}`,
  });
}

/** The error of a check that did not know which batch it looked at; anything else as it is. */
function inBatch(batch: number, error: unknown): unknown {
  if (!(error instanceof MillraceError)) return error;
  return new MillraceError(error.code, `batch ${batch}: ${error.message}`, {
    written: 'no',
    details: { batch, ...error.details },
    cause: error.cause,
  });
}
