/**
 * The groups' half of the seam: Kafka's classic group protocol, and committed offsets.
 *
 * It is shaped like the protocol itself (JoinGroup, SyncGroup, Heartbeat, LeaveGroup with opaque
 * member metadata), because members that come over HTTP and members that are Kafka clients share
 * one group, and because another implementation may pass each call on to a real cluster. What a
 * subscription or an assignment says is the members' affair: here they are bytes.
 *
 * The life of a member: join (waits until the others have come, or the time is over), sync (the
 * leader brings every member's assignment, the others wait for theirs), then heartbeats or a hold
 * until a rebalance begins: join again, with the same member id.
 *
 * Every method rejects with `MillraceError`: INVALID_GROUP_ID for a name outside the rules,
 * SHUTTING_DOWN once the broker closes, KAFKA_STORAGE_ERROR as long as it is not known who was a
 * member before the start, and what each method names.
 */
import type { MillraceError } from '../model/errors.ts';

export interface Groups {
  /**
   * Resolves when the rebalance that it starts or takes part in is complete. Rejects with
   * INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL, MEMBER_ID_REQUIRED, UNKNOWN_MEMBER_ID,
   * FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, POLICY_VIOLATION (too many groups, or too much
   * said), THROTTLING_QUOTA_EXCEEDED (too many joins are waiting); for a static member that comes
   * back also with KAFKA_STORAGE_ERROR, DISK_FULL.
   */
  joinGroup(request: JoinGroupRequest): Promise<JoinGroupResult>;
  /**
   * The caller's assignment. From the leader it carries everybody's, and these are durable before
   * anybody is answered. In a stable group it answers the present assignment again at once.
   * Rejects with UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS,
   * INCONSISTENT_GROUP_PROTOCOL, FENCED_INSTANCE_ID, POLICY_VIOLATION (too long an assignment),
   * KAFKA_STORAGE_ERROR, DISK_FULL.
   */
  syncGroup(request: SyncGroupRequest): Promise<SyncGroupResult>;
  /** A sign of life. Rejects like `syncGroup`, with REBALANCE_IN_PROGRESS once one has begun. */
  heartbeat(member: GroupMember): Promise<void>;
  /**
   * A sign of life that lasts until the returned function is called. `ended` is called once, when
   * the generation ends: a rebalance begins, the member is removed or fenced, the group is deleted
   * or the broker closes. Rejects like `heartbeat`.
   */
  holdMember(member: GroupMember, ended: () => void): Promise<() => void>;
  /** Removes members at once. An outcome for each, in the order given. */
  leaveGroup(group: string, members: readonly LeavingMember[]): Promise<readonly LeaveOutcome[]>;

  /**
   * Commits offsets, durably. Checked before anything is written: with a member its id and
   * generation; without one (`memberId` empty) the group must have no members. Rejects with
   * UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS (while the
   * assignments are awaited), KAFKA_STORAGE_ERROR, DISK_FULL, POLICY_VIOLATION. Faults of single
   * offsets stand in their outcome: UNKNOWN_TOPIC_OR_PARTITION, OFFSET_METADATA_TOO_LARGE.
   */
  commitOffsets(request: CommitRequest): Promise<readonly CommitOutcome[]>;
  /**
   * What was committed, sorted by topic and partition; only of topics that still are the ones it
   * was committed for. All of a group that is not known: none. Rejects with KAFKA_STORAGE_ERROR
   * when it is not known what was committed.
   */
  fetchOffsets(group: string): Promise<readonly CommittedOffset[]>;
  /**
   * Forgets committed offsets, durably. Outcomes like those of a commit, also
   * GROUP_SUBSCRIBED_TO_TOPIC. Rejects with GROUP_ID_NOT_FOUND.
   */
  deleteOffsets(
    group: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommitOutcome[]>;

  /** Sorted by name; with members or with committed offsets. */
  listGroups(): Promise<readonly GroupListing[]>;
  /** GROUP_ID_NOT_FOUND. */
  describeGroup(group: string): Promise<GroupDescription>;
  /** With its offsets, durably. GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  deleteGroup(group: string): Promise<void>;
}

/** Kafka's names for them. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

export interface GroupMember {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
  readonly groupInstanceId?: string | undefined;
}

export interface JoinGroupRequest {
  readonly group: string;
  /** Empty = a new member, which is given an id. */
  readonly memberId: string;
  /** A static member: it keeps its place over a restart, and a newer one fences the older. */
  readonly groupInstanceId?: string | undefined;
  /** For people and for Kafka's tools. */
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** `consumer` for consumers. */
  readonly protocolType: string;
  /** What the member can agree to, best first; at least one. */
  readonly protocols: readonly GroupProtocol[];
  /**
   * A new member without `groupInstanceId` is refused with MEMBER_ID_REQUIRED and must join again
   * with the id in `details.member_id`: so that one whose answer is lost leaves no ghost behind.
   */
  readonly requiresMemberId?: boolean;
  /** The caller has gone: stop waiting, and leave for it. */
  readonly signal?: AbortSignal | undefined;
}

export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

export interface JoinGroupResult {
  readonly memberId: string;
  readonly generation: number;
  readonly protocolType: string;
  /** The one chosen. */
  readonly protocol: string;
  readonly leader: string;
  /** All members with their metadata for the chosen protocol; empty for all but the leader. */
  readonly members: readonly JoinedMember[];
}

export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly metadata: Uint8Array;
}

export interface SyncGroupRequest extends GroupMember {
  /** Checked where given. */
  readonly protocolType?: string | undefined;
  readonly protocol?: string | undefined;
  /** From the leader; empty from the others. A member that is left out gets empty bytes. */
  readonly assignments: readonly MemberAssignment[];
}

export interface MemberAssignment {
  readonly memberId: string;
  readonly assignment: Uint8Array;
}

export interface SyncGroupResult {
  readonly protocolType: string;
  readonly protocol: string;
  readonly assignment: Uint8Array;
}

/** By its id, or a static member by its instance id alone. */
export interface LeavingMember {
  readonly memberId: string;
  readonly groupInstanceId?: string | undefined;
}

export interface LeaveOutcome extends LeavingMember {
  /** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
  readonly error: MillraceError | undefined;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CommitRequest {
  readonly group: string;
  /** Empty = a simple commit, of nobody in the group. */
  readonly memberId: string;
  /** -1 with an empty `memberId`. */
  readonly generation: number;
  readonly groupInstanceId?: string | undefined;
  /** At most one for a partition. */
  readonly offsets: readonly OffsetToCommit[];
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
  /** -1 = not known. */
  readonly leaderEpoch: number;
  /** The caller's own words, at most OFFSET_METADATA_BYTES_MAX bytes of UTF-8. */
  readonly metadata: string;
}

export interface CommitOutcome extends TopicPartition {
  readonly error: MillraceError | undefined;
}

export interface CommittedOffset extends OffsetToCommit {
  /** By the server's wall clock. */
  readonly commitTimestampMs: number;
}

export interface GroupListing {
  readonly group: string;
  readonly state: GroupState;
  /** Empty for a group that never had members. */
  readonly protocolType: string;
}

export interface GroupDescription extends GroupListing {
  readonly generation: number;
  /** The one chosen; empty while none is. */
  readonly protocol: string;
  /** Empty while there is none. */
  readonly leader: string;
  readonly members: readonly MemberDescription[];
}

export interface MemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** For the chosen protocol; empty while none is. */
  readonly metadata: Uint8Array;
  readonly assignment: Uint8Array;
}
