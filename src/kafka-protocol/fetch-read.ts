/**
 * What a fetch of a Kafka client reads: at once if there is enough, else after a wait, and always
 * within the budget that all readers share. What is read while waiting only tells that there is
 * enough; it is read again when room for it was taken, so memory has an end however many wait.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FetchPartition, FetchResult } from '../broker/broker.ts';
import type { Hold } from '../broker/fetch-budget.ts';
import { BatchCopies } from '../codec/batch-copies.ts';
import { attributesAt, COMPRESSION_MASK, COMPRESSIONS } from '../codec/batch-header.ts';
import { batchEndAt } from '../codec/batch-reader.ts';
import { asBuffer } from '../codec/bytes.ts';
import { KAFKA_WAIT_BYTES_MAX } from '../model/limits.ts';
import type { KafkaContext } from './context.ts';

export type ReadMeans = Pick<KafkaContext, 'broker' | 'clock' | 'fetchBudget'>;

export interface ReadRequest {
  readonly partitions: readonly FetchPartition[];
  /** None of these is negative. */
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
}

export interface Read {
  readonly results: readonly FetchResult[];
  /** On all that was read and as much again, for copies. */
  readonly hold: Hold;
}

/**
 * Rejects like `broker.fetch`, and with THROTTLING_QUOTA_EXCEEDED when other readers leave no room
 * until the wait is over.
 */
export async function readBatches(means: ReadMeans, request: ReadRequest): Promise<Read> {
  const { broker, clock } = means;
  const { partitions, minBytes, signal } = request;
  const endMs = clock.monotonicMs() + request.maxWaitMs;
  const atOnce = await readNow(means, request, endMs);
  const maxWaitMs = endMs - clock.monotonicMs();
  if (maxWaitMs <= 0 || signal.aborted || isEnough(atOnce.results, minBytes)) return atOnce;
  atOnce.hold.release();
  const maxBytes = Math.min(minBytes, request.maxBytes, KAFKA_WAIT_BYTES_MAX);
  await broker.fetch({ partitions, minBytes, maxBytes, maxWaitMs, signal });
  return readNow(means, request, endMs);
}

function isEnough(results: readonly FetchResult[], minBytes: number): boolean {
  return bytesOf(results) >= minBytes || results.some(({ error }) => error !== undefined);
}

async function readNow(
  means: ReadMeans,
  { partitions, maxBytes, signal }: ReadRequest,
  endMs: number,
): Promise<Read> {
  const { broker, fetchBudget } = means;
  const wanted = partitions.reduce((sum, each) => sum + each.maxBytes, 0);
  let room = 2 * fetchBudget.share(Math.min(maxBytes, wanted));
  for (;;) {
    const hold = await roomFor(means, { bytes: room, endMs, signal });
    try {
      const bounds = { minBytes: 0, maxBytes: Math.min(maxBytes, room / 2), maxWaitMs: 0 };
      const results = await broker.fetch({ partitions, ...bounds });
      const bytes = 2 * bytesOf(results);
      if (bytes <= room) {
        hold.keep(bytes);
        return { results, hold };
      }
      // A first batch that is larger than what there was room for, and is given whole.
      room = bytes;
    } catch (error) {
      hold.release();
      throw error;
    }
    hold.release();
  }
}

interface RoomWanted {
  readonly bytes: number;
  readonly endMs: number;
  readonly signal: AbortSignal;
}

async function roomFor(
  { clock, fetchBudget }: ReadMeans,
  { bytes, endMs, signal }: RoomWanted,
): Promise<Hold> {
  for (;;) {
    const hold = fetchBudget.tryTake(bytes);
    if (hold !== undefined) return hold;
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0 || signal.aborted) throw fetchBudget.exceeded(bytes);
    const over = new AbortController();
    const cancel = clock.after(leftMs, () => over.abort());
    await fetchBudget.change(AbortSignal.any([signal, over.signal]));
    cancel();
  }
}

export function bytesOf(results: readonly FetchResult[]): number {
  return results.reduce((sum, { batches }) => sum + batches.length, 0);
}

/** As they leave; the pieces are not to be changed. Large ones are copied over several turns. */
export async function leavingBatches(batches: Uint8Array, offset: number): Promise<Buffer[]> {
  const copies = new BatchCopies(batches, offset);
  const pieces: Buffer[] = [];
  for (let piece = copies.next(); piece !== undefined; piece = copies.next()) {
    if (pieces.length > 0) await nextTurn();
    pieces.push(piece);
  }
  return pieces;
}

/** Those in front of the first zstd batch, for clients that do not know the codec. */
export function beforeZstd(batches: Uint8Array): Uint8Array {
  const bytes = asBuffer(batches);
  let end = 0;
  while (
    end < bytes.length &&
    COMPRESSIONS[attributesAt(bytes, end) & COMPRESSION_MASK] !== 'zstd'
  ) {
    end = batchEndAt(bytes, end);
  }
  return bytes.subarray(0, end);
}
