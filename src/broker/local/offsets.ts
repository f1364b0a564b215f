/** Where a partition begins and ends, what a timestamp leads to, and how its beginning is moved. */
import { MillraceError } from '../../model/errors.ts';
import type { OffsetAnswer, OffsetQuery } from '../broker.ts';
import type { Partition } from './partition.ts';

export async function offsetOf(log: Partition, at: OffsetQuery): Promise<OffsetAnswer> {
  // Of one that is not open nothing is known: its readers must not be sent to offset 0.
  if (log.segmentCount === 0) await log.read(0, 1);
  if (at === 'earliest') return { offset: log.logStartOffset, timestamp: -1 };
  if (at === 'latest') return { offset: log.highWatermark, timestamp: -1 };
  if (at === 'largest-timestamp') {
    const largest = await log.offsetForTimestamp(log.largestTimestamp);
    return largest ?? { offset: -1, timestamp: -1 };
  }
  const found = await log.offsetForTimestamp(at.timestamp);
  return found ?? { offset: log.highWatermark, timestamp: -1 };
}

/** `beforeOffset` -1 is the high watermark; other negative numbers name nothing. */
export async function deleteRecordsOf(log: Partition, beforeOffset: number): Promise<number> {
  if (beforeOffset >= -1) return log.deleteRecords(beforeOffset);
  const { highWatermark } = log;
  throw new MillraceError(
    'OFFSET_OUT_OF_RANGE',
    `records before offset ${beforeOffset} cannot be deleted: offsets begin at 0`,
    { details: { offset: beforeOffset, high_watermark: highWatermark } },
  );
}
