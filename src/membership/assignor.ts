/**
 * What every assignor is: a pure function that shares the partitions of a group out among its
 * members. The member that leads a rebalance runs the one that all have in common.
 *
 * Whatever its way, an assignor gives no partition to two members and none to a member that does
 * not subscribe to its topic; every member stands in the answer, if with nothing; and the answer
 * does not depend on the order in which members and topics come in.
 */
import type { TopicPartitions } from '../codec/consumer-protocol.ts';

export interface Assignor {
  /** As it stands in a join; members of one group must have one name in common. */
  readonly name: string;
  /**
   * Members keep what they own while they join. A partition that changes its owner is then left
   * out until the old one has given it up, which takes a second rebalance (KIP-429).
   */
  readonly isCooperative: boolean;
  /** By member id: topics sorted by name, partitions ascending. */
  assign(input: AssignInput): Map<string, readonly TopicPartitions[]>;
}

export interface AssignInput {
  readonly members: readonly AssignedMember[];
  /** Of the topics that there are; a topic that is not named here is skipped. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}

export interface AssignedMember {
  readonly memberId: string;
  readonly groupInstanceId?: string | undefined;
  readonly topics: readonly string[];
  /** What it says that it owns; may be anything. */
  readonly ownedPartitions: readonly TopicPartitions[];
  /** The one that it owned them in; -1 = not said. */
  readonly generation: number;
  /** What its own assignor put into the subscription. */
  readonly userData: Uint8Array | null;
}
