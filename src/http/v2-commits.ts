/** Commits of consumer instances, and what was committed. Offsets here are the next ones to read. */
import type { OffsetToCommit, TopicPartition } from '../broker/groups.ts';
import { unknownPartition } from '../broker/refusals.ts';
import { checkCommitted } from '../membership/commit-outcomes.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import { commit } from './offset-commit.ts';
import type { V2Place } from './v2-membership.ts';
import type { PartitionOffset } from './v2-positions.ts';
import { partitionKey } from './v2-positions.ts';

export interface V2Commit extends PartitionOffset {
  readonly metadata: string;
}

/** Commits where the instance stands, as far as that is not committed yet and still there. */
export async function commitPositions(
  broker: GroupBroker,
  group: string,
  place: V2Place,
): Promise<void> {
  const offsets = place.positions.uncommitted.map(toCommit);
  if (offsets.length === 0) return;
  const outcomes = await broker.commitOffsets({ group, ...committerOf(place), offsets });
  // A topic that was deleted must not keep the instance from the others.
  checkCommitted(outcomes.filter(({ error }) => error?.code !== 'UNKNOWN_TOPIC_OR_PARTITION'));
  place.positions.wereCommitted(offsets);
}

interface Commit {
  readonly group: string;
  /** undefined: the instance reads nothing. */
  readonly place: V2Place | undefined;
  readonly offsets: readonly V2Commit[];
}

/** Rejects like every commit over HTTP. */
export async function commitOffsets(
  broker: GroupBroker,
  { group, place, offsets }: Commit,
): Promise<void> {
  if (offsets.length === 0) return;
  const what = { kind: 'offsets', offsets: offsets.map(toCommit) } as const;
  await commit(broker, group, { ...committerOf(place), groupInstanceId: undefined, what });
  place?.positions.wereCommitted(offsets);
}

/** Nobody in the group, where partitions are assigned by hand. */
function committerOf(place: V2Place | undefined): {
  readonly memberId: string;
  readonly generation: number;
} {
  const { memberId, generation } = place?.member ?? { memberId: '', generation: -1 };
  return { memberId, generation };
}

function toCommit(offset: PartitionOffset & { readonly metadata?: string }): OffsetToCommit {
  return { metadata: '', ...offset, leaderEpoch: -1 };
}

/** Of those asked for, as far as something is committed. Throws UNKNOWN_TOPIC_OR_PARTITION. */
export async function committedOffsets(
  broker: GroupBroker,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<readonly V2Commit[]> {
  await checkPartitions(broker, partitions);
  const committed = new Map<string, V2Commit>();
  for (const each of await broker.fetchOffsets(group)) {
    committed.set(partitionKey(each), each);
  }
  return partitions.flatMap(({ topic, partition }) => {
    const found = committed.get(partitionKey({ topic, partition }));
    if (found === undefined) return [];
    return [{ topic, partition, offset: found.offset, metadata: found.metadata }];
  });
}

/** Throws UNKNOWN_TOPIC_OR_PARTITION. */
export async function checkPartitions(
  broker: Pick<GroupBroker, 'topic'>,
  partitions: readonly TopicPartition[],
): Promise<void> {
  for (const { topic, partition } of partitions) {
    const { partitionCount } = await broker.topic(topic);
    if (partition >= partitionCount) throw unknownPartition(topic, { partition, partitionCount });
  }
}
