/**
 * A place in a group: joins, joins again whenever the partitions are shared out anew, reads what
 * falls to it, commits it, leaves. It goes on from what was read last, so the caller deals with
 * one batch before it reads the next, and commits it or does not.
 */
import type { JoinWish, MemberBatch, MembershipAnswer, ReadWish } from '../client/group-answers.ts';
import type { GroupClient } from '../client/group-client.ts';
import { ServerError, UnreachableError } from '../client/server-error.ts';

/** Between attempts to join, where the last one was of no use: others may be joining as well. */
const PAUSE_MS = 200;

/** By these the server says that the place is lost. */
const LOST = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'];
/** And by this one to whoever has a place: a topic was deleted, and there may be others to read. */
const LOST_WHILE_SEATED = [...LOST, 'UNKNOWN_TOPIC_OR_PARTITION'];

export interface SeatMeans {
  readonly client: Pick<GroupClient, 'join' | 'read' | 'commit' | 'leave'>;
  readonly group: string;
  readonly wish: Omit<JoinWish, 'member_id' | 'cursor'>;
  readonly pause: (delayMs: number) => Promise<void>;
}

export class GroupSeat {
  readonly #means: SeatMeans;
  #membership: MembershipAnswer | undefined;
  /** Who it was before, for as long as the server may know it. */
  #former: Pick<MembershipAnswer, 'member_id' | 'cursor'> | undefined;
  /** Places lost since the last read. */
  #lostInARow = 0;

  constructor(means: SeatMeans) {
    this.#means = means;
  }

  /** Resolves with the membership when it is a new one, else at once with undefined. */
  async join(): Promise<MembershipAnswer | undefined> {
    if (this.#membership !== undefined) return undefined;
    const { client, group, wish, pause } = this.#means;
    for (;;) {
      if (this.#lostInARow > 1) await pause(PAUSE_MS);
      try {
        this.#membership = await client.join(group, { ...wish, ...this.#former });
        return this.#membership;
      } catch (error) {
        if (!this.#isLost(error)) throw error;
      }
    }
  }

  /** The next records; undefined when it has to join again first. */
  async read(
    wish: Pick<ReadWish, 'format' | 'max_records' | 'timeout_ms'>,
  ): Promise<MemberBatch | undefined> {
    const { member_id: memberId, generation, cursor } = this.#seated();
    const { client, group } = this.#means;
    try {
      const batch = await client.read({ group, memberId }, { ...wish, generation, cursor });
      this.#membership = { ...this.#seated(), cursor: batch.cursor };
      this.#lostInARow = 0;
      return batch;
    } catch (error) {
      if (!this.#isLost(error)) throw error;
      return undefined;
    }
  }

  /**
   * Commits all that was read; false when its partitions may be somebody else's by now, who then
   * reads it again.
   */
  async commit(): Promise<boolean> {
    const { member_id: memberId, generation, cursor } = this.#seated();
    const { client, group } = this.#means;
    try {
      await client.commit({ group, memberId }, { generation, cursor });
      return true;
    } catch (error) {
      if (!this.#isLost(error)) throw error;
      return false;
    }
  }

  /** So that the others need not wait for the end of its session. Never fails the caller. */
  async leave(): Promise<void> {
    const { client, group } = this.#means;
    const memberId = (this.#membership ?? this.#former)?.member_id;
    if (memberId === undefined) return;
    try {
      await client.leave({ group, memberId });
    } catch (error) {
      // Whoever cannot take leave is missed in the end.
      if (!(error instanceof ServerError) && !(error instanceof UnreachableError)) throw error;
    }
  }

  #seated(): MembershipAnswer {
    if (this.#membership !== undefined) return this.#membership;
    throw new TypeError('read and commit come after join');
  }

  #isLost(error: unknown): boolean {
    const codes = this.#membership === undefined ? LOST : LOST_WHILE_SEATED;
    if (!(error instanceof ServerError) || !codes.includes(error.code)) return false;
    const { member_id, cursor } = this.#membership ?? this.#former ?? {};
    const isKnown = error.code !== 'UNKNOWN_MEMBER_ID';
    this.#former =
      isKnown && member_id !== undefined && cursor !== undefined
        ? { member_id, cursor }
        : undefined;
    this.#membership = undefined;
    this.#lostInARow += 1;
    return true;
  }
}
