/**
 * The header of a record batch, format v2, exactly Kafka's (DefaultRecordBatch). All numbers are
 * big-endian. The records behind it are drawn in batch-writer.ts.
 *
 *      0  baseOffset            int64   offset of the first record          ┐ not under the CRC:
 *      8  batchLength           int32   bytes behind this field, >= 49      │ a server may set
 *     12  partitionLeaderEpoch  int32                                       │ offset and epoch
 *     16  magic                 int8    2                                   │ in place
 *     17  crc                   uint32  CRC-32C from attributes to the end  ┘
 *     21  attributes            int16   0-2 codec, 3 LogAppendTime, 4 transactional, 5 control,
 *                                       6 has a delete horizon
 *     23  lastOffsetDelta       int32   recordCount - 1 (we never compact)
 *     27  baseTimestamp         int64   of the first record
 *     35  maxTimestamp          int64   the largest, or the append time (bit 3)
 *     43  producerId            int64   -1 = none
 *     51  producerEpoch         int16   -1 = none
 *     53  baseSequence          int32   -1 = none
 *     57  recordCount           int32
 *     61  records
 */
import assert from 'node:assert';
import type { TimestampType } from '../model/topic-config.ts';
import { readInt64, writeInt64 } from './bytes.ts';
import type { Compression } from './compression.ts';
import { corrupt } from './corrupt.ts';
import type { Fault } from './corrupt.ts';
import { crc32c } from './crc32c.ts';

export const BATCH_HEADER_BYTES = 61;
/** `baseOffset` and `batchLength`: what batchLength itself does not count. */
const BATCH_LENGTH_PREFIX_BYTES = 12;
/** The least batchLength: a header without records. */
const BATCH_LENGTH_MIN = BATCH_HEADER_BYTES - BATCH_LENGTH_PREFIX_BYTES;
export const BATCH_MAGIC = 2;

const BATCH_LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;

/** Attribute bits. */
export const COMPRESSION_MASK = 0b111;
export const LOG_APPEND_TIME_BIT = 0b1000;
export const TRANSACTIONAL_BIT = 0b1_0000;
export const CONTROL_BIT = 0b10_0000;

/** By the number in the attributes. */
export const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** A batch header in words. An int64 outside the safe integers is NaN (see `readInt64`). */
export interface BatchHeader {
  readonly baseOffset: number;
  /** Of the whole batch, offset and length fields included. */
  readonly bytes: number;
  readonly leaderEpoch: number;
  readonly crc: number;
  readonly attributes: number;
  readonly compression: Compression;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/** What a header is made of when one is written; lengths and CRC follow from the bytes. */
export interface BatchHeaderFields {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  readonly attributes: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
}

/**
 * Reads the header at `at`; the caller made sure that its 61 bytes are there, and checks what the
 * fields say (`batchFault`). Throws CORRUPT_MESSAGE for a codec number that Kafka does not have.
 */
export function readBatchHeader(buffer: Buffer, at: number): BatchHeader {
  const attributes = attributesAt(buffer, at);
  const compression = COMPRESSIONS[attributes & COMPRESSION_MASK];
  if (compression === undefined) {
    const found = String(attributes & COMPRESSION_MASK);
    throw corrupt({ field: 'attributes (compression codec)', expected: '0 to 4', found });
  }
  return {
    baseOffset: baseOffsetAt(buffer, at),
    bytes: batchBytesAt(buffer, at),
    leaderEpoch: leaderEpochAt(buffer, at),
    crc: buffer.readUInt32BE(at + CRC_AT),
    attributes,
    compression,
    timestampType: (attributes & LOG_APPEND_TIME_BIT) === 0 ? 'CreateTime' : 'LogAppendTime',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffset: lastOffsetAt(buffer, at),
    baseTimestamp: baseTimestampAt(buffer, at),
    maxTimestamp: maxTimestampAt(buffer, at),
    producerId: readInt64(buffer, at + PRODUCER_ID_AT),
    producerEpoch: buffer.readInt16BE(at + PRODUCER_EPOCH_AT),
    baseSequence: buffer.readInt32BE(at + BASE_SEQUENCE_AT),
    recordCount: recordCountAt(buffer, at),
  };
}

/** Writes the header of the batch in `buffer[at, end)`, whose records are in place, and its CRC. */
export function writeBatchHeader(
  buffer: Buffer,
  { at, end }: { readonly at: number; readonly end: number },
  fields: BatchHeaderFields,
): void {
  setBatchPlace(buffer, at, fields);
  buffer.writeInt32BE(end - at - BATCH_LENGTH_PREFIX_BYTES, at + BATCH_LENGTH_AT);
  buffer[at + MAGIC_AT] = BATCH_MAGIC;
  buffer.writeInt16BE(fields.attributes, at + ATTRIBUTES_AT);
  buffer.writeInt32BE(fields.recordCount - 1, at + LAST_OFFSET_DELTA_AT);
  writeInt64(buffer, fields.baseTimestamp, at + BASE_TIMESTAMP_AT);
  writeInt64(buffer, fields.maxTimestamp, at + MAX_TIMESTAMP_AT);
  writeInt64(buffer, fields.producerId, at + PRODUCER_ID_AT);
  buffer.writeInt16BE(fields.producerEpoch, at + PRODUCER_EPOCH_AT);
  buffer.writeInt32BE(fields.baseSequence, at + BASE_SEQUENCE_AT);
  buffer.writeInt32BE(fields.recordCount, at + RECORD_COUNT_AT);
  writeCrc(buffer, at, end);
}

// Single fields, for loops that need no more: nothing is allocated. They trust the bytes.

/** Bytes of the whole batch, as it says itself. */
export function batchBytesAt(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + BATCH_LENGTH_AT) + BATCH_LENGTH_PREFIX_BYTES;
}

export function baseOffsetAt(buffer: Buffer, at: number): number {
  return readInt64(buffer, at);
}

export function lastOffsetAt(buffer: Buffer, at: number): number {
  return readInt64(buffer, at) + buffer.readInt32BE(at + LAST_OFFSET_DELTA_AT);
}

export function leaderEpochAt(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + LEADER_EPOCH_AT);
}

export function magicAt(buffer: Buffer, at: number): number {
  return buffer.readInt8(at + MAGIC_AT);
}

export function attributesAt(buffer: Buffer, at: number): number {
  return buffer.readInt16BE(at + ATTRIBUTES_AT);
}

export function baseTimestampAt(buffer: Buffer, at: number): number {
  return readInt64(buffer, at + BASE_TIMESTAMP_AT);
}

export function maxTimestampAt(buffer: Buffer, at: number): number {
  return readInt64(buffer, at + MAX_TIMESTAMP_AT);
}

export function recordCountAt(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + RECORD_COUNT_AT);
}

/** Sets the two fields that are the server's and lie outside the CRC. */
export function setBatchPlace(
  buffer: Buffer,
  at: number,
  { baseOffset, leaderEpoch }: { readonly baseOffset: number; readonly leaderEpoch: number },
): void {
  assert(baseOffset >= 0 && leaderEpoch >= 0);
  writeInt64(buffer, baseOffset, at);
  buffer.writeInt32BE(leaderEpoch, at + LEADER_EPOCH_AT);
}

/** Makes a whole, checked batch one of LogAppendTime: its records stay, its CRC is new. */
export function setLogAppendTime(buffer: Buffer, at: number, timeMs: number): void {
  buffer.writeInt16BE(attributesAt(buffer, at) | LOG_APPEND_TIME_BIT, at + ATTRIBUTES_AT);
  setMaxTimestamp(buffer, at, timeMs);
}

/** Sets the largest timestamp of a whole, checked batch; its CRC is new. */
export function setMaxTimestamp(buffer: Buffer, at: number, timeMs: number): void {
  writeInt64(buffer, timeMs, at + MAX_TIMESTAMP_AT);
  writeCrc(buffer, at, at + batchBytesAt(buffer, at));
}

/**
 * Makes the header copied to the start of `batch` say that its records, now replaced by inflated
 * ones, are not compressed. The CRC stays that of the stored batch.
 */
export function setPlainRecords(batch: Buffer): void {
  batch.writeInt32BE(batch.length - BATCH_LENGTH_PREFIX_BYTES, BATCH_LENGTH_AT);
  batch.writeInt16BE(attributesAt(batch, 0) & ~COMPRESSION_MASK, ATTRIBUTES_AT);
}

function writeCrc(buffer: Buffer, at: number, end: number): void {
  buffer.writeUInt32BE(crc32c(buffer.subarray(at + ATTRIBUTES_AT, end)), at + CRC_AT);
}

export type BatchFault = Fault;

/**
 * The first thing wrong with the batch at `at` of bytes that end at `end`, or undefined when it is
 * whole and is what was written. The CRC leaves out the first 21 bytes, so what can be known of
 * them is checked by itself; a changed base offset or epoch the caller sees by
 * comparing with those it expects. Looks at no byte past `end`, allocates next to nothing, ends
 * after one pass.
 */
export function batchFault(buffer: Buffer, at: number, end: number): BatchFault | undefined {
  const bad = batchLengthFault(buffer, at, end);
  if (bad !== undefined) return bad;
  const magic = magicAt(buffer, at);
  if (magic !== BATCH_MAGIC) return fault('magic', BATCH_MAGIC, magic);
  if (!(baseOffsetAt(buffer, at) >= 0)) {
    return fault('baseOffset', '0 to 2^53 - 1', buffer.readBigInt64BE(at));
  }
  const count = recordCountFault(buffer, at);
  if (count !== undefined) return count;
  const leaderEpoch = leaderEpochAt(buffer, at);
  if (leaderEpoch < 0) return fault('partitionLeaderEpoch', 'at least 0', leaderEpoch);
  return crcFault(buffer, at);
}

/** Whether a header, and then the whole batch, fits before `end`. */
export function batchLengthFault(buffer: Buffer, at: number, end: number): BatchFault | undefined {
  const left = end - at;
  if (left < BATCH_HEADER_BYTES) {
    return fault('batch header', `${BATCH_HEADER_BYTES} bytes`, `${left} bytes to the end`);
  }
  const batchLength = buffer.readInt32BE(at + BATCH_LENGTH_AT);
  const max = left - BATCH_LENGTH_PREFIX_BYTES;
  if (batchLength >= BATCH_LENGTH_MIN && batchLength <= max) return undefined;
  return fault('batchLength', `${BATCH_LENGTH_MIN} to ${max} bytes`, batchLength);
}

/** Whether there is a record, and the last offset follows from the count. */
export function recordCountFault(buffer: Buffer, at: number): BatchFault | undefined {
  const recordCount = recordCountAt(buffer, at);
  if (recordCount < 1) return fault('recordCount', 'at least 1', recordCount);
  const lastOffsetDelta = buffer.readInt32BE(at + LAST_OFFSET_DELTA_AT);
  if (lastOffsetDelta === recordCount - 1) return undefined;
  return fault('lastOffsetDelta', `recordCount - 1 = ${recordCount - 1}`, lastOffsetDelta);
}

/** Whether the bytes of a batch of checked length are those the CRC was made of. */
export function crcFault(buffer: Buffer, at: number): BatchFault | undefined {
  const stored = buffer.readUInt32BE(at + CRC_AT);
  const computed = crc32c(buffer.subarray(at + ATTRIBUTES_AT, at + batchBytesAt(buffer, at)));
  if (stored === computed) return undefined;
  return fault('crc', `${hex(stored)} (stored)`, `${hex(computed)} (computed)`);
}

function fault(field: string, expected: string | number, found: number | bigint | string): Fault {
  return { field, expected: String(expected), found: String(found) };
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`;
}
