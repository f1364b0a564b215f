/**
 * One read of a member: what is new in its partitions, parked until there is something. While it
 * waits it is the member's sign of life, and it ends at once when a rebalance begins.
 */
import type { GroupMember } from '../broker/groups.ts';
import { decodeAssignment, decodeSubscription } from '../codec/consumer-protocol.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import { readAssigned } from './assigned-read.ts';
import type { AssignedRead, ReadBounds } from './assigned-read.ts';
import type { Cursor } from './cursor.ts';
import { fingerprintOf } from './cursor.ts';
import type { GroupBroker } from './group-broker.ts';
import { uncommitted } from './positions.ts';
import type { Position } from './positions.ts';
import { checkStillFits, subscribedTopics } from './subscribed-topics.ts';

export interface ReadWish extends ReadBounds {
  readonly member: GroupMember;
  readonly cursor: Cursor | undefined;
}

export interface MemberRead extends AssignedRead {
  /** The one that was given, or what takes its place. */
  readonly cursor: Cursor;
  readonly assignment: readonly TopicPartitions[];
}

/**
 * Rejects with UNKNOWN_MEMBER_ID (join anew), ILLEGAL_GENERATION or REBALANCE_IN_PROGRESS (join
 * again), NO_COMMITTED_OFFSET, and what stands in a partition's result.
 */
export async function readAsMember(broker: GroupBroker, wish: ReadWish): Promise<MemberRead> {
  const { member, signal } = wish;
  const isOver = new AbortController();
  const release = await broker.holdMember(member, () => isOver.abort());
  try {
    if (wish.cursor !== undefined) await checkStillFits(broker, wish.cursor);
    const { assignment: bytes } = await broker.syncGroup({ ...member, assignments: [] });
    const assignment = decodeAssignment(bytes).assignedPartitions;
    const cursor = wish.cursor ?? (await cursorOfNobody(broker, member));
    const either = AbortSignal.any([signal, isOver.signal]);
    const read = await readAssigned(broker, { ...wish, cursor, signal: either }, assignment);
    if (isOver.signal.aborted && !signal.aborted) throw rebalancing(member.group);
    return { cursor, assignment, ...read };
  } finally {
    release();
  }
}

export interface LoneReadWish extends ReadBounds {
  readonly group: string;
  readonly topic: string;
  readonly cursor: Cursor | undefined;
}

/**
 * Reads a whole topic on from the group's committed offsets without being a member: for one reader
 * alone, such as a script. Rejects like a member's read.
 */
export async function readWithoutJoining(
  broker: GroupBroker,
  wish: LoneReadWish,
): Promise<MemberRead> {
  const { group, topic } = wish;
  const subscription = { kind: 'topics', topics: [topic] } as const;
  const { topicId, partitionCount } = await broker.topic(topic);
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  const assignment = [{ topic, partitions }];
  const fingerprint = fingerprintOf(new Map([[topic, { topicId, partitionCount }]]));
  const rest = { fingerprint, assigned: assignment, generation: -1, positions: [] };
  const fresh = { group, subscription, autoOffsetReset: 'earliest' as const, ...rest };
  const cursor = wish.cursor ?? fresh;
  return { cursor, assignment, ...(await readAssigned(broker, { ...wish, cursor }, assignment)) };
}

/** The cursor to go on from, once `positions` were reached. */
export function advanced(
  { cursor, assignment }: Pick<MemberRead, 'cursor' | 'assignment'>,
  generation: number,
  positions: readonly Position[],
): Cursor {
  return { ...cursor, assigned: assignment, generation, positions: uncommitted(positions) };
}

/** For a caller who lost its cursor: what the member told the group in its join says the rest. */
async function cursorOfNobody(
  broker: GroupBroker,
  { group, memberId, generation }: GroupMember,
): Promise<Cursor> {
  const { members } = await broker.describeGroup(group);
  const metadata = members.find((each) => each.memberId === memberId)?.metadata;
  const topics = metadata === undefined ? [] : decodeSubscription(metadata).topics;
  const subscription = { kind: 'topics', topics } as const;
  const fingerprint = fingerprintOf((await subscribedTopics(broker, subscription)).topics);
  const rest = { fingerprint, assigned: [], generation, positions: [] };
  return { group, subscription, autoOffsetReset: 'earliest', ...rest };
}

function rebalancing(group: string): MillraceError {
  return new MillraceError(
    'REBALANCE_IN_PROGRESS',
    `the partitions of group ${quote(group)} are being shared out; join again with the member id`,
    { retriable: true, details: { group } },
  );
}
