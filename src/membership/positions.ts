/**
 * Where a member stands in each of its partitions: where its cursor says, else at the committed
 * offset, else where `autoOffsetReset` says.
 */
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import { Pace } from '../model/pace.ts';
import type { Cursor } from './cursor.ts';
import type { GroupBroker } from './group-broker.ts';

export interface Position {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** The next one to read. */
  readonly offset: number;
  /** undefined while nothing is committed. */
  readonly committed: number | undefined;
}

export interface PositionWish {
  readonly group: string;
  readonly assignment: readonly TopicPartitions[];
  readonly autoOffsetReset: Cursor['autoOffsetReset'];
  /** What a cursor knows; those of a topic that was created anew mean nothing any more. */
  readonly known: Cursor['positions'];
}

type Positioned = Pick<GroupBroker, 'topic' | 'listOffset' | 'fetchOffsets'>;

/**
 * Where the policy has to say, a partition of which nothing is known yet is left out for now: it must
 * not keep its reader from the others. Rejects with UNKNOWN_TOPIC_OR_PARTITION, NO_COMMITTED_OFFSET
 * where none is asked for, and KAFKA_STORAGE_ERROR when nothing is left.
 */
export async function positionsOf(broker: Positioned, wish: PositionWish): Promise<Position[]> {
  const committed = new Map<string, number>();
  for (const each of await broker.fetchOffsets(wish.group)) committed.set(keyOf(each), each.offset);
  const known = new Map(wish.known.map((each) => [keyOf(each), each]));
  const positions: Position[] = [];
  const pace = new Pace();
  let offline: MillraceError | undefined;
  for (const { topic, partitions } of wish.assignment) {
    const { topicId } = await broker.topic(topic);
    for (const partition of partitions) {
      const place = { topic, topicId, partition };
      const remembered = known.get(keyOf(place));
      const stored = committed.get(keyOf(place));
      try {
        const offset =
          (remembered?.topicId === topicId ? remembered.offset : stored) ??
          (await offsetByPolicy(broker, place, wish.autoOffsetReset));
        positions.push({ ...place, offset, committed: stored });
        await pace.did(1);
      } catch (error) {
        if (!isOffline(error)) throw error;
        offline = error;
      }
    }
  }
  if (offline !== undefined && positions.length === 0) throw offline;
  return positions;
}

/** What a cursor has to carry of them. */
export function uncommitted(positions: readonly Position[]): Cursor['positions'] {
  return positions
    .filter(({ offset, committed }) => offset !== committed)
    .map(({ topic, topicId, partition, offset }) => ({ topic, topicId, partition, offset }));
}

/** The beginning or the end of a partition; with `none` NO_COMMITTED_OFFSET that says where both are. */
export async function offsetByPolicy(
  broker: Pick<GroupBroker, 'listOffset'>,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  policy: Cursor['autoOffsetReset'],
): Promise<number> {
  if (policy !== 'none') return (await broker.listOffset(topic, partition, policy)).offset;
  const { offset: start } = await broker.listOffset(topic, partition, 'earliest');
  const { offset: end } = await broker.listOffset(topic, partition, 'latest');
  throw new MillraceError(
    'NO_COMMITTED_OFFSET',
    `the group has no usable offset in partition ${partition} of topic ${quote(topic)}, and ` +
      `auto_offset_reset is none; commit one from ${start} to ${end}`,
    { details: { topic, partition, log_start_offset: start, high_watermark: end } },
  );
}

function isOffline(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.code === 'KAFKA_STORAGE_ERROR';
}

function keyOf({
  topic,
  partition,
}: {
  readonly topic: string;
  readonly partition: number;
}): string {
  // A topic name never holds a slash.
  return `${partition}/${topic}`;
}
