/**
 * A group's state machine with everything that its effects ask for played by hand: time passes when
 * the test says so, and storing succeeds at once, waits or fails.
 */
import type { GroupEffect, GroupOutcome, Ticket } from '../../src/broker/local/group-effects.ts';
import { GroupMachine } from '../../src/broker/local/group-state.ts';
import type {
  JoinGroupRequest,
  JoinGroupResult,
  LeavingMember,
  SyncGroupRequest,
  SyncGroupResult,
} from '../../src/broker/groups.ts';
import { MillraceError } from '../../src/model/errors.ts';

export type Answer =
  | { readonly kind: 'joined'; readonly result: JoinGroupResult }
  | { readonly kind: 'synced'; readonly result: SyncGroupResult }
  | { readonly kind: 'refused'; readonly error: MillraceError };

interface PendingStore {
  readonly store: number;
  readonly metadata: GroupOutcome;
}

export const GROUP = 'g';

/** Protocols by their names, each saying the same of the member. */
export function offering(...names: readonly string[]): JoinGroupRequest['protocols'] {
  return names.map((name) => ({ name, metadata: Buffer.from('topics') }));
}

export function diskFull(): MillraceError {
  return new MillraceError('DISK_FULL', 'no room', { written: 'no', retriable: true });
}

export class PlayedGroup {
  machine: GroupMachine;
  /** What a restart would find. */
  durable: GroupOutcome | undefined;
  readonly answers = new Map<Ticket, Answer>();
  /** Since when those wait that have no answer. */
  readonly waiting = new Map<Ticket, number>();
  /** Looks at each answer as it is given. */
  onAnswer: ((answer: Answer) => void) | undefined;
  /** Answered twice: that must never be. */
  readonly answeredTwice: Ticket[] = [];
  readonly stores: PendingStore[] = [];
  /** When it is not done at once. */
  holdStores = false;
  /** A store that says it is done and has kept nothing. */
  storesNothing = false;
  nowMs = 0;
  generationsEnded = 0;
  readonly gone: string[] = [];
  readonly #initialDelayMs: number;
  readonly #sessions = new Map<string, { timeoutMs: number; deadlineMs: number }>();
  #timerMs: number | undefined;
  #tickets = 0;
  #ids = 0;

  constructor(initialDelayMs = 0) {
    this.#initialDelayMs = initialDelayMs;
    this.machine = new GroupMachine(GROUP, initialDelayMs);
  }

  get state() {
    return this.machine.view.state;
  }

  get generation() {
    return this.machine.view.generation;
  }

  get hasTimer(): boolean {
    return this.#timerMs !== undefined;
  }

  /** Of those whose session time runs. */
  get sessions(): string[] {
    return [...this.#sessions.keys()];
  }

  memberIds(): string[] {
    return Array.from(this.machine.view.members.all(), ({ memberId }) => memberId);
  }

  /** New members are called m1, m2 and so on. */
  join(wish: Partial<JoinGroupRequest> = {}): Ticket {
    const ticket = this.#ticket();
    this.#ids += 1;
    const request: JoinGroupRequest = {
      group: GROUP,
      memberId: '',
      clientId: 'client',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: offering('range'),
      ...wish,
    };
    this.#play(this.machine.join(request, ticket, `m${this.#ids}`));
    return ticket;
  }

  joinGone(ticket: Ticket): void {
    this.#play(this.machine.joinGone(ticket));
  }

  /** The leader's assignments are given as text by member id. */
  sync(
    memberId: string,
    assigned: Readonly<{ [memberId: string]: string }> = {},
    more: Partial<SyncGroupRequest> = {},
  ): Ticket {
    const ticket = this.#ticket();
    const assignments = Object.entries(assigned).map(([id, text]) => {
      return { memberId: id, assignment: Buffer.from(text) };
    });
    const request = { group: GROUP, memberId, generation: this.generation, assignments, ...more };
    this.#play(this.machine.sync(request, ticket));
    return ticket;
  }

  heartbeat(memberId: string, generation = this.generation, groupInstanceId?: string) {
    const claim = { group: GROUP, memberId, generation, groupInstanceId };
    const code = this.machine.heartbeatRefusal(claim)?.code;
    if (code === undefined || code === 'REBALANCE_IN_PROGRESS') this.#touch(memberId);
    return code;
  }

  commit(memberId: string, generation = this.generation, groupInstanceId?: string) {
    return this.machine.commitRefusal({ group: GROUP, memberId, generation, groupInstanceId })
      ?.code;
  }

  leave(...leaving: readonly LeavingMember[]) {
    const { outcomes, effects } = this.machine.leave(leaving);
    this.#play(effects);
    return outcomes.map(({ error }) => error?.code);
  }

  /** The first of those that wait. */
  store(error?: MillraceError): void {
    const pending = this.stores.shift();
    if (pending === undefined) throw new Error('nothing is being stored');
    if (error === undefined) {
      if (!this.storesNothing) this.durable = pending.metadata;
      this.#play(this.machine.stored(pending.store));
    } else this.#play(this.machine.storeFailed(pending.store, error));
  }

  /** What waits is never answered; what is being stored is lost. */
  restart(): void {
    this.stores.length = 0;
    this.waiting.clear();
    this.#sessions.clear();
    this.#timerMs = undefined;
    this.machine = new GroupMachine(GROUP, this.#initialDelayMs);
    if (this.durable === undefined) return;
    this.#play(this.machine.restore({ ...this.durable, currentStateTimestampMs: this.nowMs }));
  }

  /** What comes due on the way is done at its time. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.atMs > endMs) break;
      this.nowMs = next.atMs;
      if (next.memberId === undefined) {
        this.#timerMs = undefined;
        this.#play(this.machine.timeOver());
      } else {
        this.#sessions.delete(next.memberId);
        this.#play(this.machine.sessionOver(next.memberId));
      }
    }
    this.nowMs = endMs;
  }

  /** A stable group of so many, of which each has its own id as assignment. Answers their ids. */
  stable(count: number, wish: Partial<JoinGroupRequest> = {}): string[] {
    const memberIds = [this.joined(this.join(wish)).memberId];
    while (memberIds.length < count) {
      const ticket = this.join(wish);
      for (const memberId of memberIds) this.join({ ...wish, memberId });
      memberIds.push(this.joined(ticket).memberId);
    }
    this.syncAll(memberIds);
    return memberIds;
  }

  syncAll(memberIds: readonly string[]): void {
    const all = Object.fromEntries(memberIds.map((memberId) => [memberId, `for ${memberId}`]));
    for (const memberId of memberIds) {
      this.sync(memberId, memberId === this.machine.view.members.leader ? all : {});
    }
  }

  joined(ticket: Ticket): JoinGroupResult {
    const answer = this.answers.get(ticket);
    if (answer?.kind !== 'joined') throw new Error(`not joined, but ${this.said(ticket)}`);
    return answer.result;
  }

  /** In a word: `waits`, `joined`, what was assigned, or why it was refused. */
  said(ticket: Ticket): string {
    const answer = this.answers.get(ticket);
    if (answer === undefined) return 'waits';
    if (answer.kind === 'refused') return answer.error.code;
    return answer.kind === 'joined'
      ? 'joined'
      : Buffer.from(answer.result.assignment).toString() || 'nothing';
  }

  #ticket(): Ticket {
    this.#tickets += 1;
    this.waiting.set(this.#tickets, this.nowMs);
    return this.#tickets;
  }

  #play(effects: readonly GroupEffect[]): void {
    for (const effect of effects) this.#do(effect);
    while (!this.holdStores && this.stores.length > 0) this.store();
  }

  #do(effect: GroupEffect): void {
    switch (effect.kind) {
      case 'joined':
      case 'synced':
      case 'refused':
        if (this.answers.has(effect.ticket)) this.answeredTwice.push(effect.ticket);
        this.answers.set(effect.ticket, effect);
        this.waiting.delete(effect.ticket);
        this.onAnswer?.(effect);
        break;
      case 'store':
        this.stores.push(effect);
        break;
      case 'session': {
        const { memberId, sessionTimeoutMs: timeoutMs } = effect;
        this.#sessions.set(memberId, { timeoutMs, deadlineMs: this.nowMs + timeoutMs });
        break;
      }
      case 'gone':
        this.#sessions.delete(effect.memberId);
        this.gone.push(effect.memberId);
        break;
      case 'generation-ended':
        this.generationsEnded += 1;
        break;
      case 'timer':
        this.#timerMs = this.nowMs + effect.delayMs;
        break;
      case 'no-timer':
        this.#timerMs = undefined;
        break;
    }
  }

  #touch(memberId: string): void {
    const session = this.#sessions.get(memberId);
    if (session !== undefined) session.deadlineMs = this.nowMs + session.timeoutMs;
  }

  #earliest(): { readonly atMs: number; readonly memberId: string | undefined } | undefined {
    let [memberId, atMs]: [string | undefined, number] = [undefined, this.#timerMs ?? Infinity];
    for (const [id, { deadlineMs }] of this.#sessions) {
      if (deadlineMs < atMs) [memberId, atMs] = [id, deadlineMs];
    }
    return atMs === Infinity ? undefined : { atMs, memberId };
  }
}
