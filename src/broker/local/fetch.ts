/**
 * Fetch: read, and while there is too little to give, wait and read again. What one reading gives
 * is in fetch-pass.ts, what ends a wait in parked-fetches.ts.
 */
import { MillraceError } from '../../model/errors.ts';
import { MESSAGE_BYTES_DEFAULT } from '../../model/limits.ts';
import type { FetchRequest, FetchResult } from '../broker.ts';
import type { FetchTarget } from './fetch-pass.ts';
import { readOnce } from './fetch-pass.ts';
import type { ParkedFetches } from './parked-fetches.ts';
import type { Partition } from './partition.ts';
import type { ReadsInFlight } from './reads-in-flight.ts';
import type { Topics } from './topics.ts';

export interface FetchMeans {
  readonly parked: ParkedFetches;
  readonly reads: ReadsInFlight;
}

export async function fetchBatches(
  request: FetchRequest,
  targets: readonly FetchTarget[],
  { parked, reads }: FetchMeans,
): Promise<readonly FetchResult[]> {
  const bytes = bytesAsked(request);
  if (request.maxWaitMs <= 0) {
    return (await reads.run(bytes, () => readOnce(targets, request))).results;
  }
  const wait = parked.watch(logsOf(targets), request);
  try {
    for (;;) {
      const pass = await reads.run(bytes, () => {
        wait.mark();
        return readOnce(targets, request);
      });
      if (pass.isEnough || wait.isOver) return pass.results;
      await wait.wait(request.minBytes - pass.bytes);
    }
  } finally {
    wait.end();
  }
}

/** The first batch is read whole, however few bytes were asked for. */
function bytesAsked({ partitions, maxBytes }: FetchRequest): number {
  const asked = partitions.reduce((sum, each) => sum + each.maxBytes, 0);
  return Math.max(Math.min(asked, maxBytes), MESSAGE_BYTES_DEFAULT);
}

/** Looked up once for the whole fetch: a topic made again meanwhile is another one. */
export function fetchTargets(request: FetchRequest, topics: Topics): FetchTarget[] {
  return request.partitions.map((asked) => {
    try {
      return { asked, log: topics.partition(asked.topic, asked.partition) };
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return { asked, error };
    }
  });
}

function logsOf(targets: readonly FetchTarget[]): Partition[] {
  const logs: Partition[] = [];
  for (const { log } of targets) if (log !== undefined) logs.push(log);
  return logs;
}
