/**
 * Reads once what a fetch asks for, and judges whether that is worth answering or waiting would
 * bring more. It never waits for records itself.
 */
import { batchBytesAt, lastOffsetAt } from '../../codec/batch-header.ts';
import { MillraceError } from '../../model/errors.ts';
import type { FetchPartition, FetchRequest, FetchResult } from '../broker.ts';
import { partitionOffline } from './partition.ts';
import type { Partition } from './partition.ts';

/** A partition asked for, and its log or why there is none. Looked up once: names may be reused. */
export type FetchTarget =
  | { readonly asked: FetchPartition; readonly log: Partition; readonly error?: undefined }
  | { readonly asked: FetchPartition; readonly log?: undefined; readonly error: MillraceError };

export interface FetchPass {
  readonly results: readonly FetchResult[];
  /** Of all batches in it. */
  readonly bytes: number;
  /** An answer as it is: waiting is not needed, or would not make it longer. */
  readonly isEnough: boolean;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Partitions in the order asked. A partition's first batch may exceed its own `maxBytes`; only the
 * very first batch of the answer may exceed the request's (KIP-74).
 */
export async function readOnce(
  targets: readonly FetchTarget[],
  { maxBytes, minBytes }: Pick<FetchRequest, 'maxBytes' | 'minBytes'>,
): Promise<FetchPass> {
  const results: FetchResult[] = [];
  let bytes = 0;
  let hasError = false;
  let isCut = false;
  for (const { asked, log, error } of targets) {
    if (log === undefined) {
      hasError = true;
      results.push(failed(asked, undefined, error));
      continue;
    }
    const left = maxBytes - bytes;
    const end = log.highWatermark;
    try {
      let batches = NOTHING;
      // Nothing below the end: a repair has left a gap up to it, and more comes only behind.
      let isInLastGap = false;
      if (bytes === 0 || left > 0) {
        const read = log.read(asked.offset, Math.min(asked.maxBytes, left));
        batches = read instanceof Promise ? await read : read;
        // No more will come; to look like the end of a healthy partition would be a lie.
        if (batches.length === 0 && log.state === 'offline') throw partitionOffline(log.reason);
        isInLastGap = batches.length === 0;
      }
      if (bytes > 0 && batches.length > left) batches = NOTHING;
      bytes += batches.length;
      // The walk over the batches is for those who may have to wait.
      isCut ||= !isInLastGap && bytes < minBytes && endOf(batches, asked.offset) < end;
      results.push(succeeded(asked, log, batches));
    } catch (cause) {
      if (!(cause instanceof MillraceError)) throw cause;
      hasError = true;
      results.push(failed(asked, log, cause));
    }
  }
  return { results, bytes, isEnough: hasError || isCut || bytes >= minBytes };
}

function succeeded(asked: FetchPartition, log: Partition, batches: Uint8Array): FetchResult {
  return {
    topic: asked.topic,
    partition: asked.partition,
    logStartOffset: log.logStartOffset,
    highWatermark: log.highWatermark,
    batches,
    error: undefined,
  };
}

function failed(
  asked: FetchPartition,
  log: Partition | undefined,
  error: MillraceError,
): FetchResult {
  return {
    topic: asked.topic,
    partition: asked.partition,
    logStartOffset: log?.logStartOffset ?? -1,
    highWatermark: log?.highWatermark ?? -1,
    batches: NOTHING,
    error,
  };
}

/** The offset behind the last of these batches; `offset` itself when there is none. */
function endOf(batches: Buffer, offset: number): number {
  let end = offset;
  for (let at = 0; at < batches.length; at += batchBytesAt(batches, at)) {
    end = lastOffsetAt(batches, at) + 1;
  }
  return end;
}
