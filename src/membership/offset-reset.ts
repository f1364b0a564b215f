/**
 * Moves where a group reads next in a topic, or shows what would be moved. The group must have no
 * members: they would not notice, and commit over it.
 */
import type { PartitionDescription } from '../broker/broker.ts';
import type { OffsetToCommit } from '../broker/groups.ts';
import { unknownPartition } from '../broker/refusals.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import { checkCommitted } from './commit-outcomes.ts';
import type { GroupBroker } from './group-broker.ts';

export type ResetTarget =
  | 'earliest'
  | 'latest'
  /** The first record of that time or later; the end when there is none. Milliseconds. */
  | { readonly timestamp: number }
  | { readonly offset: number }
  /** So many records on from the committed offset, or back. */
  | { readonly shift: number };

export interface ResetWish {
  readonly group: string;
  readonly topic: string;
  /** None twice; undefined = all of the topic. */
  readonly partitions: readonly number[] | undefined;
  readonly to: ResetTarget;
  /** Changes nothing, and is allowed while the group has members. */
  readonly dryRun: boolean;
}

export interface PartitionReset {
  readonly partition: number;
  /** null = nothing was committed. */
  readonly before: number | null;
  readonly after: number;
  /** What was asked for lies outside the log; `after` is the end of it that is nearer. */
  readonly clamped: boolean;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/**
 * In the order of the partitions asked for; all or, unless a topic is deleted meanwhile, none.
 * Rejects with UNKNOWN_TOPIC_OR_PARTITION, NON_EMPTY_GROUP, NO_COMMITTED_OFFSET (a shift, and
 * nothing to shift from), KAFKA_STORAGE_ERROR (a partition that is offline).
 */
export async function resetOffsets(
  broker: GroupBroker,
  wish: ResetWish,
): Promise<readonly PartitionReset[]> {
  const { group, topic, dryRun } = wish;
  const partitions = chosen(await broker.describePartitions(topic), wish);
  const committed = new Map<number, number>();
  for (const each of await broker.fetchOffsets(group)) {
    if (each.topic === topic) committed.set(each.partition, each.offset);
  }
  const resets: PartitionReset[] = [];
  for (const { partition, logStartOffset, highWatermark } of partitions) {
    const bounds = { partition, logStartOffset, highWatermark };
    const before = committed.get(partition) ?? null;
    const target = await targetOf(broker, wish, { ...bounds, before });
    const after = Math.min(Math.max(target, logStartOffset), highWatermark);
    resets.push({ ...bounds, before, after, clamped: after !== target });
  }
  if (!dryRun && resets.length > 0) await commit(broker, wish, resets);
  return resets;
}

function chosen(
  descriptions: readonly PartitionDescription[],
  { topic, partitions }: ResetWish,
): readonly PartitionDescription[] {
  const picked = partitions?.map((partition) => {
    const found = descriptions[partition];
    if (found !== undefined) return found;
    throw unknownPartition(topic, { partition, partitionCount: descriptions.length });
  });
  for (const { partition, state, reason } of picked ?? descriptions) {
    if (state !== 'offline') continue;
    throw new MillraceError(
      'KAFKA_STORAGE_ERROR',
      `partition ${partition} of topic ${quote(topic)} is offline, so where it begins and ends is ` +
        `not certain: ${reason}; reset the others by naming them in partitions`,
      { details: { topic, partition, reason } },
    );
  }
  return picked ?? descriptions;
}

type Place = Pick<PartitionReset, 'partition' | 'before' | 'logStartOffset' | 'highWatermark'>;

/** Where the wish leads, wherever that lies. */
async function targetOf(
  broker: GroupBroker,
  { topic, to }: ResetWish,
  { partition, before, logStartOffset, highWatermark }: Place,
): Promise<number> {
  if (to === 'earliest') return logStartOffset;
  if (to === 'latest') return highWatermark;
  if ('offset' in to) return to.offset;
  if ('timestamp' in to) return (await broker.listOffset(topic, partition, to)).offset;
  if (before !== null) return before + to.shift;
  throw new MillraceError(
    'NO_COMMITTED_OFFSET',
    `nothing is committed in partition ${partition} of topic ${quote(topic)}, so there is nothing ` +
      `to shift from; it holds the offsets from ${logStartOffset} to ${highWatermark}`,
    {
      details: {
        topic,
        partition,
        log_start_offset: logStartOffset,
        high_watermark: highWatermark,
      },
    },
  );
}

async function commit(
  broker: GroupBroker,
  { group, topic }: ResetWish,
  resets: readonly PartitionReset[],
): Promise<void> {
  const offsets = resets.map(({ partition, after }): OffsetToCommit => ({
    topic,
    partition,
    offset: after,
    leaderEpoch: -1,
    metadata: '',
  }));
  try {
    checkCommitted(await broker.commitOffsets({ group, memberId: '', generation: -1, offsets }));
  } catch (error) {
    // The seam's word for a commit of nobody where there are members.
    const hasMembers = error instanceof MillraceError && error.code === 'UNKNOWN_MEMBER_ID';
    if (!hasMembers) throw error;
    throw new MillraceError(
      'NON_EMPTY_GROUP',
      `group ${quote(group)} has members, which would commit over it: stop them first`,
      { details: { group }, cause: error },
    );
  }
}
