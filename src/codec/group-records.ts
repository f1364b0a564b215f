/** What a log of commits holds, in Kafka's own record format (`__consumer_offsets`). */

/** One committed offset. */
export interface OffsetCommitValue {
  /** The next offset to read. */
  readonly offset: number;
  /** -1 = not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly commitTimestampMs: number;
  /** UUID of the topic that it was committed for, lower-case with hyphens. */
  readonly topicId: string;
}

/** A group as its last rebalance left it. */
export interface GroupMetadataValue {
  readonly protocolType: string;
  readonly generation: number;
  /** null while the group is empty. */
  readonly protocol: string | null;
  readonly leader: string | null;
  /** When it came into this state; -1 = not known. */
  readonly currentStateTimestampMs: number;
  readonly members: readonly GroupMemberValue[];
}

export interface GroupMemberValue {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  /** For the chosen protocol. */
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

/** A record with its key understood; a `value` of null is a tombstone. */
export type GroupRecord =
  | {
      readonly kind: 'offset-commit';
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly value: OffsetCommitValue | null;
    }
  | {
      readonly kind: 'group-metadata';
      readonly group: string;
      readonly value: GroupMetadataValue | null;
    };
