/**
 * Static members that come back to a stable group under a new id (KIP-345): they get their place
 * and assignment without a rebalance, once their new id is durable. Until then the older one goes
 * on, so that a full disk fences nobody. They wait here, one after the other.
 *
 * Other than Kafka, which asks only whether the same protocol would be chosen, a member whose
 * topics are others than before makes a rebalance: else nobody would ever read the new ones.
 */
import type { JoinGroupRequest } from '../groups.ts';
import type { GroupOutcome, Ticket } from './group-effects.ts';
import type { Member } from './group-members.ts';
import { metadataFor } from './group-protocols.ts';
import type { GroupView } from './group-view.ts';
import { sameInterest } from './subscribed-topics.ts';

export interface Joining {
  readonly request: JoinGroupRequest;
  readonly ticket: Ticket;
  /** For a member that comes without an id. */
  readonly newMemberId: string;
}

export interface TakeOver {
  readonly joining: Joining;
  /** The member, and the generation, as it was when it was taken up. */
  readonly of: Member;
  readonly generation: number;
  readonly store: number;
  /** Nobody waits for the answer any more. */
  isForgotten: boolean;
}

export class TakeOvers {
  #first: TakeOver | undefined;
  #waiting: Joining[] = [];

  /** The one that is being stored. */
  get first(): TakeOver | undefined {
    return this.#first;
  }

  begin(takeOver: Omit<TakeOver, 'isForgotten'>): void {
    this.#first = { ...takeOver, isForgotten: false };
  }

  wait(joining: Joining): void {
    this.#waiting.push(joining);
  }

  /** Ends the first; answers those that waited for it, who try once more. */
  end(): readonly Joining[] {
    const waiting = this.#waiting;
    this.#first = undefined;
    this.#waiting = [];
    return waiting;
  }

  /** Says whether there was one with this ticket. */
  forget(ticket: Ticket): boolean {
    return this.#forget((joining) => joining.ticket === ticket).length > 0;
  }

  /** The tickets of earlier ones for this instance id, which are overtaken. */
  overtake(groupInstanceId: string): readonly Ticket[] {
    return this.#forget(({ request }) => request.groupInstanceId === groupInstanceId);
  }

  #forget(isMeant: (joining: Joining) => boolean): Ticket[] {
    const first = this.#first;
    const forgotten = this.#waiting.filter(isMeant).map(({ ticket }) => ticket);
    this.#waiting = this.#waiting.filter((joining) => !isMeant(joining));
    if (first !== undefined && !first.isForgotten && isMeant(first.joining)) {
      first.isForgotten = true;
      forgotten.push(first.joining.ticket);
    }
    return forgotten;
  }
}

/** Whether the assignments may stay as they are if `member` comes back like this. */
export function keepsItsPlace(
  { state, protocolType, protocol, members }: GroupView,
  member: Member,
  { protocols }: JoinGroupRequest,
): boolean {
  if (state !== 'Stable' || protocol === null) return false;
  if (members.chosenProtocol({ of: member, protocols }) !== protocol) return false;
  const before = metadataFor(member.protocols, protocol);
  return sameInterest(protocolType, before, metadataFor(protocols, protocol));
}

/** What is stored of the group, with the new id in the place of the old one. */
export function renamed(outcome: GroupOutcome, oldId: string, newId: string): GroupOutcome {
  const members = outcome.members.map((each) =>
    each.memberId === oldId ? { ...each, memberId: newId } : each,
  );
  return { ...outcome, members, leader: outcome.leader === oldId ? newId : outcome.leader };
}
