/**
 * The groups' half of the seam for tests of what looks at groups from outside: offsets are kept as
 * they are committed, members are whom the test says. Nobody can join.
 */
import type {
  CommitOutcome,
  CommitRequest,
  CommittedOffset,
  GroupDescription,
  GroupListing,
  Groups,
  MemberDescription,
} from '../../src/broker/groups.ts';
import { encodeAssignment } from '../../src/codec/consumer-protocol.ts';
import type { TopicPartitions } from '../../src/codec/consumer-protocol.ts';
import type { GroupBroker } from '../../src/membership/group-broker.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { MemoryBroker } from './memory-broker.ts';

const GENERATION = 1;

interface FakeGroup {
  readonly members: MemberDescription[];
  readonly offsets: Map<string, CommittedOffset>;
}

export class FakeGroups implements Groups {
  readonly #groups = new Map<string, FakeGroup>();
  #outcomeError: MillraceError | undefined;
  /** All that were asked for, also those that were refused. */
  readonly commits: CommitRequest[] = [];

  /** The next commit writes nothing for its first offset, and says this of it. */
  failNextOutcome(error: MillraceError): void {
    this.#outcomeError = error;
  }

  /** A member of generation 1 that the partitions are assigned to. */
  addMember(
    group: string,
    memberId: string,
    assignment: readonly TopicPartitions[] | Uint8Array = [],
  ): void {
    this.#group(group).members.push({
      memberId,
      groupInstanceId: undefined,
      clientId: `client-of-${memberId}`,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 60_000,
      metadata: new Uint8Array(0),
      assignment: assignment instanceof Uint8Array ? assignment : encodeAssignment(assignment),
    });
  }

  async commitOffsets(request: CommitRequest): Promise<readonly CommitOutcome[]> {
    this.commits.push(request);
    const { group: name, memberId, generation, offsets } = request;
    const members = this.#groups.get(name)?.members ?? [];
    const isKnown = members.some((each) => each.memberId === memberId);
    if (memberId === '' ? members.length > 0 : !isKnown) throw fault('UNKNOWN_MEMBER_ID');
    if (memberId !== '' && generation !== GENERATION) throw fault('ILLEGAL_GENERATION');
    const group = this.#group(name);
    return offsets.map((offset) => {
      const { topic, partition } = offset;
      const error = this.#outcomeError;
      this.#outcomeError = undefined;
      if (error === undefined) {
        group.offsets.set(`${partition}/${topic}`, { ...offset, commitTimestampMs: 0 });
      }
      return { topic, partition, error };
    });
  }

  async fetchOffsets(group: string): Promise<readonly CommittedOffset[]> {
    const offsets = [...(this.#groups.get(group)?.offsets.values() ?? [])];
    const byPlace = (a: CommittedOffset, b: CommittedOffset): number =>
      a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1;
    return offsets.sort(byPlace);
  }

  async listGroups(): Promise<readonly GroupListing[]> {
    const names = [...this.#groups.keys()].sort();
    return Promise.all(names.map(async (name) => listingOf(await this.describeGroup(name))));
  }

  async describeGroup(group: string): Promise<GroupDescription> {
    const members = this.#groups.get(group)?.members;
    if (members === undefined) throw fault('GROUP_ID_NOT_FOUND');
    const [leader] = members;
    return {
      group,
      state: leader === undefined ? 'Empty' : 'Stable',
      protocolType: leader === undefined ? '' : 'consumer',
      protocol: leader === undefined ? '' : 'range',
      generation: leader === undefined ? 0 : GENERATION,
      leader: leader?.memberId ?? '',
      members,
    };
  }

  async deleteGroup(group: string): Promise<void> {
    const { members } = await this.describeGroup(group);
    if (members.length > 0) throw fault('NON_EMPTY_GROUP');
    this.#groups.delete(group);
  }

  joinGroup = nobodyJoins;
  syncGroup = nobodyJoins;
  heartbeat = nobodyJoins;
  holdMember = nobodyJoins;
  leaveGroup = nobodyJoins;
  deleteOffsets = nobodyJoins;

  #group(name: string): FakeGroup {
    const group = this.#groups.get(name) ?? { members: [], offsets: new Map() };
    this.#groups.set(name, group);
    return group;
  }
}

function listingOf({ group, state, protocolType }: GroupDescription): GroupListing {
  return { group, state, protocolType };
}

function fault(
  code: 'UNKNOWN_MEMBER_ID' | 'ILLEGAL_GENERATION' | 'GROUP_ID_NOT_FOUND' | 'NON_EMPTY_GROUP',
): MillraceError {
  return new MillraceError(code, 'says the fake');
}

function nobodyJoins(): never {
  throw new Error('no member is expected to come or go');
}

/** The topics of the one with the groups of the other. */
export function withGroups(broker: MemoryBroker, groups: FakeGroups): GroupBroker {
  return {
    listTopics: () => broker.listTopics(),
    topic: (name) => broker.topic(name),
    describePartitions: (name) => broker.describePartitions(name),
    listOffset: (topic, partition, at) => broker.listOffset(topic, partition, at),
    fetch: (request) => broker.fetch(request),
    joinGroup: groups.joinGroup,
    syncGroup: groups.syncGroup,
    heartbeat: groups.heartbeat,
    holdMember: groups.holdMember,
    leaveGroup: groups.leaveGroup,
    deleteOffsets: groups.deleteOffsets,
    commitOffsets: (request) => groups.commitOffsets(request),
    fetchOffsets: (group) => groups.fetchOffsets(group),
    listGroups: () => groups.listGroups(),
    describeGroup: (group) => groups.describeGroup(group),
    deleteGroup: (group) => groups.deleteGroup(group),
  };
}
