/**
 * A consumer instance's place in its group, from the subscription to its end: it joins, gives
 * signs of life whether or not the instance is being read, and joins again when told to.
 *
 * When a rebalance begins it does not hurry: the instance says when it may join again, because
 * only then what its caller has in hand can be committed first. Until then the group waits for it.
 */
import type { GroupMember } from '../broker/groups.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { chooseAssignors } from '../membership/assignors.ts';
import type { Cursor } from '../membership/cursor.ts';
import type { GroupBroker } from '../membership/group-broker.ts';
import type { JoinWish } from '../membership/join.ts';
import { joinAsMember } from '../membership/join.ts';
import { positionsOf } from '../membership/positions.ts';
import type { CancelTimer, Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import {
  JOIN_ROUNDS_MAX,
  SESSION_TIMEOUT_MS_DEFAULT,
  V2_INSTANCE_TIMEOUT_MS,
} from '../model/limits.ts';
import { quote } from '../model/names.ts';
import { V2Positions } from './v2-positions.ts';

/** What an instance reads at the moment. */
export interface V2Place {
  /** undefined: its partitions were assigned by hand. */
  readonly member: GroupMember | undefined;
  /** Its positions are those of `positions`, at every read. */
  readonly cursor: Cursor;
  readonly assignment: readonly TopicPartitions[];
  readonly positions: V2Positions;
}

export type V2Wish = Pick<
  JoinWish,
  'group' | 'subscription' | 'autoOffsetReset' | 'clientId' | 'clientHost'
>;

interface Means {
  readonly broker: GroupBroker;
  readonly clock: Clock;
  /** The generation has ended: `place` joins again. */
  readonly onEnded: () => void;
}

/** The codes after which joining again helps. */
const OVERTAKEN = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'];

export function isOvertaken(error: unknown): error is MillraceError {
  return error instanceof MillraceError && OVERTAKEN.includes(error.code);
}

export class V2Membership {
  readonly wish: V2Wish;
  readonly #means: Means;
  readonly #leaving = new AbortController();
  #memberId = '';
  #current: V2Place | undefined;
  /** Whether `#current` is of the generation that the group is in. */
  #isFresh = false;
  #joining: Promise<V2Place> | undefined;
  #release: (() => void) | undefined;
  /** What the group waits for, from the end of its generation to the next join. */
  #awaited: GroupMember | undefined;
  #cancelHeartbeat: CancelTimer | undefined;

  constructor(means: Means, wish: V2Wish) {
    this.#means = means;
    this.wish = wish;
  }

  /** Also while the next join is due: commits of the generation that ends are still taken. */
  get current(): V2Place | undefined {
    return this.#current;
  }

  get isFresh(): boolean {
    return this.#isFresh;
  }

  get hasLeft(): boolean {
    return this.#leaving.signal.aborted;
  }

  /** The place in the present generation; joins for it where that is needed. */
  place(): Promise<V2Place> {
    if (this.#isFresh && this.#current !== undefined) return Promise.resolve(this.#current);
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    });
    return this.#joining;
  }

  /** A call was told that the place is no longer the right one. */
  invalidate(): void {
    this.#isFresh = false;
  }

  /** For good, at once. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    // A join that is under way leaves for itself.
    if (this.#joining !== undefined) await Promise.allSettled([this.#joining]);
    this.#letGo();
    this.#isFresh = false;
    if (this.#memberId === '') return;
    const { broker } = this.#means;
    const [outcome] = await broker.leaveGroup(this.wish.group, [{ memberId: this.#memberId }]);
    const { error } = outcome ?? {};
    if (error !== undefined && error.code !== 'UNKNOWN_MEMBER_ID') throw error;
  }

  async #join(): Promise<V2Place> {
    for (let round = 1; round <= JOIN_ROUNDS_MAX; round += 1) {
      try {
        const place = await this.#joinOnce();
        if (this.#isFresh) return place;
      } catch (error) {
        if (!isOvertaken(error) || this.#leaving.signal.aborted) throw error;
        if (error.code === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
      }
    }
    const { group } = this.wish;
    throw new MillraceError(
      'REBALANCE_IN_PROGRESS',
      `group ${quote(group)} was rebalanced ${JOIN_ROUNDS_MAX} times while a consumer instance joined`,
      { retriable: true, details: { group } },
    );
  }

  async #joinOnce(): Promise<V2Place> {
    const { broker } = this.#means;
    const { group, autoOffsetReset } = this.wish;
    const joined = await joinAsMember(broker, {
      ...this.wish,
      assignors: chooseAssignors(),
      memberId: this.#memberId,
      groupInstanceId: undefined,
      sessionTimeoutMs: SESSION_TIMEOUT_MS_DEFAULT,
      // Kafka's max.poll.interval.ms: who is read now and then keeps its place as long as it lives.
      rebalanceTimeoutMs: V2_INSTANCE_TIMEOUT_MS,
      cursor: this.#current?.cursor,
      signal: this.#leaving.signal,
    });
    this.#memberId = joined.memberId;
    const { cursor, assignment, generation, memberId } = joined;
    const member = { group, memberId, generation };
    this.#letGo();
    let hasEnded = false;
    this.#release = await broker.holdMember(member, () => {
      hasEnded = true;
      this.#ended(member);
    });
    const wish = { group, assignment, autoOffsetReset, known: cursor.positions };
    const positions = new V2Positions(await positionsOf(broker, wish));
    this.#current = { member, cursor, assignment, positions };
    this.#isFresh = !hasEnded;
    return this.#current;
  }

  #ended(member: GroupMember): void {
    if (this.#leaving.signal.aborted) return;
    this.#isFresh = false;
    this.#letGo();
    this.#awaited = member;
    this.#beatLater(member);
    this.#means.onEnded();
  }

  /** The hold is over, and the session time goes on while the group waits for this member. */
  #beatLater(member: GroupMember): void {
    this.#cancelHeartbeat = this.#means.clock.after(SESSION_TIMEOUT_MS_DEFAULT / 3, () => {
      void this.#beat(member);
    });
  }

  async #beat(member: GroupMember): Promise<void> {
    try {
      await this.#means.broker.heartbeat(member);
    } catch (error) {
      // Any other refusal will be met again by the next join, which can tell somebody.
      if (!isOvertaken(error) || error.code !== 'REBALANCE_IN_PROGRESS') return;
    }
    if (this.#awaited === member) this.#beatLater(member);
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
    this.#awaited = undefined;
    this.#cancelHeartbeat?.();
    this.#cancelHeartbeat = undefined;
  }
}
