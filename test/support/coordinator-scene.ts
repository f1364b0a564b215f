/** A group coordinator over a store in memory, and short words for what its members do. */
import type { GroupCoordinatorOptions } from '../../src/broker/local/group-coordinator.ts';
import { GroupCoordinator } from '../../src/broker/local/group-coordinator.ts';
import type { KnownTopic } from '../../src/broker/local/committed-offsets.ts';
import type {
  GroupMember,
  JoinGroupRequest,
  JoinGroupResult,
  OffsetToCommit,
  SyncGroupResult,
} from '../../src/broker/groups.ts';
import { encodeSubscription } from '../../src/codec/consumer-protocol.ts';
import { MillraceError } from '../../src/model/errors.ts';
import { silentLog } from '../../src/model/log.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryGroupStore } from './memory-group-store.ts';
import { SeededRandom } from './seeded-random.ts';

export class CoordinatorScene {
  readonly clock: ManualClock;
  readonly store: MemoryGroupStore;
  readonly topics = new Map<string, KnownTopic>([['t', { topicId: 'first t', partitionCount: 4 }]]);
  readonly coordinator: GroupCoordinator;
  readonly #options: Partial<GroupCoordinatorOptions>;

  constructor(
    options: Partial<GroupCoordinatorOptions> = {},
    { clock = new ManualClock(), store = new MemoryGroupStore() } = {},
  ) {
    this.clock = clock;
    this.store = store;
    this.#options = options;
    const random = new SeededRandom(store.appended.length);
    this.coordinator = new GroupCoordinator({
      store,
      clock,
      log: silentLog,
      randomBytes: (count) => random.bytes(count),
      topic: (name) => this.topics.get(name),
      ...options,
    });
  }

  /** Another process over the same store. */
  restarted(): CoordinatorScene {
    this.coordinator.close();
    const next = new CoordinatorScene(this.#options, { clock: this.clock, store: this.store });
    for (const [name, topic] of this.topics) next.topics.set(name, topic);
    return next;
  }

  join(wish: Partial<JoinGroupRequest> = {}): Promise<JoinGroupResult> {
    return this.coordinator.joinGroup({
      group: 'g',
      memberId: '',
      clientId: 'client',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('t') }],
      ...wish,
    });
  }

  /** A leader assigns to each member its id. */
  sync({ memberId, generation, members }: JoinGroupResult, group = 'g'): Promise<SyncGroupResult> {
    const assignments = members.map((each) => {
      return { memberId: each.memberId, assignment: Buffer.from(`for ${each.memberId}`) };
    });
    return this.coordinator.syncGroup({ group, memberId, generation, assignments });
  }

  /** A stable group of one. */
  async single(wish: Partial<JoinGroupRequest> = {}): Promise<GroupMember> {
    const joined = await this.join(wish);
    await this.sync(joined, wish.group);
    const { memberId, generation } = joined;
    return { group: wish.group ?? 'g', memberId, generation };
  }

  /** Of nobody where no member is given. Answers the code of each fault. */
  async commit(
    offset: number,
    more: Partial<OffsetToCommit> & { readonly member?: GroupMember; readonly group?: string } = {},
  ): Promise<string | undefined> {
    const { member, group = 'g', ...rest } = more;
    const [outcome] = await this.coordinator.commitOffsets({
      group,
      memberId: '',
      generation: -1,
      ...member,
      offsets: [{ topic: 't', partition: 0, offset, leaderEpoch: -1, metadata: '', ...rest }],
    });
    return outcome?.error?.code;
  }

  /** `topic/partition=offset` of all that is committed. */
  async committed(group = 'g'): Promise<string[]> {
    const offsets = await this.coordinator.fetchOffsets(group);
    return offsets.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`);
  }

  async state(group = 'g'): Promise<string> {
    return (await this.coordinator.describeGroup(group)).state;
  }
}

export function subscription(...topics: readonly string[]): Buffer {
  const nothing = { userData: null, ownedPartitions: [], generation: -1, rackId: null };
  return encodeSubscription({ topics, ...nothing });
}

/** The code that a promise is refused with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MillraceError)) throw new Error('it was not refused', { cause: error });
  return error.code;
}
