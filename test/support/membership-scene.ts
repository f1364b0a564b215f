/** Members that join and read through `src/membership`, over a broker in memory with real groups. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GroupMember, GroupState } from '../../src/broker/groups.ts';
import type { TopicPartitions } from '../../src/codec/consumer-protocol.ts';
import { chooseAssignors } from '../../src/membership/assignors.ts';
import type { GroupBroker } from '../../src/membership/group-broker.ts';
import type { JoinWish, Membership } from '../../src/membership/join.ts';
import { joinAsMember } from '../../src/membership/join.ts';
import type { MemberRead, ReadWish } from '../../src/membership/read.ts';
import { readAsMember } from '../../src/membership/read.ts';
import { ManualClock } from './manual-clock.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { createMemoryBroker } from './memory-broker.ts';
import { valued } from './stored-records.ts';

export const SESSION_TIMEOUT_MS = 10_000;

type Hooks = { [Name in 'joinGroup' | 'syncGroup' | 'listOffset']?: GroupBroker[Name] };

export class MembershipScene {
  readonly clock = new ManualClock();
  readonly broker: MemoryBroker = createMemoryBroker({ clock: this.clock });

  /** Of group `g`, alone in its wishes where not said otherwise. */
  join(more: Partial<JoinWish> = {}, broker: GroupBroker = this.broker): Promise<Membership> {
    return joinAsMember(broker, {
      group: 'g',
      subscription: { kind: 'topics', topics: ['t'] },
      autoOffsetReset: 'earliest',
      assignors: chooseAssignors(['range']),
      memberId: '',
      groupInstanceId: undefined,
      clientId: 'test',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: 20_000,
      cursor: undefined,
      signal: new AbortController().signal,
      ...more,
    });
  }

  /** Joins again as the same member, with its cursor. */
  again(
    { memberId, cursor }: Membership,
    more: Partial<JoinWish> = {},
    broker: GroupBroker = this.broker,
  ): Promise<Membership> {
    return this.join({ memberId, cursor, ...more }, broker);
  }

  /** Without waiting, of everything, where not said otherwise. */
  read(membership: Membership, more: Partial<ReadWish> = {}): Promise<MemberRead> {
    const { cursor } = membership;
    return readAsMember(this.broker, {
      ...bounds(),
      member: memberOf(membership),
      cursor,
      ...more,
    });
  }

  /** So many batches of one record. */
  async produce(topic: string, partition: number, count: number): Promise<void> {
    const payload = { kind: 'records' as const, records: [valued('x')] };
    for (let each = 0; each < count; each += 1) {
      await this.broker.produce([{ topic, partition, payload }]);
    }
  }

  /** By nobody, or by this member. */
  async commit(
    topic: string,
    partition: number,
    { offset, by }: { readonly offset: number; readonly by?: Membership },
  ): Promise<void> {
    const [outcome] = await this.broker.commitOffsets({
      ...(by === undefined ? { group: 'g', memberId: '', generation: -1 } : memberOf(by)),
      offsets: [{ topic, partition, offset, leaderEpoch: -1, metadata: '' }],
    });
    if (outcome?.error !== undefined) throw outcome.error;
  }

  /** The broker, with some of its methods as the test has them. */
  hooked(hooks: Hooks): GroupBroker {
    const { broker } = this;
    return new Proxy<GroupBroker>(broker, {
      get: (_, name) => {
        const own: unknown = Reflect.get(hooks, name) ?? Reflect.get(broker, name);
        return typeof own === 'function' ? own.bind(broker) : own;
      },
    });
  }

  async memberIds(): Promise<string[]> {
    return (await this.broker.describeGroup('g')).members.map(({ memberId }) => memberId);
  }

  async leave(...members: readonly Membership[]): Promise<void> {
    await this.broker.leaveGroup('g', members);
  }

  async untilState(state: GroupState): Promise<void> {
    while ((await this.broker.describeGroup('g')).state !== state) await nextTurn();
  }

  async untilParked(): Promise<void> {
    while (this.broker.stats().parkedFetches === 0) await nextTurn();
  }
}

function memberOf({ memberId, generation }: Membership): GroupMember {
  return { group: 'g', memberId, generation };
}

export function bounds() {
  const signal = new AbortController().signal;
  return { bytesMin: 1, bytesMax: 1_000_000, waitMs: 0, turn: 0, signal };
}

/** `topic/partition` of each. */
export function placesIn(assignment: readonly TopicPartitions[]): string[] {
  return assignment.flatMap(({ topic, partitions }) =>
    partitions.map((each) => `${topic}/${each}`),
  );
}

/** `topic/partition=offset` of each. */
export function offsetsIn(
  positions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  }[],
): string[] {
  return positions.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`);
}
