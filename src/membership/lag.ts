/**
 * How far a group is behind, in records and in time, also while nobody of it is online.
 *
 * Records are counted as Kafka's tools count them: from the committed offset to the high
 * watermark, also across what retention has removed meanwhile. Where nothing is committed they are
 * counted from the log start, which is what a member would read by default.
 *
 * It is a look at things that go on moving, not a snapshot.
 */
import type { PartitionDescription } from '../broker/broker.ts';
import type { CommittedOffset, GroupState, MemberDescription } from '../broker/groups.ts';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import { LAG_AGES_MAX, LAG_READS_AT_ONCE } from '../model/limits.ts';
import { atMostAtOnce } from './at-most-at-once.ts';
import type { GroupBroker } from './group-broker.ts';
import { assignmentOf } from './member-assignment.ts';
import { timestampAt } from './oldest-unread.ts';

export interface GroupLag {
  readonly group: string;
  readonly state: GroupState;
  /** With a committed offset or assigned to a member; sorted by topic and partition. */
  readonly partitions: readonly PartitionLag[];
  readonly totalLag: number;
  readonly maxLag: number;
  /** Of those that are known; null when none is. */
  readonly maxLagMs: number | null;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The next to be read; null = nothing is committed. */
  readonly currentOffset: number | null;
  readonly logStartOffset: number;
  /** The high watermark: the end of what readers see. */
  readonly logEndOffset: number;
  readonly lag: number;
  /**
   * Age of the oldest unread record; 0 without lag. null = not known: the partition is offline,
   * what is unread is gone, or LAG_AGES_MAX others are further behind.
   */
  readonly lagMs: number | null;
  /** Member id. */
  readonly owner: string | null;
  readonly clientId: string | null;
}

/** Rejects with GROUP_ID_NOT_FOUND. */
export async function groupLag(
  broker: GroupBroker,
  clock: Clock,
  group: string,
): Promise<GroupLag> {
  const { state, members } = await broker.describeGroup(group);
  // Before the ends of the logs: what is committed now lies below an end that is read later.
  const committed = byTopic(await broker.fetchOffsets(group));
  const owners = ownersByTopic(members);
  const topics = [...new Set([...committed.keys(), ...owners.keys()])].sort();
  const found: Found[] = [];
  for (const topic of topics) {
    for (const description of await partitionsIfThere(broker, topic)) {
      const offset = committed.get(topic)?.get(description.partition)?.offset;
      const owner = owners.get(topic)?.get(description.partition);
      if (offset === undefined && owner === undefined) continue;
      found.push(foundAt(topic, { description, offset, owner }));
    }
  }
  const ages = await agesOf(broker, clock, found);
  const partitions = found.map(({ shown }, index) => ({ ...shown, lagMs: ages[index] ?? null }));
  return { group, state, partitions, ...sums(partitions) };
}

interface Found {
  readonly shown: Omit<PartitionLag, 'lagMs'>;
  readonly isOffline: boolean;
}

interface Parts {
  readonly description: PartitionDescription;
  readonly offset: number | undefined;
  readonly owner: MemberDescription | undefined;
}

function foundAt(topic: string, { description, offset, owner }: Parts): Found {
  const { partition, logStartOffset, highWatermark, state } = description;
  return {
    shown: {
      topic,
      partition,
      currentOffset: offset ?? null,
      logStartOffset,
      logEndOffset: highWatermark,
      lag: Math.max(0, highWatermark - (offset ?? logStartOffset)),
      owner: owner?.memberId ?? null,
      clientId: owner?.clientId ?? null,
    },
    isOffline: state === 'offline',
  };
}

/** In milliseconds, by position in `found`; those that are not known are left out. */
async function agesOf(
  broker: GroupBroker,
  clock: Clock,
  found: readonly Found[],
): Promise<readonly (number | undefined)[]> {
  const ages: (number | undefined)[] = found.map(({ shown, isOffline }) =>
    shown.lag === 0 && !isOffline ? 0 : undefined,
  );
  const behind = [...found.entries()]
    .filter(([, { shown, isOffline }]) => !isOffline && firstUnread(shown) < shown.logEndOffset)
    .sort(([, a], [, b]) => b.shown.lag - a.shown.lag)
    .slice(0, LAG_AGES_MAX);
  await atMostAtOnce(LAG_READS_AT_ONCE, behind, async ([index, { shown }]) => {
    const { topic, partition } = shown;
    const timestamp = await timestampAt(broker, { topic, partition, offset: firstUnread(shown) });
    // A record may be ahead of the server's clock.
    if (timestamp !== undefined) ages[index] = Math.max(0, clock.wallMs() - timestamp);
  });
  return ages;
}

/** Retention may have removed what comes behind the committed offset. */
function firstUnread({ currentOffset, logStartOffset }: Found['shown']): number {
  return Math.max(currentOffset ?? logStartOffset, logStartOffset);
}

function sums(
  partitions: readonly PartitionLag[],
): Pick<GroupLag, 'totalLag' | 'maxLag' | 'maxLagMs'> {
  let totalLag = 0;
  let maxLag = 0;
  let maxLagMs: number | null = partitions.length === 0 ? 0 : null;
  for (const { lag, lagMs } of partitions) {
    totalLag += lag;
    maxLag = Math.max(maxLag, lag);
    if (lagMs !== null) maxLagMs = Math.max(maxLagMs ?? 0, lagMs);
  }
  return { totalLag, maxLag, maxLagMs };
}

type ByTopic<T> = ReadonlyMap<string, ReadonlyMap<number, T>>;

function byTopic(offsets: readonly CommittedOffset[]): ByTopic<CommittedOffset> {
  const topics = new Map<string, Map<number, CommittedOffset>>();
  for (const each of offsets) put(topics, each.topic, each.partition, each);
  return topics;
}

function ownersByTopic(members: readonly MemberDescription[]): ByTopic<MemberDescription> {
  const topics = new Map<string, Map<number, MemberDescription>>();
  for (const member of members) {
    for (const { topic, partitions } of assignmentOf(member)) {
      for (const partition of partitions) put(topics, topic, partition, member);
    }
  }
  return topics;
}

function put<T>(
  topics: Map<string, Map<number, T>>,
  topic: string,
  partition: number,
  value: T,
): void {
  const partitions = topics.get(topic);
  if (partitions === undefined) topics.set(topic, new Map([[partition, value]]));
  else partitions.set(partition, value);
}

/** None of a topic that was deleted; what members are assigned may name such a one. */
async function partitionsIfThere(
  broker: GroupBroker,
  topic: string,
): Promise<readonly PartitionDescription[]> {
  try {
    return await broker.describePartitions(topic);
  } catch (error) {
    const isGone = error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION';
    if (!isGone) throw error;
    return [];
  }
}
