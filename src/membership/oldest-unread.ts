/** When the record at an offset was written: the one thing about a lag that must be read. */
import assert from 'node:assert';
import { batchEndAt, plainBatch, visitRecords } from '../codec/batch-reader.ts';
import { InflateLine } from '../codec/inflate-line.ts';
import type { ErrorCode, MillraceError } from '../model/errors.ts';
import { NO_TIMESTAMP } from '../model/record.ts';
import type { GroupBroker } from './group-broker.ts';

export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Of the process: however many lags are asked for, the memory of one inflated batch is in use. */
const LINE = new InflateLine();

/** Met when a partition fails, is trimmed or deleted while it is looked at. */
const PASSING: readonly ErrorCode[] = [
  'KAFKA_STORAGE_ERROR',
  'OFFSET_OUT_OF_RANGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
];

/**
 * The timestamp of the first record at or behind the place. undefined when there is none to be
 * had: nothing is there, the partition cannot be read, or the record has no timestamp.
 */
export async function timestampAt(
  broker: Pick<GroupBroker, 'fetch'>,
  { topic, partition, offset }: RecordPlace,
): Promise<number | undefined> {
  // The first batch is given whatever its size: this asks for that one and no other.
  const [result] = await broker.fetch({
    partitions: [{ topic, partition, offset, maxBytes: 1 }],
    minBytes: 0,
    maxBytes: 1,
    maxWaitMs: 0,
  });
  assert(result !== undefined, 'a fetch answers for each partition');
  if (result.error !== undefined && !isPassing(result.error)) throw result.error;
  const { buffer, byteOffset, byteLength } = result.batches;
  if (result.error !== undefined || byteLength === 0) return undefined;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const batch = bytes.subarray(0, batchEndAt(bytes, 0));
  const found = await LINE.run(async () => {
    const plain = await plainBatch(batch);
    await LINE.rest(plain.length);
    return firstTimestamp(plain, offset);
  });
  return found === NO_TIMESTAMP ? undefined : found;
}

function firstTimestamp(plain: Buffer, from: number): number {
  let found = NO_TIMESTAMP;
  visitRecords(plain, (offset, timestamp) => {
    if (offset < from) return true;
    found = timestamp;
    return false;
  });
  return found;
}

function isPassing({ code }: MillraceError): boolean {
  return PASSING.includes(code);
}
