/**
 * One group of Kafka's classic protocol as a state machine: what happens goes in, what is to be
 * done comes out (`group-effects.ts`). It knows no clock, no disk and no promise.
 *
 *     Empty ---join---> PreparingRebalance ---all joined---> CompletingRebalance
 *       ^                |     ^      ^                        |            |
 *       +---none left----+     |      +---join, leave, time----+            | leader's sync,
 *                              |                                            v stored
 *                              +-------join, leave, session over---------Stable
 *
 * It promises: each ticket is answered once, at the latest when the rebalance time is over and what
 * is being stored is stored; no assignment is told before it is durable.
 *
 * The rules are Kafka's (ClassicGroup, GroupMetadataManager), but for these: static members too
 * lose their place when they do not join in time, for their partitions would lie idle; of two joins
 * or syncs of one member the older is refused, where Kafka leaves it without an answer; a waiting
 * join never expires by itself, for here one hears of a caller that goes away; and what stands in
 * `join-step.ts` and `take-overs.ts`.
 */
import type { GroupMetadataValue } from '../../codec/group-records.ts';
import type { MillraceError } from '../../model/errors.ts';
import type {
  GroupMember,
  JoinGroupRequest,
  LeaveOutcome,
  LeavingMember,
  SyncGroupRequest,
} from '../groups.ts';
import type { GroupEffect, Ticket } from './group-effects.ts';
import type { Member } from './group-members.ts';
import { GroupRebalance } from './group-rebalance.ts';
import {
  callerGone,
  fencedInstance,
  joinedAgain,
  memberIdRequired,
  unknownMember,
} from './group-refusals.ts';
import { groupOutcome } from './group-view.ts';
import type { GroupView } from './group-view.ts';
import { joinStep } from './join-step.ts';
import { commitRefusal, heartbeatRefusal, strangeness, syncRefusal } from './member-claims.ts';
import type { CommitClaim } from './member-claims.ts';
import { keepsItsPlace, renamed, TakeOvers } from './take-overs.ts';
import type { Joining } from './take-overs.ts';

type Effects = readonly GroupEffect[];

export class GroupMachine {
  readonly #rebalance: GroupRebalance;
  readonly #takeOvers = new TakeOvers();

  /** `initialDelayMs`: how long an empty group waits for more members than the first. */
  constructor(group: string, initialDelayMs = 0) {
    this.#rebalance = new GroupRebalance(group, initialDelayMs);
  }

  get view(): GroupView {
    return this.#rebalance;
  }

  /** Nothing would be lost without it. */
  get isVoid(): boolean {
    const { generation, members } = this.#rebalance;
    return generation === 0 && members.count === 0 && members.promisedCount === 0;
  }

  /** Somebody is in it, or is to come, or waits. */
  get isAwaited(): boolean {
    const { members } = this.#rebalance;
    return members.count + members.promisedCount > 0 || this.#takeOvers.first !== undefined;
  }

  /** After a restart: its members go on where they were, and their session times begin anew. */
  restore(metadata: GroupMetadataValue): Effects {
    this.#rebalance.restore(metadata);
    return this.#rebalance.done();
  }

  /** `newMemberId` is for a member that comes without one. */
  join(request: JoinGroupRequest, ticket: Ticket, newMemberId: string): Effects {
    this.#join({ request, ticket, newMemberId });
    return this.#rebalance.done();
  }

  /** The caller has gone; its member leaves. A static one that was there before keeps its place. */
  joinGone(ticket: Ticket): Effects {
    const rebalance = this.#rebalance;
    const { group, members } = rebalance;
    const member = [...members.all()].find(({ join }) => join === ticket);
    if (member === undefined) {
      if (this.#takeOvers.forget(ticket)) rebalance.refuse(ticket, callerGone(group));
    } else if (member.groupInstanceId !== undefined && !member.isNew) {
      rebalance.refuse(ticket, callerGone(group));
      members.setJoin(member, undefined);
      rebalance.session(member);
    } else {
      rebalance.remove(member, callerGone(group));
      rebalance.goOn();
    }
    return rebalance.done();
  }

  sync(request: SyncGroupRequest, ticket: Ticket): Effects {
    const member = this.#rebalance.members.get(request.memberId);
    const error = syncRefusal(this.view, request);
    if (member === undefined || error !== undefined) {
      this.#rebalance.refuse(ticket, error ?? unknownMember(request.group, request.memberId));
    } else this.#rebalance.sync(member, request, ticket);
    return this.#rebalance.done();
  }

  /** Why not; with REBALANCE_IN_PROGRESS it is a sign of life nevertheless. */
  heartbeatRefusal(claim: GroupMember): MillraceError | undefined {
    return heartbeatRefusal(this.view, claim);
  }

  commitRefusal(claim: CommitClaim): MillraceError | undefined {
    return commitRefusal(this.view, claim);
  }

  /** However many leave, it is one rebalance. */
  leave(leaving: readonly LeavingMember[]): {
    readonly outcomes: readonly LeaveOutcome[];
    readonly effects: Effects;
  } {
    const { members } = this.#rebalance;
    const countBefore = members.count;
    const outcomes = leaving.map((each) => ({ ...each, error: this.#leave(each) }));
    if (members.count < countBefore) this.#rebalance.goOn();
    else this.#rebalance.completeIfAllJoined();
    return { outcomes, effects: this.#rebalance.done() };
  }

  /** Of a member, or of an id that was given away. Who waits for an answer is alive. */
  sessionOver(memberId: string): Effects {
    const rebalance = this.#rebalance;
    const member = rebalance.members.get(memberId);
    if (rebalance.members.breakPromise(memberId)) {
      rebalance.emit({ kind: 'gone', memberId });
      rebalance.completeIfAllJoined();
    } else if (member !== undefined && member.join === undefined && member.sync === undefined) {
      rebalance.remove(member);
      rebalance.goOn();
    }
    return rebalance.done();
  }

  /** The time that an effect asked for. */
  timeOver(): Effects {
    this.#rebalance.timeOver();
    return this.#rebalance.done();
  }

  stored(store: number): Effects {
    if (!this.#rebalance.stored(store)) this.#endTakeOver(store);
    return this.#rebalance.done();
  }

  storeFailed(store: number, error: MillraceError): Effects {
    if (!this.#rebalance.storeFailed(store, error)) this.#endTakeOver(store, error);
    return this.#rebalance.done();
  }

  /** It was deleted. */
  die(): void {
    this.#rebalance.die();
  }

  #join(joining: Joining): void {
    const rebalance = this.#rebalance;
    const { group, members } = rebalance;
    const { request, ticket, newMemberId } = joining;
    this.#overtake(request);
    const step = joinStep(rebalance, request);
    switch (step.kind) {
      case 'refuse':
        return rebalance.refuse(ticket, step.error);
      case 'promise': {
        const { sessionTimeoutMs } = request;
        members.promise(newMemberId);
        rebalance.emit({ kind: 'session', memberId: newMemberId, sessionTimeoutMs });
        return rebalance.refuse(ticket, memberIdRequired(group, newMemberId));
      }
      case 'add':
        if (members.count === 0) rebalance.protocolType = request.protocolType;
        members.add(step.promisedId ?? newMemberId, request, ticket);
        return rebalance.goOnWithNewcomer();
      case 'take-over':
        return this.#takeOver(step.of, joining);
      case 'rejoin': {
        const { member } = step;
        if (member.join !== undefined) {
          rebalance.refuse(member.join, joinedAgain(group, member.memberId));
        }
        members.update(member, request);
        members.setJoin(member, ticket);
        return rebalance.goOn();
      }
      case 'tell-again':
        return rebalance.tellJoined(step.member, ticket);
    }
  }

  /** Of those that come as one static member the last has its place. */
  #overtake({ memberId, groupInstanceId }: JoinGroupRequest): void {
    if (memberId !== '' || groupInstanceId === undefined) return;
    const fenced = fencedInstance(this.#rebalance.group, { groupInstanceId, memberId });
    for (const ticket of this.#takeOvers.overtake(groupInstanceId)) {
      this.#rebalance.refuse(ticket, fenced);
    }
  }

  #takeOver(member: Member, joining: Joining): void {
    const rebalance = this.#rebalance;
    if (keepsItsPlace(rebalance, member, joining.request)) {
      if (this.#takeOvers.first !== undefined) return this.#takeOvers.wait(joining);
      return this.#storeTakeOver(member, joining);
    }
    const successor = this.#replace(member, joining);
    rebalance.members.setJoin(successor, joining.ticket);
    rebalance.goOn();
  }

  #storeTakeOver(member: Member, joining: Joining): void {
    const rebalance = this.#rebalance;
    const outcome = groupOutcome(rebalance, ({ assignment }) => assignment);
    const store = rebalance.store(renamed(outcome, member.memberId, joining.newMemberId));
    this.#takeOvers.begin({ joining, of: member, generation: rebalance.generation, store });
  }

  #endTakeOver(store: number, error?: MillraceError): void {
    const takeOver = this.#takeOvers.first;
    if (takeOver?.store !== store) return;
    const waiting = this.#takeOvers.end();
    const { joining, of: member, isForgotten } = takeOver;
    const { state, generation } = this.#rebalance;
    // Any other change of the members would have ended the generation.
    const isAsBefore = state === 'Stable' && generation === takeOver.generation;
    if (error !== undefined) {
      if (!isForgotten) this.#rebalance.refuse(joining.ticket, error);
    } else if (isAsBefore) {
      const successor = this.#replace(member, joining);
      if (isForgotten) this.#rebalance.session(successor);
      else this.#rebalance.tellJoined(successor, joining.ticket);
    } else if (!isForgotten) this.#join(joining);
    for (const each of waiting) this.#join(each);
  }

  #replace(member: Member, { request, newMemberId }: Joining): Member {
    const rebalance = this.#rebalance;
    const { memberId, groupInstanceId = '' } = member;
    const fenced = fencedInstance(rebalance.group, { groupInstanceId, memberId });
    if (member.join !== undefined) rebalance.refuse(member.join, fenced);
    if (member.sync !== undefined) rebalance.refuse(member.sync, fenced);
    rebalance.emit({ kind: 'gone', memberId });
    return rebalance.members.rename(member, newMemberId, request);
  }

  #leave({ memberId, groupInstanceId }: LeavingMember): MillraceError | undefined {
    const rebalance = this.#rebalance;
    const { group, members } = rebalance;
    if (members.breakPromise(memberId)) {
      rebalance.emit({ kind: 'gone', memberId });
      return undefined;
    }
    const byInstance = memberId === '' && groupInstanceId !== undefined;
    const member = byInstance ? members.instance(groupInstanceId) : members.get(memberId);
    const stranger = byInstance ? undefined : strangeness(rebalance, { memberId, groupInstanceId });
    if (stranger !== undefined) return stranger;
    if (member === undefined) return unknownMember(group, memberId);
    rebalance.remove(member);
    return undefined;
  }
}
