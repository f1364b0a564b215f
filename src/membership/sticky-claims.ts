/**
 * What the members of a sticky assignor say that they own, and whom to believe (Java's
 * AbstractStickyAssignor): of two members that claim one partition the one with the higher
 * generation, for the other has missed a rebalance; at the same generation neither, for one of
 * them errs and nobody can tell which.
 */
import { decodeCooperativeUserData, decodeStickyUserData } from '../codec/sticky-user-data.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import type { AssignedMember } from './assignor.ts';
import type { NumberedTopic } from './sticky-balance.ts';

export interface Claim {
  readonly ownedPartitions: readonly TopicPartitions[];
  /** -1 = not known, and older than any. */
  readonly generation: number;
}

/** By the partition's number. */
export interface Claims {
  /** The member that is believed; -1 = none. */
  readonly owners: Int32Array;
  /** 1 where anybody claims it, believed or not. */
  readonly isClaimed: Uint8Array;
}

/** Eager members have given everything up before they join; their user data tells what it was. */
export function eagerClaim({ userData, ownedPartitions, generation }: AssignedMember): Claim {
  return decodeStickyUserData(userData) ?? { ownedPartitions, generation };
}

/** Subscriptions before version 2 carry the generation in the user data. */
export function cooperativeClaim({ userData, ownedPartitions, generation }: AssignedMember): Claim {
  if (generation >= 0) return { ownedPartitions, generation };
  return { ownedPartitions, generation: decodeCooperativeUserData(userData) ?? -1 };
}

const NOBODY = -1;

/** Claims of partitions that do not exist are passed over. */
export function settleClaims(
  claims: readonly Claim[],
  topics: readonly NumberedTopic[],
  partitionCount: number,
): Claims {
  const topicsByName = new Map(topics.map((topic) => [topic.name, topic]));
  const owners = new Int32Array(partitionCount).fill(NOBODY);
  const isClaimed = new Uint8Array(partitionCount);
  const generations = new Float64Array(partitionCount);
  /** The last to claim it: a client may name a partition twice. */
  const claimants = new Int32Array(partitionCount).fill(NOBODY);
  for (const [member, { ownedPartitions, generation }] of claims.entries()) {
    for (const { topic: name, partitions } of ownedPartitions) {
      const topic = topicsByName.get(name);
      if (topic === undefined) continue;
      for (const partition of partitions) {
        if (partition < 0 || partition >= topic.partitionCount) continue;
        const number = topic.firstNumber + partition;
        if (claimants[number] === member) continue;
        claimants[number] = member;
        const known = isClaimed[number] === 1 ? (generations[number] as number) : -Infinity;
        isClaimed[number] = 1;
        if (generation < known) continue;
        owners[number] = generation > known ? member : NOBODY;
        generations[number] = generation;
      }
    }
  }
  return { owners, isClaimed };
}
