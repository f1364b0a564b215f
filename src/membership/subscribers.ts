/** Who subscribes to what, in the order that assignors deal in. */
import type { AssignedMember } from './assignor.ts';

/** A topic that exists and that somebody subscribes to. */
export interface SharedTopic {
  readonly name: string;
  readonly partitionCount: number;
  /** Positions in the list of members, ascending; at least one. */
  readonly subscribers: readonly number[];
}

/**
 * Static members first, by their instance id, so that a restart under another member id changes
 * nothing; then the others by member id (Java's AbstractPartitionAssignor.MemberInfo).
 */
export function inOrder(members: readonly AssignedMember[]): readonly AssignedMember[] {
  return [...members].sort((a, b) => {
    const [one, other] = [a.groupInstanceId, b.groupInstanceId];
    if (one !== undefined && other !== undefined) return compare(one, other);
    if (one === undefined && other === undefined) return compare(a.memberId, b.memberId);
    return one === undefined ? 1 : -1;
  });
}

/** Sorted by name. */
export function sharedTopics(
  members: readonly AssignedMember[],
  partitionCounts: ReadonlyMap<string, number>,
): readonly SharedTopic[] {
  const subscribersByName = new Map<string, number[]>();
  for (const [member, { topics }] of members.entries()) {
    for (const name of topics) {
      const subscribers = subscribersByName.get(name);
      if (subscribers === undefined) subscribersByName.set(name, [member]);
      // A client may name a topic twice.
      else if (subscribers.at(-1) !== member) subscribers.push(member);
    }
  }
  const topics: SharedTopic[] = [];
  for (const [name, subscribers] of subscribersByName) {
    const partitionCount = partitionCounts.get(name) ?? 0;
    if (partitionCount > 0) topics.push({ name, partitionCount, subscribers });
  }
  return topics.sort((a, b) => compare(a.name, b.name));
}

/** Java's order of strings, by UTF-16 units. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
