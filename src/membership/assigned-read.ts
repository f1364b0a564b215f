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

/**
 * Rejects with NO_COMMITTED_OFFSET, and with the error of a partition when no other has records.
 */
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
    const outOfRange = results.find(({ error }) => isOutOfRange(error))?.error;
    if (outOfRange === undefined) {
      const failed = results.find(({ error }) => error !== undefined)?.error;
      // One that is offline must not keep its reader from the others.
      if (failed !== undefined && partitions.every(isEmpty)) throw failed;
      return { partitions: inTurn(partitions, wish), reset: [...jumps.values()] };
    }
    if (attempt === ATTEMPTS_MAX) throw outOfRange;
    positions = await Promise.all(
      positions.map(async (position, index) => {
        if (!isOutOfRange(results[index]?.error)) return position;
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
  const first = firstOf(positions, turn);
  const results = await broker.fetch({
    partitions: turned(positions, first).map(({ topic, partition, offset }) => ({
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
  return turned(results, results.length - first);
}

/** Those with records first, and among them the one whose turn it is. */
function inTurn(partitions: readonly PartitionRead[], { turn }: ReadBounds): PartitionRead[] {
  const all = turned(partitions, firstOf(partitions, turn));
  return [...all.filter((each) => !isEmpty(each)), ...all.filter(isEmpty)];
}

function firstOf(all: readonly unknown[], turn: number): number {
  return all.length === 0 ? 0 : turn % all.length;
}

function turned<T>(all: readonly T[], first: number): T[] {
  return [...all.slice(first), ...all.slice(0, first)];
}

function isEmpty({ batches }: PartitionRead): boolean {
  return batches.length === 0;
}

function isOutOfRange(error: MillraceError | undefined): boolean {
  return error?.code === 'OFFSET_OUT_OF_RANGE';
}
