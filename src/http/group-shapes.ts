/** Groups as HTTP shows them. */
import type {
  CommittedOffset,
  GroupDescription,
  GroupListing,
  MemberDescription,
} from '../broker/groups.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import type { GroupLag, PartitionLag } from '../membership/lag.ts';
import { assignmentOf } from '../membership/member-assignment.ts';
import type { PartitionReset } from '../membership/offset-reset.ts';

export interface ListingShape {
  readonly group: string;
  readonly state: string;
  readonly protocol_type: string;
}

export function listingShape({ group, state, protocolType }: GroupListing): ListingShape {
  return { group, state, protocol_type: protocolType };
}

export interface GroupShape extends ListingShape {
  readonly protocol: string;
  readonly generation: number;
  readonly leader: string;
  readonly members: readonly MemberShape[];
}

export interface MemberShape {
  readonly member_id: string;
  readonly group_instance_id: string | null;
  readonly client_id: string;
  readonly client_host: string;
  readonly session_timeout_ms: number;
  readonly rebalance_timeout_ms: number;
  readonly assignment: readonly TopicPartitions[];
}

export function groupShape(description: GroupDescription): GroupShape {
  const { protocol, generation, leader, members } = description;
  const shape = { protocol, generation, leader, members: members.map(memberShape) };
  return { ...listingShape(description), ...shape };
}

function memberShape(member: MemberDescription): MemberShape {
  return {
    member_id: member.memberId,
    group_instance_id: member.groupInstanceId ?? null,
    client_id: member.clientId,
    client_host: member.clientHost,
    session_timeout_ms: member.sessionTimeoutMs,
    rebalance_timeout_ms: member.rebalanceTimeoutMs,
    assignment: assignmentOf(member),
  };
}

export interface OffsetShape {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

export function offsetShape({
  topic,
  partition,
  offset,
  metadata,
}: Pick<CommittedOffset, keyof OffsetShape>): OffsetShape {
  return { topic, partition, offset, metadata };
}

export interface ResetShape {
  readonly partition: number;
  readonly before: number | null;
  readonly after: number;
  readonly clamped: boolean;
  readonly log_start_offset: number;
  readonly log_end_offset: number;
}

export function resetShape({ logStartOffset, highWatermark, ...same }: PartitionReset): ResetShape {
  return { ...same, log_start_offset: logStartOffset, log_end_offset: highWatermark };
}

export interface LagShape {
  readonly group: string;
  readonly state: string;
  readonly total_lag: number;
  readonly max_lag: number;
  readonly max_lag_seconds: number | null;
  readonly partitions: readonly PartitionLagShape[];
}

export interface PartitionLagShape {
  readonly topic: string;
  readonly partition: number;
  readonly current_offset: number | null;
  readonly log_start_offset: number;
  readonly log_end_offset: number;
  readonly lag: number;
  readonly lag_seconds: number | null;
  readonly owner: string | null;
  readonly client_id: string | null;
}

export function lagShape(lag: GroupLag): LagShape {
  const { group, state, totalLag, maxLag, maxLagMs, partitions } = lag;
  return {
    group,
    state,
    total_lag: totalLag,
    max_lag: maxLag,
    max_lag_seconds: seconds(maxLagMs),
    partitions: partitions.map(partitionLagShape),
  };
}

function partitionLagShape(each: PartitionLag): PartitionLagShape {
  return {
    topic: each.topic,
    partition: each.partition,
    current_offset: each.currentOffset,
    log_start_offset: each.logStartOffset,
    log_end_offset: each.logEndOffset,
    lag: each.lag,
    lag_seconds: seconds(each.lagMs),
    owner: each.owner,
    client_id: each.clientId,
  };
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}
