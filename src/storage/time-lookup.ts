/** Finds the first record at or above a timestamp: segment, time index, batch, record. */
import assert from 'node:assert/strict';
import { batchBytesAt, lastOffsetAt, maxTimestampAt } from '../codec/batch-header.ts';
import { plainBatch, visitRecords } from '../codec/batch-reader.ts';
import { InflateLine } from '../codec/inflate-line.ts';
import { MillraceError } from '../model/errors.ts';
import type { LogContext } from './log-context.ts';
import type { LogReader } from './log-reader.ts';

/** Read at a time while looking for the batch: a few index intervals. */
const CHUNK_BYTES = 65_536;

/** Of the process: however many look at once, the memory of one inflated batch is in use. */
const LINE = new InflateLine();

export interface TimedOffset {
  readonly offset: number;
  readonly timestamp: number;
}

/**
 * The record with the lowest offset whose timestamp is at or above `timestampMs`, among those
 * still kept; undefined when all are older. Timestamps need not rise with the offsets.
 */
export async function findByTimestamp(
  context: LogContext,
  reader: LogReader,
  timestampMs: number,
): Promise<TimedOffset | undefined> {
  for (;;) {
    const ended = context.status.endedError();
    if (ended !== undefined) throw ended;
    const { logStartOffset } = context.state;
    try {
      return await search(context, reader, timestampMs);
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      // What was being searched has left meanwhile: look again at what is still kept.
      assert(context.state.logStartOffset > logStartOffset);
    }
  }
}

async function search(
  context: LogContext,
  reader: LogReader,
  timestampMs: number,
): Promise<TimedOffset | undefined> {
  const { state } = context;
  for (const segment of state.segments) {
    if (segment.maxTimestamp < timestampMs || segment.endOffset <= state.logStartOffset) continue;
    let offset = await reader.offsetToSearchFrom(segment, timestampMs);
    const { endOffset } = segment;
    while (offset < endOffset) {
      const bytes = await reader.read(offset, CHUNK_BYTES);
      const found = await findInBatches(bytes, timestampMs, state.logStartOffset);
      if (found !== undefined) return found;
      offset = lastOffsetOf(bytes) + 1;
    }
  }
  return undefined;
}

function isOutOfRange(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'OFFSET_OUT_OF_RANGE';
}

async function findInBatches(
  bytes: Buffer,
  timestampMs: number,
  logStartOffset: number,
): Promise<TimedOffset | undefined> {
  for (let at = 0; at < bytes.length; at += batchBytesAt(bytes, at)) {
    if (maxTimestampAt(bytes, at) < timestampMs) continue;
    const batch = bytes.subarray(at, at + batchBytesAt(bytes, at));
    const found = await LINE.run(async () => {
      const plain = await plainBatch(batch);
      await LINE.rest(plain.length);
      return findInBatch(plain, timestampMs, logStartOffset);
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A batch may hold a million records: nothing is made of those that are passed over. */
function findInBatch(
  plain: Buffer,
  timestampMs: number,
  logStartOffset: number,
): TimedOffset | undefined {
  let found: TimedOffset | undefined;
  visitRecords(plain, (offset, timestamp) => {
    if (timestamp < timestampMs || offset < logStartOffset) return true;
    found = { offset, timestamp };
    return false;
  });
  return found;
}

function lastOffsetOf(bytes: Buffer): number {
  let last = -1;
  for (let at = 0; at < bytes.length; at += batchBytesAt(bytes, at)) last = lastOffsetAt(bytes, at);
  return last;
}
