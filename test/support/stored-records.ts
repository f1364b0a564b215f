/** Batches as the log keeps them, and what a record format makes of them. */
import { FetchBudget } from '../../src/broker/fetch-budget.ts';
import { Inflater } from '../../src/http/inflater.ts';
import { gzipSync } from 'node:zlib';
import { setBatchPlace, setLogAppendTime } from '../../src/codec/batch-header.ts';
import { allChunks, RecordChunks } from '../../src/http/record-chunks.ts';
import type { RecordSpan } from '../../src/http/record-chunks.ts';
import type { RecordFormat } from '../../src/http/record-view.ts';
import { NO_HEADERS } from '../../src/model/record.ts';
import type { Record } from '../../src/model/record.ts';
import { encodedBatch } from './batches.ts';

const HEADER_BYTES = 61;

/** A record whose value is these bytes. */
export function valued(value: Uint8Array | string | null, more: Partial<Record> = {}): Record {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return { key: null, value: bytes, headers: NO_HEADERS, timestamp: 1_000, ...more };
}

interface Stored {
  readonly baseOffset?: number;
  readonly logAppendTimeMs?: number;
  /** As the log keeps it beside the batch: the distance to its flush start. */
  readonly leaderEpoch?: number;
}

/** One batch in its place. */
export function storedBatch(records: readonly Record[], stored: Stored = {}): Buffer {
  const batch = encodedBatch(records);
  const { baseOffset = 0, leaderEpoch = 0, logAppendTimeMs } = stored;
  setBatchPlace(batch, 0, { baseOffset, leaderEpoch });
  if (logAppendTimeMs !== undefined) setLogAppendTime(batch, 0, logAppendTimeMs);
  return batch;
}

/** The same batch with its records compressed; its CRC is left as it was. */
export function gzipped(batch: Buffer): Buffer {
  const records = gzipSync(batch.subarray(HEADER_BYTES));
  const compressed = Buffer.concat([batch.subarray(0, HEADER_BYTES), records]);
  compressed.writeInt32BE(compressed.length - 12, 8);
  compressed.writeInt16BE(compressed.readInt16BE(21) | 1, 21);
  return compressed;
}

/** A batch for each list of values, one behind the other, from offset 0. */
export function storedValues(...batches: readonly (readonly string[])[]): Buffer {
  let baseOffset = 0;
  const stored = batches.map((values) => {
    const batch = storedBatch(
      values.map((value) => valued(value)),
      { baseOffset },
    );
    baseOffset += values.length;
    return batch;
  });
  return Buffer.concat(stored);
}

/** Everything that `format` makes of a span. */
export async function writtenBytes(
  format: RecordFormat,
  span: Partial<RecordSpan> & Pick<RecordSpan, 'batches'>,
): Promise<Buffer> {
  const inflater = new Inflater(new FetchBudget());
  return Buffer.concat(await allChunks(new RecordChunks({ from: 0, inflater, ...span }, format)));
}

/** What `format` makes of one record, as text. */
export async function writtenRecord(format: RecordFormat, record: Record): Promise<string> {
  return (await writtenBytes(format, { batches: storedBatch([record]) })).toString();
}
