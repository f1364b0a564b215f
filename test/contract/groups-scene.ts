/** Members of groups as the contract plays them: each with its id and the generation it is in. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  GroupState,
  JoinGroupRequest,
  JoinGroupResult,
  OffsetToCommit,
  SyncGroupResult,
} from '../../src/broker/groups.ts';
import type { Scene } from './scene.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

export class GroupScene {
  readonly scene: Scene;
  readonly group: string;

  constructor(scene: Scene, group = 'g') {
    this.scene = scene;
    this.group = group;
  }

  join(wish: Partial<JoinGroupRequest> = {}): Promise<JoinGroupResult> {
    return this.scene.broker.joinGroup({
      group: this.group,
      memberId: '',
      clientId: 'test',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: bytes('topics') }],
      ...wish,
    });
  }

  /** The leader gives every member its own id as assignment. */
  sync(joined: JoinGroupResult): Promise<SyncGroupResult> {
    const { memberId, generation, members } = joined;
    return this.scene.broker.syncGroup({
      group: this.group,
      memberId,
      generation,
      assignments: members.map((each) => ({
        memberId: each.memberId,
        assignment: bytes(`for ${each.memberId}`),
      })),
    });
  }

  /** A group of one, stable. */
  async single(wish: Partial<JoinGroupRequest> = {}): Promise<JoinGroupResult> {
    const joined = await this.join(wish);
    await this.sync(joined);
    return joined;
  }

  /** A stable group of two; the first leads. */
  async pair(): Promise<readonly [JoinGroupResult, JoinGroupResult]> {
    const alone = await this.single();
    const second = this.join();
    await this.untilState('PreparingRebalance');
    const [first, follower] = await Promise.all([this.join({ memberId: alone.memberId }), second]);
    await Promise.all([this.sync(first), this.sync(follower)]);
    return [first, follower];
  }

  async untilState(state: GroupState): Promise<void> {
    const { broker } = this.scene;
    while ((await broker.describeGroup(this.group)).state !== state) await nextTurn();
  }

  heartbeat({ memberId, generation }: Who): Promise<void> {
    return this.scene.broker.heartbeat({ group: this.group, memberId, generation });
  }

  /** Everything of one member, in partition 0 of topic `t` where not said otherwise. */
  async commit(offset: number, more: Commit = {}): Promise<string | undefined> {
    const { member, ...part } = more;
    const [outcome] = await this.scene.broker.commitOffsets({
      group: this.group,
      memberId: member?.memberId ?? '',
      generation: member?.generation ?? -1,
      offsets: [{ topic: 't', partition: 0, offset, leaderEpoch: -1, metadata: '', ...part }],
    });
    return outcome?.error?.code;
  }

  /** `topic/partition=offset` of all that is committed. */
  async committed(): Promise<string[]> {
    const offsets = await this.scene.broker.fetchOffsets(this.group);
    return offsets.map(({ topic, partition, offset }) => `${topic}/${partition}=${offset}`);
  }
}

interface Who {
  readonly memberId: string;
  readonly generation: number;
}

interface Commit extends Partial<OffsetToCommit> {
  readonly member?: Who;
}
