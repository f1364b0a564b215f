/** Clients of a simulated broker that commit: as members of a group, and as nobody in particular. */
import type { JoinGroupResult } from '../../src/broker/groups.ts';
import type { Step } from './broker-plan.ts';
import type { World } from './broker-world.ts';
import type { Answer, CommitValue } from './history.ts';

/** The first has members, and the other only commits of nobody. */
export const GROUPS = ['workers', 'lonely'] as const;

const [GROUP] = GROUPS;
/** What the members share out. */
const TOPIC = 'orders';
const REBALANCE_TIMEOUT_MS = 2_000;

/** What a member remembers, also from one life of the server to the next. */
export interface Member {
  memberId: string;
  generation: number;
  /** The one before: a part of the client may not have heard of the new one. */
  before: number;
  owned: readonly number[];
}

export function newMember(): Member {
  return { memberId: '', generation: -1, before: -1, owned: [] };
}

/** Shows that it lives; joins again where it must. */
export async function takePart(world: World, step: Step, member: Member): Promise<void> {
  const { client } = step;
  if (member.generation >= 0) {
    const { memberId, generation } = member;
    const me = { group: GROUP, memberId, generation };
    const answer = await world.ask(client, { kind: 'heartbeat', ...me }, async () => {
      await world.broker.heartbeat(me);
      return { kind: 'done' };
    });
    if (answer.kind === 'done') return;
    if (codeOf(answer) === 'UNKNOWN_MEMBER_ID') Object.assign(member, newMember());
  }
  const joined = await join(world, step, member);
  if (joined !== undefined) await sync(world, step, { member, joined });
}

export async function leave(world: World, step: Step, member: Member): Promise<void> {
  const { memberId } = member;
  if (memberId === '') return;
  Object.assign(member, newMember());
  await world.ask(step.client, { kind: 'leave', group: GROUP, memberId }, async () => {
    await world.broker.leaveGroup(GROUP, [{ memberId }]);
    return { kind: 'done' };
  });
}

/** What it believes to own, also when it is of an old generation by now. */
export async function commitAsMember(world: World, step: Step, member: Member): Promise<void> {
  const { memberId, owned, before } = member;
  const generation = step.draw < 0.3 && before >= 0 ? before : member.generation;
  if (generation < 0) return;
  const partitions = owned.length === 0 ? [0] : owned;
  await commit(world, step, { group: GROUP, memberId, generation, topic: TOPIC, partitions });
}

export async function commitAsNobody(world: World, step: Step): Promise<void> {
  const group = groupOf(step);
  const { topic } = step;
  const { partitionCount } = await world.seen(topic);
  const partitions =
    step.isHasty && partitionCount > 1 ? [0, 1] : [step.partition % partitionCount];
  await commit(world, step, { group, memberId: '', generation: -1, topic, partitions });
}

export async function deleteGroup(world: World, step: Step): Promise<void> {
  const group = groupOf(step);
  await world.ask(step.client, { kind: 'delete group', group }, async () => {
    await world.broker.deleteGroup(group);
    return { kind: 'done' };
  });
}

export function groupOf({ draw }: Step): string {
  return draw < 0.25 ? GROUPS[0] : GROUPS[1];
}

async function join(
  world: World,
  { client, isHasty }: Step,
  member: Member,
): Promise<JoinGroupResult | undefined> {
  let joined: JoinGroupResult | undefined;
  const { memberId } = member;
  const answer = await world.ask(client, { kind: 'join', group: GROUP, memberId }, async () => {
    joined = await world.broker.joinGroup({
      group: GROUP,
      memberId,
      clientId: client.replace(' ', '-'),
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: isHasty ? 6_000 : 60_000,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    });
    return { kind: 'joined', memberId: joined.memberId, generation: joined.generation };
  });
  if (answer.kind === 'joined') member.memberId = answer.memberId;
  else if (codeOf(answer) === 'UNKNOWN_MEMBER_ID') Object.assign(member, newMember());
  return joined;
}

async function sync(
  world: World,
  { client }: Step,
  { member, joined }: { readonly member: Member; readonly joined: JoinGroupResult },
): Promise<void> {
  const { memberId, generation, leader, members } = joined;
  const me = { group: GROUP, memberId, generation };
  const { partitionCount } = await world.seen(TOPIC);
  const assignments = (leader === memberId ? members : []).map((each, index) => {
    const all = Array.from({ length: partitionCount }, (_, partition) => partition);
    const mine = all.filter((partition) => partition % members.length === index);
    return { memberId: each.memberId, assignment: Buffer.from([generation, ...mine].join(' ')) };
  });
  const answer = await world.ask(client, { kind: 'sync', ...me }, async () => {
    const { assignment } = await world.broker.syncGroup({ ...me, assignments });
    const [assignedIn = generation, ...owned] = numbersIn(assignment);
    return { kind: 'assigned', generation: assignedIn, owned: owned.map(String) };
  });
  if (answer.kind !== 'assigned') return;
  const before = member.generation;
  Object.assign(member, { generation, before, owned: answer.owned.map(Number) });
}

function numbersIn(assignment: Uint8Array): number[] {
  const text = Buffer.from(assignment).toString();
  return text === '' ? [] : text.split(' ').map(Number);
}

interface Committing {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
  readonly topic: string;
  readonly partitions: readonly number[];
}

async function commit(world: World, step: Step, what: Committing): Promise<void> {
  const { topic, partitions, ...who } = what;
  const { topicId } = await world.seen(topic);
  const offsets = partitions.map((partition): CommitValue => ({
    place: { topic, topicId, partition },
    value: step.id,
  }));
  await world.ask(step.client, { kind: 'commit', ...who, offsets }, async () => {
    const outcomes = await world.broker.commitOffsets({
      ...who,
      offsets: partitions.map((partition) => ({
        topic,
        partition,
        offset: step.count,
        leaderEpoch: -1,
        metadata: step.id,
      })),
    });
    if ((await world.seen(topic)).topicId !== topicId) return { kind: 'unclear' };
    return { kind: 'committed', refusals: outcomes.map(({ error }) => error?.code) };
  });
}

function codeOf(answer: Answer): string | undefined {
  return answer.kind === 'refused' ? answer.code : undefined;
}
