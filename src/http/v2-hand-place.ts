/** The place of a consumer instance whose partitions were assigned by hand: it is in no group. */
import type { TopicPartition } from '../broker/groups.ts';
import type { Cursor } from '../membership/cursor.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import { offsetByPolicy } from '../membership/positions.ts';
import { checkPartitions } from './v2-commits.ts';
import type { V2Place } from './v2-membership.ts';
import type { V2Position } from './v2-positions.ts';
import { partitionKey, V2Positions } from './v2-positions.ts';

interface Assignment {
  readonly group: string;
  readonly autoOffsetReset: Cursor['autoOffsetReset'];
  readonly partitions: readonly TopicPartition[];
  /** Where the instance stood before: what it keeps it goes on reading from there. */
  readonly before: V2Positions | undefined;
}

/** Throws UNKNOWN_TOPIC_OR_PARTITION. */
export async function placeByHand(
  broker: GroupBroker,
  { group, autoOffsetReset, partitions, before }: Assignment,
): Promise<V2Place> {
  await checkPartitions(broker, partitions);
  const committed = new Map<string, number>();
  for (const each of await broker.fetchOffsets(group)) {
    committed.set(partitionKey(each), each.offset);
  }
  const found: V2Position[] = [];
  for (const place of partitions) {
    const { topicId } = await broker.topic(place.topic);
    const stored = committed.get(partitionKey(place));
    const kept = before?.of(place);
    const known = kept?.topicId === topicId ? (kept.offset ?? stored) : stored;
    // No starting point is no fault yet: the caller may say one before the first read.
    const needsPolicy = known === undefined && autoOffsetReset !== 'none';
    const offset = needsPolicy ? await offsetByPolicy(broker, place, autoOffsetReset) : known;
    found.push({ ...place, topicId, offset, committed: stored });
  }
  const positions = new V2Positions(found);
  const { assignment } = positions;
  const subscription = { kind: 'topics', topics: [] } as const;
  const nobody = { fingerprint: 0, assigned: [], generation: -1, positions: [] };
  const cursor = { group, subscription, autoOffsetReset, ...nobody };
  return { member: undefined, cursor, assignment, positions };
}
