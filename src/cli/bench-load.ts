/**
 * The writing half of a load: so many connections, each sending its next request when the last was
 * answered. What went wrong is counted, and the load goes on: a server that is killed and started
 * again in the middle of it is a fine thing to measure.
 */
import type { LoadProducer } from '../client/client.ts';
import { ServerError, UnreachableError } from '../client/server-error.ts';
import type { BenchCheck, Outcome } from './bench-check.ts';
import { recordJson } from './bench-records.ts';
import type { CliIo } from './io.ts';
import type { Latencies } from './latencies.ts';
import { Progress } from './progress.ts';

export interface LoadShape {
  readonly connections: number;
  /** Records a request. */
  readonly batch: number;
  readonly recordBytes: number;
  /** Different keys; 0: records have none. */
  readonly keys: number;
  /** Records in all; Infinity: until the time is over. */
  readonly records: number;
  readonly durationMs: number;
}

export interface LoadMeans {
  readonly io: CliIo;
  readonly producer: LoadProducer;
  readonly run: string;
  readonly check: BenchCheck;
}

export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  /** Message of a failure -> how often. */
  readonly failures: ReadonlyMap<string, number>;
}

/** After a failure a connection waits: a server that is gone is not helped by being asked at once. */
const PAUSE_MS = 100;
/** A load of which nothing but this has come is no load. */
const FAILURES_WITHOUT_SUCCESS_MAX = 50;

export async function writeLoad(
  shape: LoadShape,
  means: LoadMeans,
  latencies: Latencies,
): Promise<LoadResult> {
  const { io, check } = means;
  const progress = new Progress(io, 1000);
  const beganMs = io.now();
  const failures = new Map<string, number>();
  let failureCount = 0;
  let begun = 0;
  const isOver = (): boolean =>
    io.interrupted.aborted || begun >= shape.records || io.now() - beganMs >= shape.durationMs;
  const write = async (writer: number): Promise<void> => {
    for (let sequence = 0; !isOver();) {
      const count = Math.min(shape.batch, shape.records - begun);
      begun += count;
      const sentMs = io.now();
      try {
        await means.producer.send(requestOf(means.run, shape, { writer, sequence, sentMs, count }));
        latencies.add(io.now() - sentMs);
        check.told(writer, count, 'acknowledged');
      } catch (error) {
        check.told(writer, count, outcomeOf(error));
        const { message } = error as Error;
        failures.set(message, (failures.get(message) ?? 0) + 1);
        failureCount += 1;
        if (latencies.count === 0 && failureCount >= FAILURES_WITHOUT_SUCCESS_MAX) throw error;
        await io.pause(PAUSE_MS);
      }
      sequence += count;
      progress.update(check.acknowledged, doneOf(shape, begun, io.now() - beganMs));
    }
  };
  await Promise.all(Array.from({ length: shape.connections }, (_, writer) => write(writer)));
  progress.clear();
  return { requests: latencies.count, elapsedMs: io.now() - beganMs, failures };
}

/** How much of the whole is done, in thousandths. */
function doneOf({ records, durationMs }: LoadShape, begun: number, elapsedMs: number): number {
  return 1000 * Math.max(begun / records, elapsedMs / durationMs);
}

function requestOf(
  run: string,
  { keys, recordBytes }: LoadShape,
  given: { writer: number; sequence: number; sentMs: number; count: number },
): string {
  const { writer, sentMs, count } = given;
  let json = '';
  for (let each = 0; each < count; each += 1) {
    const sequence = given.sequence + each;
    // Writers begin at keys of their own, else the first would be sent to by all at once.
    const key = keys === 0 ? undefined : `key-${(sequence + writer) % keys}`;
    if (each > 0) json += ',';
    json += recordJson(run, { writer, sequence, sentMs }, { bytes: recordBytes, key });
  }
  return json;
}

/** Rethrows what is no answer of a server's. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof ServerError) return error.written === 'no' ? 'refused' : 'unknown';
  if (error instanceof UnreachableError) return error.mayHaveArrived ? 'unknown' : 'refused';
  throw error;
}
