/** What a server answers about consumer groups: its own JSON. */
import type { ReceivedRecord, RecordFields } from './record-stream.ts';

export interface GroupListing {
  readonly group: string;
  readonly state: string;
  /** `consumer`, or empty for a group that never had members. */
  readonly protocol_type: string;
}

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface GroupAnswer extends GroupListing {
  /** The assignor that the members agreed on; empty while there is none. */
  readonly protocol: string;
  readonly generation: number;
  /** Empty while there is none. */
  readonly leader: string;
  readonly members: readonly GroupMemberAnswer[];
}

export interface GroupMemberAnswer {
  readonly member_id: string;
  readonly group_instance_id: string | null;
  readonly client_id: string;
  readonly client_host: string;
  readonly assignment: readonly TopicPartitions[];
}

export interface LagAnswer {
  readonly group: string;
  readonly state: string;
  readonly partitions: readonly PartitionLag[];
  readonly total_lag: number;
  readonly max_lag: number;
  readonly max_lag_seconds: number | null;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to read; null = nothing is committed. */
  readonly current_offset: number | null;
  readonly log_end_offset: number;
  /** In records. */
  readonly lag: number;
  /** Age of the oldest unread record; null = not known. */
  readonly lag_seconds: number | null;
  /** The member that reads it. */
  readonly owner: string | null;
  readonly client_id: string | null;
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next one to read. */
  readonly offset: number;
}

/** Where to: the server's own words; a shift counts records, timestamps are milliseconds. */
export type ResetTarget =
  | 'earliest'
  | 'latest'
  | { readonly timestamp: number }
  | { readonly offset: number }
  | { readonly shift: number };

export interface ResetWish {
  readonly topic: string;
  /** Default: all. */
  readonly partitions?: readonly number[];
  readonly to: ResetTarget;
  readonly dry_run: boolean;
}

export interface ResetAnswer {
  readonly group: string;
  readonly topic: string;
  readonly dry_run: boolean;
  readonly partitions: readonly PartitionReset[];
}

export interface PartitionReset {
  readonly partition: number;
  /** null = nothing was committed. */
  readonly before: number | null;
  readonly after: number;
  /** What was asked for lies outside of the log, and `after` is the end of it that is nearer. */
  readonly clamped?: boolean;
}

export interface JoinWish {
  readonly topics?: readonly string[];
  readonly topic_pattern?: string;
  /** Where to begin without a committed offset. */
  readonly auto_offset_reset?: 'earliest' | 'latest';
  readonly session_timeout_ms?: number;
  /** Of a member that joins again. */
  readonly member_id?: string;
  readonly cursor?: string;
}

export interface MembershipAnswer {
  readonly member_id: string;
  readonly generation: number;
  readonly assignment: readonly TopicPartitions[];
  /** Asked for by name, and not there. */
  readonly missing_topics?: readonly string[];
  /** Opaque: where to begin. */
  readonly cursor: string;
}

export interface ReadWish {
  readonly generation: number;
  readonly cursor: string;
  /** How long to wait for a record. */
  readonly timeout_ms: number;
  readonly max_records: number;
  readonly format: 'json' | 'base64';
}

export interface GroupRecord extends ReceivedRecord {
  readonly fields: RecordFields & { readonly topic: string };
}

export interface MemberBatch {
  readonly records: readonly GroupRecord[];
  /** Opaque: behind these records. To go on with, and to commit once they are dealt with. */
  readonly cursor: string;
  /** Where the offset to read from was not there any more. */
  readonly reset: readonly OffsetJump[];
}

export interface OffsetJump {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}
