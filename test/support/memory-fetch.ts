/** One look of a fetch at logs in memory: what there is to give, and whether that is enough. */
import type { FetchPartition, FetchRequest, FetchResult } from '../../src/broker/broker.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { MemoryLog } from './memory-log.ts';

export interface MemoryFetch {
  readonly results: readonly FetchResult[];
  /** Enough bytes, an error to tell, or an answer that waiting would not make longer. */
  readonly isEnough: boolean;
}

export type FindLog = (asked: FetchPartition) => MemoryLog;

/** Only the very first batch of the answer may exceed the request's `maxBytes`. */
export function fetchFromMemory(request: FetchRequest, find: FindLog): MemoryFetch {
  let left = request.maxBytes;
  let total = 0;
  let isEnough = false;
  const results = request.partitions.map((asked): FetchResult => {
    const { topic, partition, offset, maxBytes } = asked;
    let bounds = { logStartOffset: -1, highWatermark: -1 };
    let batches: Uint8Array = new Uint8Array(0);
    try {
      const log = find(asked);
      bounds = { logStartOffset: log.logStartOffset, highWatermark: log.endOffset };
      const bytes = log.read(offset, Math.min(maxBytes, left));
      if (total === 0 || bytes.length <= left) batches = bytes;
      total += batches.length;
      left -= batches.length;
      if (batches.length < log.bytesFrom(offset)) isEnough = true;
      return { topic, partition, ...bounds, batches, error: undefined };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      isEnough = true;
      return { topic, partition, ...bounds, batches, error };
    }
  });
  return { results, isEnough: isEnough || total >= request.minBytes };
}
