/**
 * Whether an append is acceptable by the topic's own rules: sizes and timestamps. Pure. Everything
 * is checked before anything is written, so each refusal says `written: 'no'`.
 */
import type { BatchHeader } from '../codec/batch-header.ts';
import { BATCH_HEADER_BYTES } from '../codec/batch-header.ts';
import { batchOfOneBytes, recordBytes } from '../codec/batch-writer.ts';
import { MillraceError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import type { Record } from '../model/record.ts';
import type { TopicConfig } from '../model/topic-config.ts';

/** A record that is refused: its index, the member at fault, and why. */
interface BadRecord {
  readonly record: number;
  readonly field: 'record' | 'timestamp';
  readonly message: string;
}

/** Named in one refusal; more would help nobody. */
const BAD_RECORDS_SHOWN = 10;

/** Varints and lengths around a record's own bytes never take more than this. */
const RECORD_OVERHEAD_AT_MOST = 40;
const HEADER_OVERHEAD_AT_MOST = 10;

/** An upper bound of a record's encoded bytes: cheap, for deciding whether it still fits a batch. */
export function recordBytesAtMost(record: Record): number {
  let bytes = RECORD_OVERHEAD_AT_MOST + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const header of record.headers) {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    bytes += HEADER_OVERHEAD_AT_MOST + 3 * header.key.length + (header.value?.length ?? 0);
  }
  return bytes;
}

/** The same of records as one batch, its header included. */
export function batchBytesAtMost(records: readonly Record[]): number {
  let bytes = BATCH_HEADER_BYTES;
  for (const record of records) bytes += recordBytesAtMost(record);
  return bytes;
}

/** Records to append, measured once for all who ask. */
export interface MeasuredRecords {
  readonly records: readonly Record[];
  /** `batchBytesAtMost` of them. */
  readonly bytesAtMost: number;
}

/** Throws MESSAGE_TOO_LARGE or INVALID_TIMESTAMP, naming up to ten records. */
export function checkRecords(
  { records, bytesAtMost }: MeasuredRecords,
  config: TopicConfig,
  nowMs: number,
): void {
  const mayBeTooLarge = bytesAtMost > config.maxMessageBytes;
  let code: ErrorCode | undefined;
  const bad: BadRecord[] = [];
  for (let index = 0; index < records.length && bad.length < BAD_RECORDS_SHOWN; index += 1) {
    const record = records[index] as Record;
    if (mayBeTooLarge && isTooLarge(record, config.maxMessageBytes)) {
      code ??= 'MESSAGE_TOO_LARGE';
      const message = `takes ${batchOfOneBytes(record)} bytes as a batch of one; max.message.bytes is ${config.maxMessageBytes}`;
      bad.push({ record: index, field: 'record', message });
      continue;
    }
    const fault = timestampFault(record.timestamp, config, nowMs);
    if (fault !== undefined) {
      code ??= 'INVALID_TIMESTAMP';
      bad.push({ record: index, field: 'timestamp', message: fault });
    }
  }
  if (code === undefined) return;
  const first = bad[0] as BadRecord;
  throw new MillraceError(code, `record ${first.record}: ${first.message}`, {
    written: 'no',
    details: { bad_records: bad, ...limits(config, nowMs) },
  });
}

/** The records of an idempotent request stay one batch, which must fit as a whole. */
export function checkSequencedSize(records: readonly Record[], config: TopicConfig): void {
  const { timestamp: first } = records[0] as Record;
  let bytes = BATCH_HEADER_BYTES;
  records.forEach((record, index) => {
    bytes += recordBytes(record, index, record.timestamp - first);
  });
  if (bytes <= config.maxMessageBytes) return;
  throw new MillraceError(
    'MESSAGE_TOO_LARGE',
    `the ${records.length} records of this producer's batch take ${bytes} bytes; max.message.bytes is ${config.maxMessageBytes}`,
    { written: 'no', details: { bytes, max_message_bytes: config.maxMessageBytes } },
  );
}

/** Throws for encoded batches; their inner form was checked by the codec. */
export function checkBatches(
  batches: readonly BatchHeader[],
  config: TopicConfig,
  nowMs: number,
): void {
  batches.forEach((batch, index) => {
    if (batch.bytes > config.maxMessageBytes) {
      throw new MillraceError(
        'MESSAGE_TOO_LARGE',
        `batch ${index} has ${batch.bytes} bytes; max.message.bytes is ${config.maxMessageBytes}`,
        { written: 'no', details: { batch: index, bytes: batch.bytes, ...limits(config, nowMs) } },
      );
    }
    const fault = batchTimestampFault(batch, config, nowMs);
    if (fault !== undefined) {
      throw new MillraceError('INVALID_TIMESTAMP', `batch ${index}: ${fault}`, {
        written: 'no',
        details: { batch: index, ...limits(config, nowMs) },
      });
    }
  });
}

function batchTimestampFault(
  batch: BatchHeader,
  config: TopicConfig,
  nowMs: number,
): string | undefined {
  if (config.timestampType === 'LogAppendTime') return undefined;
  if (batch.timestampType === 'LogAppendTime') {
    return 'its timestamp type is LogAppendTime, which only the server sets';
  }
  return (
    timestampFault(batch.maxTimestamp, config, nowMs) ??
    timestampFault(batch.baseTimestamp, config, nowMs)
  );
}

function isTooLarge(record: Record, maxMessageBytes: number): boolean {
  return (
    BATCH_HEADER_BYTES + recordBytesAtMost(record) > maxMessageBytes &&
    batchOfOneBytes(record) > maxMessageBytes
  );
}

function timestampFault(timestamp: number, config: TopicConfig, nowMs: number): string | undefined {
  if (config.timestampType === 'LogAppendTime' || timestamp === NO_TIMESTAMP) return undefined;
  if (timestamp - nowMs > config.timestampAfterMaxMs) {
    return `timestamp ${timestamp} is ${timestamp - nowMs} ms ahead of the server's clock; message.timestamp.after.max.ms is ${config.timestampAfterMaxMs}`;
  }
  if (nowMs - timestamp > config.timestampBeforeMaxMs) {
    return `timestamp ${timestamp} is ${nowMs - timestamp} ms behind the server's clock; message.timestamp.before.max.ms is ${config.timestampBeforeMaxMs}`;
  }
  return undefined;
}

function limits(config: TopicConfig, nowMs: number): { [name: string]: number } {
  return {
    max_message_bytes: config.maxMessageBytes,
    timestamp_after_max_ms: config.timestampAfterMaxMs,
    timestamp_before_max_ms: config.timestampBeforeMaxMs,
    server_time_ms: nowMs,
  };
}
