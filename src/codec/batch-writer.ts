/**
 * Writes record batches v2, uncompressed, back to back into one growing buffer. The header is
 * drawn in batch-header.ts; behind it stand the records, each:
 *
 *     length          varint   bytes behind this field
 *     attributes      int8     0
 *     timestampDelta  varlong  from the batch's baseTimestamp; negative when time went back
 *     offsetDelta     varint   0, 1, 2 ...
 *     key             varint length, bytes; -1 = null
 *     value           varint length, bytes; -1 = null
 *     headers         varint count, then for each: key (varint length, UTF-8), value (as above)
 *
 * Every produced record passes through `add`, so it allocates nothing and takes short cuts where
 * varints are one byte. It promises exact sizes, not that they are allowed: the caller checks.
 */
import assert from 'node:assert';
import { NO_TIMESTAMP } from '../model/record.ts';
import type { Record, RecordHeader } from '../model/record.ts';
import { BATCH_HEADER_BYTES, LOG_APPEND_TIME_BIT, writeBatchHeader } from './batch-header.ts';
import { varintBytes, writeVarint } from './varint.ts';

/** Where a batch goes and, for an idempotent producer, whose it is. */
export interface BatchPlace {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  readonly producer?:
    | {
        readonly producerId: number;
        readonly producerEpoch: number;
        readonly baseSequence: number;
      }
    | undefined;
}

/** A burst may leave the buffer this many times its initial size; larger ones are let go. */
const KEPT_FACTOR = 8;

const NO_PRODUCER = { producerId: -1, producerEpoch: -1, baseSequence: -1 };

export class BatchWriter {
  /** The backing store; bytes up to `length` are batches. `add` may replace it by a larger one. */
  buffer: Buffer;
  /** Bytes of all batches: sealed, and the open one as far as it is written. */
  length = 0;

  readonly #initialBytes: number;
  #place: BatchPlace | undefined;
  #start = 0;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(initialBytes: number) {
    assert(Number.isSafeInteger(initialBytes) && initialBytes >= BATCH_HEADER_BYTES);
    this.#initialBytes = initialBytes;
    this.buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  get isOpen(): boolean {
    return this.#place !== undefined;
  }

  /** Bytes of the open batch, its header included. */
  get openBytes(): number {
    assert(this.isOpen);
    return this.length - this.#start;
  }

  /** Records of the open batch. */
  get openCount(): number {
    assert(this.isOpen);
    return this.#count;
  }

  /** Opens a batch behind the last one. */
  begin(place: BatchPlace): void {
    assert(!this.isOpen, 'the last batch is not sealed');
    this.#place = place;
    this.#start = this.length;
    this.#count = 0;
    this.#reserve(BATCH_HEADER_BYTES);
    this.length += BATCH_HEADER_BYTES;
  }

  /** Copies a record into the open batch. */
  add(record: Record): void {
    assert(this.#place !== undefined, 'no batch is open');
    const { timestamp, key, value, headers } = record;
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp;
      this.#maxTimestamp = timestamp;
    } else if (timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = timestamp;
    }
    const timestampDelta = timestamp - this.#baseTimestamp;
    const offsetDelta = this.#count++;
    const bytes = bodyBytes(record, offsetDelta, timestampDelta);
    // 5: the longest length prefix.
    this.#reserve(bytes + 5);
    const buffer = this.buffer;
    let at = writeVarint(buffer, bytes, this.length);
    buffer[at++] = 0;
    at = writeVarint(buffer, timestampDelta, at);
    at = writeVarint(buffer, offsetDelta, at);
    at = writeBytes(buffer, key, at);
    at = writeBytes(buffer, value, at);
    at = headers.length === 0 ? writeVarint(buffer, 0, at) : writeHeaders(buffer, headers, at);
    this.length = at;
  }

  /**
   * Seals the open batch, which must have a record. `logAppendTimeMs` -1 keeps the records' own
   * timestamps (CreateTime); any other makes it a LogAppendTime batch.
   */
  end(logAppendTimeMs: number): void {
    const place = this.#place;
    assert(place !== undefined && this.#count > 0, 'no open batch with a record in it');
    const isCreateTime = logAppendTimeMs === NO_TIMESTAMP;
    const { producerId, producerEpoch, baseSequence } = place.producer ?? NO_PRODUCER;
    writeBatchHeader(
      this.buffer,
      { at: this.#start, end: this.length },
      {
        baseOffset: place.baseOffset,
        leaderEpoch: place.leaderEpoch,
        attributes: isCreateTime ? 0 : LOG_APPEND_TIME_BIT,
        baseTimestamp: this.#baseTimestamp,
        maxTimestamp: isCreateTime ? this.#maxTimestamp : logAppendTimeMs,
        producerId,
        producerEpoch,
        baseSequence,
        recordCount: this.#count,
      },
    );
    this.#place = undefined;
  }

  /** Forgets all batches. The buffer is used again, so nobody may still be reading it. */
  reset(): void {
    this.length = 0;
    this.#place = undefined;
    if (this.buffer.length > this.#initialBytes * KEPT_FACTOR) {
      this.buffer = Buffer.allocUnsafeSlow(this.#initialBytes);
    }
  }

  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

/** Exact bytes of a record in a batch, its length prefix included. */
export function recordBytes(record: Record, offsetDelta: number, timestampDelta: number): number {
  const bytes = bodyBytes(record, offsetDelta, timestampDelta);
  return varintBytes(bytes) + bytes;
}

/** Exact bytes of a batch that holds this record alone: what `max.message.bytes` is compared with. */
export function batchOfOneBytes(record: Record): number {
  return BATCH_HEADER_BYTES + recordBytes(record, 0, 0);
}

function bodyBytes(record: Record, offsetDelta: number, timestampDelta: number): number {
  const { key, value, headers } = record;
  let bytes = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta);
  bytes += key === null ? 1 : varintBytes(key.length) + key.length;
  bytes += value === null ? 1 : varintBytes(value.length) + value.length;
  if (headers.length === 0) return bytes + 1;
  bytes += varintBytes(headers.length);
  for (const header of headers) {
    const keyBytes = Buffer.byteLength(header.key);
    bytes += varintBytes(keyBytes) + keyBytes;
    const valueBytes = header.value === null ? 0 : header.value.length;
    bytes += header.value === null ? 1 : varintBytes(valueBytes) + valueBytes;
  }
  return bytes;
}

function writeBytes(buffer: Buffer, bytes: Uint8Array | null, at: number): number {
  if (bytes === null) return writeVarint(buffer, -1, at);
  at = writeVarint(buffer, bytes.length, at);
  // Measured: a loop over the bytes is no faster even for four of them, and slower from eight on.
  buffer.set(bytes, at);
  return at + bytes.length;
}

function writeHeaders(buffer: Buffer, headers: readonly RecordHeader[], at: number): number {
  at = writeVarint(buffer, headers.length, at);
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key);
    at = writeVarint(buffer, keyBytes, at);
    at += buffer.write(key, at, keyBytes);
    at = writeBytes(buffer, value, at);
  }
  return at;
}
