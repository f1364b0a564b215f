/**
 * The groups of this server: Kafka's group coordinator, behind the groups' half of the seam. It
 * finds the group and checks the bounds; how a group lives is `live-group.ts`'s affair, and what is
 * kept of it the store's.
 *
 * It promises: a commit is checked and given its place in the log in one turn, so that none of an
 * old generation comes behind the rebalance that ended it; what is known after a restart is what
 * the store had acknowledged.
 */
import { MillraceError } from '../../model/errors.ts';
import type { Written } from '../../model/errors.ts';
import type { Clock } from '../../model/clock.ts';
import { OFFSETS_RETENTION_MS_DEFAULT, PARKED_JOINS_MAX } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import { checkGroupName } from '../../model/names.ts';
import type {
  CommitOutcome,
  CommitRequest,
  CommittedOffset,
  GroupDescription,
  GroupListing,
  GroupMember,
  Groups,
  JoinGroupRequest,
  JoinGroupResult,
  LeaveOutcome,
  LeavingMember,
  SyncGroupRequest,
  SyncGroupResult,
  TopicPartition,
} from '../groups.ts';
import { shuttingDown } from '../refusals.ts';
import {
  checkedCommit,
  checkedDeletion,
  checkOffsetCount,
  committedOffsets,
} from './committed-offsets.ts';
import type { FindTopic } from './committed-offsets.ts';
import { GroupCleaning } from './group-cleaning.ts';
import { describedEmpty, isRead, listing } from './group-listings.ts';
import { groupNotEmpty, groupNotFound, unknownMember } from './group-refusals.ts';
import { GroupRegistry } from './group-registry.ts';
import type { GroupStore, StoredGroup } from './group-store.ts';
import { describedGroup } from './group-view.ts';
import { checkJoin, checkSync, memberIdFor } from './join-checks.ts';
import type { LiveGroup } from './live-group.ts';
import { WaitingCalls } from './waiting-calls.ts';

export interface GroupCoordinatorOptions {
  readonly store: GroupStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  /** undefined: there is no such topic. */
  readonly topic: FindTopic;
  /** Whether everything that was ever acknowledged is in the store; always, where not given. */
  readonly isComplete?: () => boolean;
  /** Kafka's `group.initial.rebalance.delay.ms`; 0: the first member of a group waits for nobody. */
  readonly initialDelayMs?: number;
  readonly offsetsRetentionMs?: number;
}

export interface GroupStats {
  /** With members, or with anything kept of them. */
  readonly groups: number;
  readonly members: number;
  /** Joins and syncs that wait. */
  readonly parkedJoins: number;
  /** Offsets committed since the start. */
  readonly commits: number;
}

export class GroupCoordinator implements Groups {
  readonly #options: GroupCoordinatorOptions;
  readonly #isComplete: () => boolean;
  readonly #calls = new WaitingCalls();
  readonly #groups: GroupRegistry;
  readonly #cleaning: GroupCleaning;
  #commits = 0;
  #isClosed = false;

  /** The members that the store knows go on, and their session times begin. */
  constructor(options: GroupCoordinatorOptions) {
    const { store, clock, log, topic, initialDelayMs = 0 } = options;
    this.#options = options;
    const { isComplete = () => true } = options;
    this.#isComplete = isComplete;
    const means = { clock, log, store, calls: this.#calls, initialDelayMs, isComplete };
    this.#groups = new GroupRegistry(means);
    this.#cleaning = new GroupCleaning({
      store,
      log,
      findTopic: topic,
      retentionMs: options.offsetsRetentionMs ?? OFFSETS_RETENTION_MS_DEFAULT,
      groups: this.#groups,
      isStopped: () => this.#isClosed,
    });
  }

  async joinGroup(request: JoinGroupRequest): Promise<JoinGroupResult> {
    this.#checkOpen();
    const { group: name, memberId } = request;
    checkGroupName(name);
    checkJoin(request);
    if (this.#calls.count >= PARKED_JOINS_MAX) throw tooManyWait();
    const newMemberId = memberIdFor(request.clientId, this.#options.randomBytes(16));
    const known = this.#groups.find(name);
    if (known !== undefined) return known.join(request, newMemberId);
    this.#checkComplete();
    if (memberId !== '') throw unknownMember(name, memberId);
    return this.#groups.create(name).join(request, newMemberId);
  }

  async syncGroup(request: SyncGroupRequest): Promise<SyncGroupResult> {
    this.#checkOpen();
    checkSync(request);
    return this.#withMember(request).sync(request);
  }

  async heartbeat(member: GroupMember): Promise<void> {
    this.#checkOpen();
    this.#withMember(member).heartbeat(member);
  }

  async holdMember(member: GroupMember, ended: () => void): Promise<() => void> {
    this.#checkOpen();
    return this.#withMember(member).hold(member, ended);
  }

  async leaveGroup(
    name: string,
    members: readonly LeavingMember[],
  ): Promise<readonly LeaveOutcome[]> {
    this.#checkOpen();
    checkGroupName(name);
    const group = this.#groups.find(name);
    if (group !== undefined) return group.leave(members);
    this.#checkComplete();
    return members.map((each) => ({ ...each, error: unknownMember(name, each.memberId) }));
  }

  /** A hot path: tens of thousands a second. */
  async commitOffsets(request: CommitRequest): Promise<readonly CommitOutcome[]> {
    this.#checkOpen({ written: 'no' });
    const { group: name, offsets, memberId, generation } = request;
    const { store, clock, topic: findTopic } = this.#options;
    const live = this.#groups.find(name);
    const stored = store.group(name);
    if (live === undefined && stored === undefined) this.#groups.checkNew(name);
    if (live !== undefined) live.checkCommit(request);
    else if (memberId !== '' || generation >= 0) {
      this.#checkComplete({ written: 'no' });
      throw unknownMember(name, memberId);
    }
    const given = { findTopic, commitTimestampMs: clock.wallMs() };
    const { records, outcomes } = checkedCommit(name, offsets, given);
    checkOffsetCount(stored, records);
    if (records.length === 0) return outcomes;
    this.#groups.beginCommit(name);
    try {
      await store.append(records);
      this.#commits += records.length;
      return outcomes;
    } finally {
      this.#groups.endCommit(name);
    }
  }

  async fetchOffsets(name: string): Promise<readonly CommittedOffset[]> {
    this.#checkOpen();
    checkGroupName(name);
    this.#checkComplete();
    const stored = this.#options.store.group(name);
    return stored === undefined ? [] : committedOffsets(stored, this.#options.topic);
  }

  async deleteOffsets(
    name: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommitOutcome[]> {
    this.#checkOpen({ written: 'no' });
    const { live } = this.#known(name);
    const { records, outcomes } = checkedDeletion(name, partitions, {
      findTopic: this.#options.topic,
      isRead: (topic) => live !== undefined && isRead(live.view, topic),
    });
    await this.#options.store.append(records);
    return outcomes;
  }

  async listGroups(): Promise<readonly GroupListing[]> {
    this.#checkOpen();
    const listed: GroupListing[] = [];
    for (const stored of this.#options.store.groups()) {
      const live = this.#groups.find(stored.name);
      if (live?.hasMembers === true || stored.offsets.size > 0) {
        listed.push(listing(stored.name, { live: live?.view, stored }));
      }
    }
    for (const live of this.#groups.unstored()) {
      if (live.hasMembers) listed.push(listing(live.view.group, { live: live.view }));
    }
    return listed.sort((one, other) => (one.group < other.group ? -1 : 1));
  }

  async describeGroup(name: string): Promise<GroupDescription> {
    this.#checkOpen();
    const { live, stored } = this.#known(name);
    return live === undefined ? describedEmpty(name, stored) : describedGroup(live.view);
  }

  async deleteGroup(name: string): Promise<void> {
    this.#checkOpen({ written: 'no' });
    const { live } = this.#known(name);
    if (live?.hasMembers === true) throw groupNotEmpty(name, live.view.members.count);
    await this.#cleaning.deleteGroup(name);
    this.#groups.remove(name);
  }

  /**
   * What time brings, see `offset-expiry.ts`; by a clock that has just jumped nothing can be called
   * old. Errors of the store are logged. Answers 0: no segment goes by it.
   */
  async housekeep({ clockIsSteady }: { readonly clockIsSteady: boolean }): Promise<number> {
    if (clockIsSteady) await this.#cleaning.expire(this.#options.clock.wallMs());
    return 0;
  }

  /** What was committed for a topic that is gone is forgotten now, or else when offsets expire. */
  topicDeleted(topic: string): Promise<void> {
    return this.#cleaning.topicDeleted(topic);
  }

  stats(): GroupStats {
    return {
      groups: this.#groups.count,
      members: this.#groups.memberCount,
      parkedJoins: this.#calls.count,
      commits: this.#commits,
    };
  }

  /** Whoever waits is refused, holds end, nothing more is taken. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#calls.close(shuttingDown());
    this.#groups.close();
  }

  #withMember({ group, memberId }: GroupMember): LiveGroup {
    checkGroupName(group);
    const live = this.#groups.find(group);
    if (live !== undefined) return live;
    this.#checkComplete();
    throw unknownMember(group, memberId);
  }

  #known(name: string): {
    readonly live: LiveGroup | undefined;
    readonly stored: StoredGroup | undefined;
  } {
    checkGroupName(name);
    const live = this.#groups.find(name);
    const stored = this.#options.store.group(name);
    if (stored === undefined && live?.isKnown !== true) throw groupNotFound(name);
    return { live, stored };
  }

  /** What is missing may be a later generation: who was of an older one must not go on. */
  #checkComplete(facts?: { readonly written: Written }): void {
    if (!this.#isComplete()) throw incomplete(facts);
  }

  #checkOpen(facts?: { readonly written: Written }): void {
    if (this.#isClosed) throw shuttingDown(facts);
  }
}

function tooManyWait(): MillraceError {
  return new MillraceError(
    'THROTTLING_QUOTA_EXCEEDED',
    `${PARKED_JOINS_MAX} joins and syncs are waiting for their groups, which is the limit`,
    { retriable: true, details: { allowed: PARKED_JOINS_MAX } },
  );
}

function incomplete(facts?: { readonly written: Written }): MillraceError {
  return new MillraceError(
    'KAFKA_STORAGE_ERROR',
    'the log of committed offsets could not be read whole, so what was committed is not known, nor who is a member',
    { retriable: true, ...facts },
  );
}
