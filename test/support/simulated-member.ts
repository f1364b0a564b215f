/**
 * A member of a group as a client plays it: it joins, brings or awaits its assignment, works and
 * shows that it lives. It knows only what it was told, and checks that.
 */
import assert from 'node:assert';
import type { JoinGroupRequest, JoinGroupResult } from '../../src/broker/groups.ts';
import { offering } from './played-group.ts';
import type { Answer, PlayedGroup } from './played-group.ts';

/** What all members see. */
export interface World {
  readonly partitions: number;
}

type Doing =
  | { readonly kind: 'out' }
  | { readonly kind: 'joining'; readonly ticket: number }
  | { readonly kind: 'syncing'; readonly ticket: number }
  | { readonly kind: 'working'; readonly partitions: number };

export interface MemberWishes extends Partial<JoinGroupRequest> {
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export class SimulatedMember {
  memberId = '';
  generation = -1;
  isLeader = false;
  /** It does nothing any more, and nobody told the group. */
  isDead = false;
  /** Until then it does nothing. */
  sleepsUntilMs = 0;
  /** Until then it only shows that it lives, as a client does whose user is at work. */
  busyUntilMs = 0;
  doing: Doing = { kind: 'out' };
  readonly wishes: MemberWishes;
  readonly #group: PlayedGroup;
  readonly #world: World;

  constructor(group: PlayedGroup, world: World, wishes: MemberWishes) {
    this.#group = group;
    this.#world = world;
    this.wishes = wishes;
  }

  /** Who it is for the others: an instance stays the same through restarts. */
  get identity(): string {
    return this.wishes.groupInstanceId ?? this.memberId;
  }

  act(): void {
    if (this.isDead || this.#group.nowMs < this.sleepsUntilMs) return;
    if (this.#group.nowMs < this.busyUntilMs) return this.#beat();
    const { doing } = this;
    switch (doing.kind) {
      case 'out':
        return this.join();
      case 'joining':
        return this.#hear(this.#group.answers.get(doing.ticket), (answer) => {
          assert(answer.kind === 'joined', 'a join is answered as one');
          this.#sync(answer.result);
        });
      case 'syncing':
        return this.#hear(this.#group.answers.get(doing.ticket), (answer) => {
          assert(answer.kind === 'synced', 'a sync is answered as one');
          this.#work(Buffer.from(answer.result.assignment).toString());
        });
      case 'working':
        return this.#live(doing.partitions);
    }
  }

  join(): void {
    const { memberId } = this;
    const ticket = this.#group.join({ protocols: offering('range'), ...this.wishes, memberId });
    this.doing = { kind: 'joining', ticket };
  }

  leave(): void {
    this.#group.leave({ memberId: this.memberId, groupInstanceId: this.wishes.groupInstanceId });
    this.isDead = true;
  }

  /** `isNoticed`: its connection breaks too. */
  crash(isNoticed: boolean): void {
    this.isDead = true;
    if (isNoticed && this.doing.kind === 'joining') this.#group.joinGone(this.doing.ticket);
  }

  /** The answer that it waited for is lost with the server. */
  connectionLost(): void {
    const { doing } = this;
    const waits = doing.kind === 'joining' || doing.kind === 'syncing';
    if (!this.isDead && waits && !this.#group.answers.has(doing.ticket)) this.join();
  }

  #beat(): void {
    const { doing, memberId, generation } = this;
    const answer = doing.kind === 'joining' ? this.#group.answers.get(doing.ticket) : undefined;
    const told = answer?.kind === 'joined' ? answer.result : { memberId, generation };
    this.#group.heartbeat(told.memberId, told.generation, this.wishes.groupInstanceId);
  }

  #sync(joined: JoinGroupResult): void {
    const { memberId, generation, leader, members } = joined;
    Object.assign(this, { memberId, generation, isLeader: leader === memberId });
    const assigned: { [memberId: string]: string } = {};
    for (const [index, member] of members.entries()) {
      const { partitions } = this.#world;
      const all = Array.from({ length: partitions }, (_, partition) => partition);
      const mine = all.filter((partition) => partition % members.length === index);
      const identity = member.groupInstanceId ?? member.memberId;
      assigned[member.memberId] = [generation, identity, partitions, ...mine].join(' ');
    }
    const { groupInstanceId } = this.wishes;
    const ticket = this.#group.sync(memberId, assigned, { generation, groupInstanceId });
    this.doing = { kind: 'syncing', ticket };
  }

  #work(text: string): void {
    const [generation = '', identity, partitions] = text.split(' ');
    assert.equal(Number(generation), this.generation, 'an assignment of another generation');
    assert.equal(identity, this.identity, 'an assignment of another member');
    this.doing = { kind: 'working', partitions: Number(partitions) };
  }

  #live(partitions: number): void {
    const { memberId, generation, wishes } = this;
    const refusal = this.#group.heartbeat(memberId, generation, wishes.groupInstanceId);
    if (refusal !== undefined) this.#refused(refusal);
    else if (this.isLeader && partitions !== this.#world.partitions) this.join();
  }

  #hear(answer: Answer | undefined, then: (answer: Answer) => void): void {
    if (answer === undefined) return;
    if (answer.kind !== 'refused') return then(answer);
    const { code, details } = answer.error;
    if (code === 'MEMBER_ID_REQUIRED') this.memberId = String(details['member_id']);
    this.#refused(code);
  }

  #refused(code: string): void {
    if (code === 'FENCED_INSTANCE_ID') {
      this.isDead = true;
      return;
    }
    if (code === 'UNKNOWN_MEMBER_ID') this.memberId = '';
    this.join();
  }
}
