/**
 * The rounds of a group: members come together, the leader shares out, what it says is stored and
 * told. It holds the state, the generation and the effects; which event leads where is decided in
 * `group-state.ts`.
 */
import assert from 'node:assert';
import type { GroupMetadataValue } from '../../codec/group-records.ts';
import type { MillraceError } from '../../model/errors.ts';
import type { GroupState, SyncGroupRequest } from '../groups.ts';
import type { GroupEffect, GroupOutcome, Ticket } from './group-effects.ts';
import { GroupMembers, NO_BYTES } from './group-members.ts';
import type { Member } from './group-members.ts';
import { rebalanceInProgress, unknownMember } from './group-refusals.ts';
import { groupOutcome, joinResult, syncResult } from './group-view.ts';
import type { GroupView } from './group-view.ts';

interface Assigning {
  readonly store: number;
  readonly assignments: ReadonlyMap<string, Uint8Array>;
}

export class GroupRebalance implements GroupView {
  readonly group: string;
  readonly members = new GroupMembers();
  protocolType = '';
  readonly #initialDelayMs: number;
  #state: GroupState = 'Empty';
  #generation = 0;
  #protocol: string | null = null;
  /** While a group that was empty waits for more members (Kafka's initial rebalance delay). */
  #gathering: { leftMs: number; hasGrown: boolean } | undefined;
  /** What the leader has brought, while it is being stored. */
  #assigning: Assigning | undefined;
  #storesMade = 0;
  #effects: GroupEffect[] = [];

  constructor(group: string, initialDelayMs: number) {
    this.group = group;
    this.#initialDelayMs = initialDelayMs;
  }

  get state(): GroupState {
    return this.#state;
  }

  get generation(): number {
    return this.#generation;
  }

  get protocol(): string | null {
    return this.#protocol;
  }

  restore(metadata: GroupMetadataValue): void {
    assert(this.#generation === 0 && this.members.count === 0, 'only a new group is restored');
    this.protocolType = metadata.protocolType;
    this.#generation = metadata.generation;
    this.members.restore(metadata);
    if (this.members.count === 0) return;
    this.#state = 'Stable';
    this.#protocol = metadata.protocol;
    for (const member of this.members.all()) this.session(member);
  }

  die(): void {
    assert(this.members.count === 0, 'a group with members is not deleted');
    this.#state = 'Dead';
  }

  emit(effect: GroupEffect): void {
    this.#effects.push(effect);
  }

  /** What has come up since the last time. */
  done(): GroupEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  refuse(ticket: Ticket, error: MillraceError): void {
    this.emit({ kind: 'refused', ticket, error });
  }

  session({ memberId, sessionTimeoutMs }: Member): void {
    this.emit({ kind: 'session', memberId, sessionTimeoutMs });
  }

  /** Answers a join with the present generation. */
  tellJoined(member: Member, ticket: Ticket): void {
    this.emit({ kind: 'joined', ticket, result: joinResult(this, member) });
    this.session(member);
  }

  /** Answers the number of the store. */
  store(metadata: GroupOutcome): number {
    this.#storesMade += 1;
    this.emit({ kind: 'store', store: this.#storesMade, metadata });
    return this.#storesMade;
  }

  /** Whatever waits of it is refused; what follows for the others is the caller's affair. */
  remove(member: Member, error = unknownMember(this.group, member.memberId)): void {
    if (member.join !== undefined) this.refuse(member.join, error);
    if (member.sync !== undefined) this.refuse(member.sync, error);
    this.emit({ kind: 'gone', memberId: member.memberId });
    this.members.remove(member);
  }

  /** After a change of the members: begins a rebalance, or ends the one that waited for it. */
  goOn(): void {
    if (this.#state === 'PreparingRebalance') this.completeIfAllJoined();
    else this.prepare();
  }

  /** A new member is there. */
  goOnWithNewcomer(): void {
    if (this.#gathering !== undefined) this.#gathering.hasGrown = true;
    this.goOn();
  }

  prepare(): void {
    const wasEmpty = this.#state === 'Empty';
    if (!wasEmpty) this.#endGeneration();
    this.#state = 'PreparingRebalance';
    const waitMs = this.members.rebalanceTimeoutMs;
    if (wasEmpty && this.#initialDelayMs > 0) {
      const leftMs = Math.max(waitMs - this.#initialDelayMs, 0);
      this.#gathering = { leftMs, hasGrown: false };
      this.emit({ kind: 'timer', delayMs: this.#initialDelayMs });
    } else if (wasEmpty || this.#haveAllJoined()) this.#complete();
    else this.emit({ kind: 'timer', delayMs: waitMs });
  }

  completeIfAllJoined(): void {
    if (this.#state !== 'PreparingRebalance' || !this.#haveAllJoined()) return;
    if (this.#gathering === undefined || this.members.count === 0) this.#complete();
  }

  timeOver(): void {
    if (this.#state === 'PreparingRebalance') {
      if (!this.#gathersLonger()) this.#complete();
      return;
    }
    const silent = [...this.members.all()].filter(({ owesSync }) => owesSync);
    if (silent.length === 0) return;
    for (const member of silent) this.remove(member);
    this.prepare();
  }

  /** Of a member of this generation, and not while members come together. */
  sync(member: Member, { assignments }: SyncGroupRequest, ticket: Ticket): void {
    if (member.owesSync) {
      this.members.setOwesSync(member, false);
      if (this.members.haveAllSynced) this.emit({ kind: 'no-timer' });
    }
    if (this.#state === 'Stable') return this.#tellAssignment(member, ticket);
    if (member.sync !== undefined) this.refuse(member.sync, rebalanceInProgress(this.group));
    this.members.setSync(member, ticket);
    if (this.members.leader !== member.memberId || this.#assigning !== undefined) return;
    // The bytes may lie in a buffer of many requests.
    const copies = assignments.map(
      (each) => [each.memberId, new Uint8Array(each.assignment)] as const,
    );
    const all = new Map(copies);
    const outcome = groupOutcome(this, ({ memberId }) => all.get(memberId) ?? NO_BYTES);
    this.#assigning = { store: this.store(outcome), assignments: all };
  }

  /** False when it was not the assignments of this generation that were stored. */
  stored(store: number): boolean {
    if (this.#assigning?.store !== store) return false;
    const { assignments } = this.#assigning;
    this.#assigning = undefined;
    this.#state = 'Stable';
    for (const member of this.members.all()) {
      this.members.setAssignment(member, assignments.get(member.memberId) ?? NO_BYTES);
      if (member.sync === undefined) continue;
      this.#tellAssignment(member, member.sync);
      this.members.setSync(member, undefined);
    }
    return true;
  }

  /** Likewise. */
  storeFailed(store: number, error: MillraceError): boolean {
    if (this.#assigning?.store !== store) return false;
    this.#refuseSyncs(error);
    this.prepare();
    return true;
  }

  #tellAssignment(member: Member, ticket: Ticket): void {
    this.emit({ kind: 'synced', ticket, result: syncResult(this, member) });
    this.session(member);
  }

  #endGeneration(): void {
    this.emit({ kind: 'generation-ended' });
    this.#refuseSyncs(rebalanceInProgress(this.group));
    for (const member of this.members.all()) {
      this.members.setOwesSync(member, false);
      if (this.#state === 'CompletingRebalance') this.members.setAssignment(member, NO_BYTES);
    }
    this.#assigning = undefined;
  }

  #refuseSyncs(error: MillraceError): void {
    for (const member of this.members.all()) {
      if (member.sync === undefined) continue;
      this.refuse(member.sync, error);
      this.members.setSync(member, undefined);
      // It may have run out while the sync waited.
      this.session(member);
    }
  }

  /** Who has not joined is out. */
  #complete(): void {
    this.#gathering = undefined;
    for (const member of [...this.members.all()])
      if (member.join === undefined) this.remove(member);
    this.#generation += 1;
    if (this.members.count === 0) return this.#becomeEmpty();
    this.#protocol = this.members.chosenProtocol();
    this.#state = 'CompletingRebalance';
    for (const member of this.members.all()) {
      assert(member.join !== undefined, 'a member takes part without having joined');
      this.tellJoined(member, member.join);
      this.members.setJoin(member, undefined);
      this.members.setOwesSync(member, true);
      this.members.setTold(member);
    }
    this.emit({ kind: 'timer', delayMs: this.members.rebalanceTimeoutMs });
  }

  /** If this cannot be stored, a restart finds the last members once more, and misses them soon. */
  #becomeEmpty(): void {
    this.#protocol = null;
    this.#state = 'Empty';
    this.emit({ kind: 'no-timer' });
    this.store(groupOutcome(this, () => NO_BYTES));
  }

  #haveAllJoined(): boolean {
    return this.members.count === 0 || this.members.haveAllJoined;
  }

  /** As long as members keep coming, within the time that a rebalance may take. */
  #gathersLonger(): boolean {
    const gathering = this.#gathering;
    if (gathering === undefined || !gathering.hasGrown || gathering.leftMs === 0) return false;
    const delayMs = Math.min(this.#initialDelayMs, gathering.leftMs);
    this.#gathering = { leftMs: gathering.leftMs - delayMs, hasGrown: false };
    this.emit({ kind: 'timer', delayMs });
    return true;
  }
}
