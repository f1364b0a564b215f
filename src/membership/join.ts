/**
 * Joins a group on a caller's behalf: join, share the partitions out where this member leads,
 * sync, and find where to begin. It speaks Kafka's own subscription and assignment bytes, so that
 * members which are Kafka clients understand it and are understood.
 *
 * Nothing is remembered: what the caller has to send again stands in the cursor.
 */
import type { GroupProtocol, JoinGroupResult, MemberAssignment } from '../broker/groups.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../codec/consumer-protocol.ts';
import type { TopicPartitions } from '../codec/consumer-protocol.ts';
import { MillraceError } from '../model/errors.ts';
import { JOIN_ROUNDS_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { AssignedMember, Assignor } from './assignor.ts';
import { assignorNamed } from './assignors.ts';
import type { Cursor } from './cursor.ts';
import { fingerprintOf } from './cursor.ts';
import type { GroupBroker } from './group-broker.ts';
import { positionsOf, uncommitted } from './positions.ts';
import type { Had } from './sticky-memory.ts';
import { previousUserData } from './sticky-memory.ts';
import { subscribedTopics, topicsNamed } from './subscribed-topics.ts';
import type { SubscribedTopics } from './subscribed-topics.ts';

export interface JoinWish {
  readonly group: string;
  readonly subscription: Cursor['subscription'];
  readonly autoOffsetReset: Cursor['autoOffsetReset'];
  /** Best first. */
  readonly assignors: readonly Assignor[];
  /** Empty = a new member. */
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Of the generation before: says what the member owned. */
  readonly cursor: Cursor | undefined;
  /** The caller has gone. */
  readonly signal: AbortSignal;
}

export interface Membership {
  readonly memberId: string;
  readonly generation: number;
  /** The assignor that all members agreed on. */
  readonly protocol: string;
  readonly assignment: readonly TopicPartitions[];
  /** Named in the subscription, and not there. */
  readonly missing: readonly string[];
  readonly cursor: Cursor;
}

/**
 * Resolves when the rebalance is complete. Rejects like `joinGroup` of the seam, and with
 * NO_COMMITTED_OFFSET. Once the caller has gone the member leaves, unless it is a static one.
 */
export async function joinAsMember(broker: GroupBroker, wish: JoinWish): Promise<Membership> {
  let { memberId } = wish;
  let had: Had = { owned: wish.cursor?.assigned ?? [], generation: wish.cursor?.generation ?? -1 };
  for (let round = 1; ; round += 1) {
    const subscribed = await subscribedTopics(broker, wish.subscription);
    const protocols = protocolsOf(wish, subscribed, had);
    const joined = await joinOnce(broker, { ...wish, memberId }, protocols);
    const place = { group: wish.group, groupInstanceId: wish.groupInstanceId };
    const member = { ...place, memberId: joined.memberId, generation: joined.generation };
    try {
      const assignments = await assignmentsBy(broker, joined);
      const synced = await broker.syncGroup({ ...member, assignments });
      const assignment = decodeAssignment(synced.assignment).assignedPartitions;
      if (chosenAssignor(joined).isCooperative && !holdsAll(assignment, had.owned)) {
        // What was taken away goes to nobody before its owner has joined again without it.
        had = { owned: assignment, generation: joined.generation };
        memberId = joined.memberId;
        continue;
      }
      const cursor = await cursorOf(broker, wish, { joined, subscribed, assignment, had });
      if (wish.signal.aborted) await leaveFor(broker, wish, joined.memberId);
      const { protocol, generation } = joined;
      const { missing } = subscribed;
      return { memberId: joined.memberId, generation, protocol, assignment, missing, cursor };
    } catch (error) {
      if (!isOvertaken(error) || wish.signal.aborted || round >= JOIN_ROUNDS_MAX) {
        await leaveFor(broker, wish, joined.memberId);
        throw error;
      }
      // The next rebalance began before this one was over.
      memberId = error.code === 'UNKNOWN_MEMBER_ID' ? '' : joined.memberId;
    }
  }
}

/** Whose caller went before it could wait is still in the group from before. */
async function joinOnce(
  broker: GroupBroker,
  wish: JoinWish,
  protocols: readonly GroupProtocol[],
): Promise<JoinGroupResult> {
  try {
    return await broker.joinGroup({ ...wish, protocolType: 'consumer', protocols });
  } catch (error) {
    if (wish.signal.aborted && wish.memberId !== '') await leaveFor(broker, wish, wish.memberId);
    throw error;
  }
}

function isOvertaken(error: unknown): error is MillraceError {
  return (
    error instanceof MillraceError &&
    ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(error.code)
  );
}

/** A static member keeps its place: whoever joins again under its name goes on with it. */
async function leaveFor(broker: GroupBroker, wish: JoinWish, memberId: string): Promise<void> {
  if (wish.groupInstanceId !== undefined) return;
  await broker.leaveGroup(wish.group, [{ memberId }]);
}

function protocolsOf(wish: JoinWish, { topics }: SubscribedTopics, had: Had): GroupProtocol[] {
  const { owned: ownedPartitions, generation } = had;
  // A name that is not there yet is subscribed to as well: another member may lead and see it.
  const names = wish.subscription.kind === 'topics' ? wish.subscription.topics : [...topics.keys()];
  return wish.assignors.map(({ name }) => ({
    name,
    metadata: encodeSubscription({
      topics: names,
      userData: previousUserData(name, had),
      ownedPartitions,
      generation,
      rackId: null,
    }),
  }));
}

/** Everybody's, where this member leads; else none. */
async function assignmentsBy(
  broker: GroupBroker,
  joined: JoinGroupResult,
): Promise<MemberAssignment[]> {
  if (joined.leader !== joined.memberId) return [];
  const members = joined.members.map((each): AssignedMember => {
    const { topics, ownedPartitions, generation, userData } = decodeSubscription(each.metadata);
    const { memberId, groupInstanceId } = each;
    return { memberId, groupInstanceId, topics, ownedPartitions, generation, userData };
  });
  const { topics } = await topicsNamed(broker, new Set(members.flatMap((each) => each.topics)));
  const partitionCounts = new Map(
    [...topics].map(([name, { partitionCount }]) => [name, partitionCount]),
  );
  const assigned = chosenAssignor(joined).assign({ members, partitionCounts });
  return members.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment(assigned.get(memberId) ?? []),
  }));
}

/** The group chooses among what this member offered. */
function chosenAssignor({ protocol }: JoinGroupResult): Assignor {
  const assignor = assignorNamed(protocol);
  if (assignor !== undefined) return assignor;
  throw new MillraceError(
    'INCONSISTENT_GROUP_PROTOCOL',
    `the group chose the assignor ${quote(protocol)}, which is not known here`,
    { details: { protocol } },
  );
}

interface Outcome {
  readonly joined: JoinGroupResult;
  readonly subscribed: SubscribedTopics;
  readonly assignment: readonly TopicPartitions[];
  readonly had: Had;
}

async function cursorOf(
  broker: GroupBroker,
  { group, subscription, autoOffsetReset, cursor: before, memberId }: JoinWish,
  { joined, subscribed, assignment, had }: Outcome,
): Promise<Cursor> {
  // What stays with a member through a cooperative rebalance goes on where it is. An eager one
  // takes everything back, as does the end of a member, and how far others have read meanwhile is
  // known by commits alone.
  const goesOn = chosenAssignor(joined).isCooperative && joined.memberId === memberId;
  const known = (goesOn ? (before?.positions ?? []) : []).filter(({ topic, partition }) =>
    holdsAll(had.owned, [{ topic, partitions: [partition] }]),
  );
  const positions = await positionsOf(broker, { group, assignment, autoOffsetReset, known });
  return {
    group,
    subscription,
    autoOffsetReset,
    fingerprint: fingerprintOf(subscribed.topics),
    assigned: assignment,
    generation: joined.generation,
    positions: uncommitted(positions),
  };
}

function holdsAll(
  assignment: readonly TopicPartitions[],
  owned: readonly TopicPartitions[],
): boolean {
  return owned.every(({ topic, partitions }) => {
    const held = assignment.find((each) => each.topic === topic)?.partitions ?? [];
    return partitions.every((partition) => held.includes(partition));
  });
}
