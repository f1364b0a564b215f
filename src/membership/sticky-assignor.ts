/**
 * The two sticky assignors: evenly first, then as much as possible stays with whom it was
 * (`sticky-balance.ts`). They differ in how a member tells what it owned, and in the cooperative
 * one's second step: what comes to a new owner while another still holds it is given to nobody
 * yet. The member that thereby loses a partition joins again, and that rebalance gives it away
 * (KIP-429; Java's CooperativeStickyAssignor).
 */
import { AssignmentBuilder } from './assignment-builder.ts';
import type { AssignedMember, AssignInput, Assignor } from './assignor.ts';
import { balance } from './sticky-balance.ts';
import type { NumberedTopic } from './sticky-balance.ts';
import { cooperativeClaim, eagerClaim, settleClaims } from './sticky-claims.ts';
import type { Claim } from './sticky-claims.ts';
import { inOrder, sharedTopics } from './subscribers.ts';

export const stickyAssignor: Assignor = {
  name: 'sticky',
  isCooperative: false,
  assign: (input) => assignSticky(input, { claimOf: eagerClaim, waitsForOwners: false }),
};

export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  isCooperative: true,
  assign: (input) => assignSticky(input, { claimOf: cooperativeClaim, waitsForOwners: true }),
};

interface Ways {
  readonly claimOf: (member: AssignedMember) => Claim;
  readonly waitsForOwners: boolean;
}

function assignSticky(
  { members, partitionCounts }: AssignInput,
  { claimOf, waitsForOwners }: Ways,
): ReturnType<Assignor['assign']> {
  const ordered = inOrder(members);
  const topics: NumberedTopic[] = [];
  let count = 0;
  for (const topic of sharedTopics(ordered, partitionCounts)) {
    topics.push({ ...topic, firstNumber: count });
    count += topic.partitionCount;
  }
  const before = settleClaims(ordered.map(claimOf), topics, count);
  const owners = before.owners.slice();
  balance({ topics, memberCount: ordered.length, owners });

  const builder = new AssignmentBuilder(ordered);
  for (const { name, firstNumber, partitionCount } of topics) {
    for (let partition = 0; partition < partitionCount; partition += 1) {
      const number = firstNumber + partition;
      const owner = owners[number] as number;
      const isHeldByOthers = before.isClaimed[number] === 1 && before.owners[number] !== owner;
      if (!waitsForOwners || !isHeldByOthers) builder.give(owner, name, partition);
    }
  }
  return builder.build();
}
