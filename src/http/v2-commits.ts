/** Commits of consumer instances, and what was committed. Offsets here are the next ones to read. */
import type { OffsetToCommit, TopicPartition } from '../broker/groups.ts';
import { unknownPartition } from '../broker/refusals.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import type { V2Place } from './v2-membership.ts';
import type { PartitionOffset } from './v2-positions.ts';
import { partitionKey } from './v2-positions.ts';

export interface V2Commit extends PartitionOffset {
  readonly metadata: string;
}

/** Commits where the instance stands, as far as that is not committed yet. */
export async function commitPositions(
  broker: GroupBroker,
  group: string,
  place: V2Place,
): Promise<void> {
  const offsets = place.positions.uncommitted.map((each) => ({ ...each, metadata: '' }));
  await commitOffsets(broker, { group, place, offsets });
}

interface Commit {
  readonly group: string;
  /** undefined: the instance reads nothing. */
  readonly place: V2Place | undefined;
  readonly offsets: readonly V2Commit[];
}

/** Throws the first fault of a single offset; the others may be committed then. */
export async function commitOffsets(
  broker: GroupBroker,
  { group, place, offsets }: Commit,
): Promise<void> {
  if (offsets.length === 0) return;
  const member = place?.member ?? { memberId: '', generation: -1 };
  const outcomes = await broker.commitOffsets({
    group,
    memberId: member.memberId,
    generation: member.generation,
    offsets: offsets.map((each): OffsetToCommit => ({ ...each, leaderEpoch: -1 })),
  });
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
  place?.positions.wereCommitted(offsets);
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
