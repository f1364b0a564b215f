/**
 * One read of one partition, from wherever the caller says: what pages and the beginnings of
 * streams are made of.
 */
import type { Broker, FetchResult } from '../broker/broker.ts';
import type { MillraceError } from '../model/errors.ts';
import type { StartOffset } from './fetch-offset.ts';
import { isRelative, resolveStartOffset } from './fetch-offset.ts';

export interface PageRequest {
  readonly topic: string;
  readonly partition: number;
  readonly start: StartOffset;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Page {
  /** Where the read began; the first batch may begin below it. */
  readonly offset: number;
  readonly batches: Uint8Array;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/** Between looking up the log start and reading from it, retention may move it. */
const ATTEMPTS_MAX = 3;

/** Rejects with what stands in the partition's result, OFFSET_OUT_OF_RANGE with both bounds too. */
export async function readPage(broker: Broker, request: PageRequest): Promise<Page> {
  const { topic, partition, start, bytesMin: minBytes, bytesMax: maxBytes, signal } = request;
  for (let attempt = 1; ; attempt++) {
    const offset = await resolveStartOffset(broker, request, start);
    const results = await broker.fetch({
      partitions: [{ topic, partition, offset, maxBytes }],
      minBytes,
      maxBytes,
      maxWaitMs: request.waitMs,
      signal,
    });
    const { error, batches, logStartOffset, highWatermark } = results[0] as FetchResult;
    if (error === undefined) return { offset, batches, logStartOffset, highWatermark };
    if (!(isOutOfRange(error) && isRelative(start)) || attempt === ATTEMPTS_MAX) throw error;
  }
}

function isOutOfRange(error: MillraceError): boolean {
  return error.code === 'OFFSET_OUT_OF_RANGE';
}
