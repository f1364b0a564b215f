/**
 * One read of the partitions that somebody is to read, from where they stand: what is there, or
 * what comes within a time.
 */
import type { FetchResult } from '../broker/broker.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import type { MillraceError } from '../model/errors.ts';
import type { Cursor } from './cursor.ts';
import type { GroupBroker } from './group-broker.ts';
import type { Position } from './positions.ts';
import { offsetByPolicy, positionsOf } from './positions.ts';

/** How much, and for how long to wait for it. */
export interface ReadBounds {
  /** Over all partitions; 1 = anything. */
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly waitMs: number;
  /** Counts up from read to read: the partition that comes first must not always be the same one. */
  readonly turn: number;
  /** The caller has gone. */
  readonly signal: AbortSignal;
}

export interface AssignedRead {
  /** Every assigned partition, those with records first. */
  readonly partitions: readonly PartitionRead[];
  /** Where retention, or a log that was cut, forced a jump. */
  readonly reset: readonly Jump[];
}

export interface PartitionRead extends Position {
  /** Whole batches; the first may begin below `offset`. Shared: not to be written to. */
  readonly batches: Uint8Array;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

export interface Jump {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/** Between finding the log start and reading from it, retention may move it. */
const ATTEMPTS_MAX = 3;

/** Rejects with NO_COMMITTED_OFFSET, and with what stands in a partition's result. */
export async function readAssigned(
  broker: GroupBroker,
  wish: ReadBounds & { readonly cursor: Cursor },
  assignment: readonly TopicPartitions[],
): Promise<AssignedRead> {
  const { group, autoOffsetReset, positions: known } = wish.cursor;
  let positions = await positionsOf(broker, { group, assignment, autoOffsetReset, known });
  const jumps = new Map<string, Jump>();
  for (let attempt = 1; ; attempt += 1) {
    const results = await fetchFrom(broker, wish, positions);
    const partitions = positions.map((position, index) => {
      const { batches, logStartOffset, highWatermark } = results[index] as FetchResult;
      return { ...position, batches, logStartOffset, highWatermark };
    });
    const errors = results.map(({ error }) => error);
    if (errors.every((error) => error === undefined)) {
      partitions.sort((a, b) => Math.sign(b.batches.length) - Math.sign(a.batches.length));
      return { partitions, reset: [...jumps.values()] };
    }
    const fatal = errors.find((error) => error !== undefined && !isOutOfRange(error));
    if (fatal !== undefined) throw fatal;
    const outOfRange = errors.find((error) => error !== undefined) as MillraceError;
    if (attempt === ATTEMPTS_MAX) throw outOfRange;
    positions = await Promise.all(
      positions.map(async (position, index) => {
        if (errors[index] === undefined) return position;
        const { topic, partition, offset: from } = position;
        const to = await offsetByPolicy(broker, position, autoOffsetReset);
        jumps.set(`${partition}/${topic}`, { topic, partition, from, to });
        return { ...position, offset: to };
      }),
    );
  }
}

async function fetchFrom(
  broker: GroupBroker,
  { bytesMin, bytesMax, waitMs, signal, turn }: ReadBounds,
  positions: readonly Position[],
): Promise<FetchResult[]> {
  const first = positions.length === 0 ? 0 : turn % positions.length;
  const inTurn = [...positions.slice(first), ...positions.slice(0, first)];
  const results = await broker.fetch({
    partitions: inTurn.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset,
      maxBytes: bytesMax,
    })),
    minBytes: bytesMin,
    maxBytes: bytesMax,
    maxWaitMs: waitMs,
    signal,
  });
  const back = results.length - first;
  return [...results.slice(back), ...results.slice(0, back)];
}

function isOutOfRange(error: MillraceError): boolean {
  return error.code === 'OFFSET_OUT_OF_RANGE';
}
