/**
 * One group alive: its state machine, and all that the machine asks for done with the real clock,
 * store and callers.
 */
import assert from 'node:assert';
import type { GroupMetadataValue } from '../../codec/group-records.ts';
import type { CancelTimer, Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import type {
  GroupMember,
  JoinGroupRequest,
  JoinGroupResult,
  LeaveOutcome,
  LeavingMember,
  SyncGroupRequest,
  SyncGroupResult,
} from '../groups.ts';
import type { GroupEffect, GroupOutcome } from './group-effects.ts';
import { callerGone } from './group-refusals.ts';
import { GroupMachine } from './group-state.ts';
import type { GroupStore } from './group-store.ts';
import { groupOutcome } from './group-view.ts';
import type { GroupView } from './group-view.ts';
import type { CommitClaim } from './member-claims.ts';
import { MemberSessions } from './member-sessions.ts';
import type { WaitingCalls } from './waiting-calls.ts';

export interface LiveGroupMeans {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<GroupStore, 'append'>;
  readonly calls: WaitingCalls;
  readonly initialDelayMs: number;
  /** Nothing would be lost without the group any more. */
  forget(group: LiveGroup): void;
}

export class LiveGroup {
  readonly #means: LiveGroupMeans;
  readonly #machine: GroupMachine;
  readonly #sessions: MemberSessions;
  #cancelTimer: CancelTimer | undefined;
  #isClosed = false;
  #emptySinceMs = 0;

  constructor(name: string, means: LiveGroupMeans) {
    this.#means = means;
    this.#machine = new GroupMachine(name, means.initialDelayMs);
    this.#sessions = new MemberSessions(means.clock, (memberId) => {
      this.#run(this.#machine.sessionOver(memberId));
    });
  }

  get view(): GroupView {
    return this.#machine.view;
  }

  get hasMembers(): boolean {
    return this.view.members.count > 0;
  }

  /** Somebody is in it, or is to come, or waits. */
  get isAwaited(): boolean {
    return this.#machine.isAwaited;
  }

  /** It has, or had, members that were told of a generation. */
  get isKnown(): boolean {
    return this.hasMembers || this.view.generation > 0;
  }

  restore(metadata: GroupMetadataValue): void {
    this.#emptySinceMs = metadata.currentStateTimestampMs;
    this.#run(this.#machine.restore(metadata));
  }

  join(request: JoinGroupRequest, newMemberId: string): Promise<JoinGroupResult> {
    const { signal } = request;
    if (signal?.aborted === true) return Promise.reject(callerGone(request.group));
    const { ticket, answer } = this.#means.calls.open<JoinGroupResult>({
      signal,
      gone: () => this.#run(this.#machine.joinGone(ticket)),
    });
    this.#run(this.#machine.join(request, ticket, newMemberId));
    return answer;
  }

  sync(request: SyncGroupRequest): Promise<SyncGroupResult> {
    const { ticket, answer } = this.#means.calls.open<SyncGroupResult>();
    this.#run(this.#machine.sync(request, ticket));
    return answer;
  }

  /** Throws why not. */
  heartbeat(member: GroupMember): void {
    const refusal = this.#machine.heartbeatRefusal(member);
    if (refusal === undefined || refusal.code === 'REBALANCE_IN_PROGRESS') {
      this.#sessions.touch(member.memberId);
    }
    if (refusal !== undefined) throw refusal;
  }

  /** Likewise. */
  hold(member: GroupMember, ended: () => void): () => void {
    this.heartbeat(member);
    return this.#sessions.hold(member.memberId, ended);
  }

  leave(members: readonly LeavingMember[]): readonly LeaveOutcome[] {
    const { outcomes, effects } = this.#machine.leave(members);
    this.#run(effects);
    return outcomes;
  }

  /** Throws why this one may not commit; who may shows that it lives. */
  checkCommit(claim: CommitClaim): void {
    const refusal = this.#machine.commitRefusal(claim);
    if (refusal !== undefined) throw refusal;
    if (claim.memberId !== '') this.#sessions.touch(claim.memberId);
  }

  /** That it is empty is stored once more, when it could not be stored before. */
  async storeEmptiness(): Promise<void> {
    assert(!this.hasMembers, 'only an empty group is stored as empty');
    await this.#append(
      groupOutcome(this.view, () => new Uint8Array(0)),
      this.#emptySinceMs,
    );
  }

  /** The group was deleted. */
  die(): void {
    this.#machine.die();
    this.close();
  }

  /** Ends the timers and the holds. Whoever waits is told by who closes. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const ended of this.#sessions.close()) ended();
  }

  #run(effects: readonly GroupEffect[]): void {
    if (this.#isClosed) return;
    const ended: (() => void)[] = [];
    for (const effect of effects) this.#do(effect, ended);
    if (this.#machine.isVoid) this.#means.forget(this);
    // Last, because a hold's owner may turn to the group at once.
    for (const each of ended) each();
  }

  #do(effect: GroupEffect, ended: (() => void)[]): void {
    const { calls, clock } = this.#means;
    switch (effect.kind) {
      case 'joined':
      case 'synced':
        return calls.answer(effect.ticket, effect.result);
      case 'refused':
        return calls.refuse(effect.ticket, effect.error);
      case 'store':
        return this.#store(effect.store, effect.metadata);
      case 'session':
        return this.#sessions.start(effect.memberId, effect.sessionTimeoutMs);
      case 'gone':
        ended.push(...this.#sessions.remove(effect.memberId));
        return;
      case 'generation-ended':
        ended.push(...this.#sessions.endHolds());
        return;
      case 'timer':
        this.#cancelTimer?.();
        this.#cancelTimer = clock.after(effect.delayMs, () => this.#run(this.#machine.timeOver()));
        return;
      case 'no-timer':
        this.#cancelTimer?.();
        this.#cancelTimer = undefined;
    }
  }

  #store(store: number, outcome: GroupOutcome): void {
    const nowMs = this.#means.clock.wallMs();
    if (outcome.members.length === 0) this.#emptySinceMs = nowMs;
    const stored = (): void => this.#run(this.#machine.stored(store));
    const failed = (error: unknown): void => {
      if (!(error instanceof MillraceError)) throw error;
      const { group } = this.view;
      this.#means.log.warn({ group, error }, 'the outcome of a rebalance could not be stored');
      this.#run(this.#machine.storeFailed(store, error));
    };
    void this.#append(outcome, nowMs).then(stored, failed);
  }

  #append(outcome: GroupOutcome, currentStateTimestampMs: number): Promise<void> {
    const value = { ...outcome, currentStateTimestampMs };
    const { group } = this.view;
    return this.#means.store.append([{ kind: 'group-metadata', group, value }]);
  }
}
