/**
 * Fetch: read, and while there is too little to give, wait and read again. What one reading gives
 * is in fetch-pass.ts, what ends a wait in parked-fetches.ts.
 */
import { MillraceError } from '../../model/errors.ts';
import type { FetchRequest, FetchResult } from '../broker.ts';
import type { FetchTarget } from './fetch-pass.ts';
import { readOnce } from './fetch-pass.ts';
import type { ParkedFetches } from './parked-fetches.ts';
import type { Partition } from './partition.ts';
import type { Topics } from './topics.ts';

export async function fetchBatches(
  request: FetchRequest,
  targets: readonly FetchTarget[],
  parked: ParkedFetches,
): Promise<readonly FetchResult[]> {
  if (request.maxWaitMs <= 0) return (await readOnce(targets, request)).results;
  const wait = parked.watch(logsOf(targets), request);
  try {
    for (;;) {
      wait.mark();
      const pass = await readOnce(targets, request);
      if (pass.isEnough || wait.isOver) return pass.results;
      await wait.wait(request.minBytes - pass.bytes);
    }
  } finally {
    wait.end();
  }
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
