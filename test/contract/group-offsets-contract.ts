/** Committed offsets: who may commit, what is remembered, and of which topic. */
import { expect, test } from 'vitest';
import { OFFSET_METADATA_BYTES_MAX } from '../../src/model/limits.ts';
import { GroupScene } from './groups-scene.ts';
import type { CreateBroker } from './scene.ts';
import { refusal, Scene } from './scene.ts';

export function describeGroupOffsets(createBroker: CreateBroker): void {
  const open = async (): Promise<GroupScene> =>
    new GroupScene(await Scene.withTopic(createBroker, { partitions: 2 }));

  test('what was committed is remembered, with its metadata and time', async () => {
    const group = await open();
    expect(await group.commit(5, { metadata: 'mine', leaderEpoch: 3 })).toBeUndefined();
    expect(await group.scene.broker.fetchOffsets('g')).toEqual([
      {
        topic: 't',
        partition: 0,
        offset: 5,
        leaderEpoch: 3,
        metadata: 'mine',
        commitTimestampMs: group.scene.clock.wallMs(),
      },
    ]);
    expect(await group.scene.broker.fetchOffsets('another')).toEqual([]);
  });

  test('the last commit counts, also when it goes back', async () => {
    const group = await open();
    await group.commit(5);
    await group.commit(7, { partition: 1 });
    await group.commit(2);
    expect(await group.committed()).toEqual(['t/0=2', 't/1=7']);
  });

  test('commits made at once are remembered in the order in which they were made', async () => {
    const group = await open();
    await Promise.all(Array.from({ length: 20 }, (_, offset) => group.commit(offset)));
    expect(await group.committed()).toEqual(['t/0=19']);
  });

  test('a commit without a member is for groups without members', async () => {
    const group = await open();
    const member = await group.single();
    expect((await refusal(group.commit(1))).code).toBe('UNKNOWN_MEMBER_ID');
    expect(await group.commit(1, { member })).toBeUndefined();
    await group.scene.broker.leaveGroup('g', [member]);
    await group.untilState('Empty');
    expect(await group.commit(2)).toBeUndefined();
    expect(await group.committed()).toEqual(['t/0=2']);
  });

  test('a member of an older generation, or unknown, commits nothing', async () => {
    const group = await open();
    const [leader, follower] = await group.pair();
    const older = { ...follower, generation: 1 };
    expect((await refusal(group.commit(9, { member: older }))).code).toBe('ILLEGAL_GENERATION');
    const unknown = { ...leader, memberId: 'nobody' };
    expect((await refusal(group.commit(9, { member: unknown }))).code).toBe('UNKNOWN_MEMBER_ID');
    expect(await group.committed()).toEqual([]);
  });

  test('while members come together the last generation may still commit, and then not until the assignments are there', async () => {
    const group = await open();
    const member = await group.single();
    const joining = group.join();
    await group.untilState('PreparingRebalance');
    expect(await group.commit(3, { member })).toBeUndefined();
    const leader = await group.join({ memberId: member.memberId });
    await joining;
    await group.untilState('CompletingRebalance');
    expect((await refusal(group.commit(4, { member: leader }))).code).toBe('REBALANCE_IN_PROGRESS');
    await group.sync(leader);
    expect(await group.commit(5, { member: leader })).toBeUndefined();
    expect(await group.committed()).toEqual(['t/0=5']);
  });

  test('a fault of one offset leaves the others', async () => {
    const group = await open();
    const offset = (topic: string, partition: number, metadata = '') => ({
      topic,
      partition,
      offset: 1,
      leaderEpoch: -1,
      metadata,
    });
    const outcomes = await group.scene.broker.commitOffsets({
      group: 'g',
      memberId: '',
      generation: -1,
      offsets: [
        offset('missing', 0),
        offset('t', 2),
        offset('t', 0, 'x'.repeat(OFFSET_METADATA_BYTES_MAX + 1)),
        offset('t', 1, 'x'.repeat(OFFSET_METADATA_BYTES_MAX)),
      ],
    });
    expect(outcomes.map(({ error }) => error?.code)).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'OFFSET_METADATA_TOO_LARGE',
      undefined,
    ]);
    expect(await group.committed()).toEqual(['t/1=1']);
  });

  test('a topic that was made anew does not take over what was committed for its namesake', async () => {
    const group = await open();
    await group.commit(5);
    await group.scene.broker.deleteTopic('t');
    expect(await group.committed()).toEqual([]);
    await group.scene.broker.createTopic({ name: 't' });
    expect(await group.committed()).toEqual([]);
  });

  test('offsets are forgotten on request, but not under a member that reads the topic', async () => {
    const group = await open();
    const { broker } = group.scene;
    await group.commit(5);
    await group.commit(6, { partition: 1 });
    const outcomes = await broker.deleteOffsets('g', [
      { topic: 't', partition: 0 },
      { topic: 'missing', partition: 0 },
    ]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual([
      undefined,
      'UNKNOWN_TOPIC_OR_PARTITION',
    ]);
    expect(await group.committed()).toEqual(['t/1=6']);
    const gone = broker.deleteOffsets('none', [{ topic: 't', partition: 0 }]);
    expect((await refusal(gone)).code).toBe('GROUP_ID_NOT_FOUND');
  });

  test('with its group go its offsets', async () => {
    const group = await open();
    await group.commit(5);
    expect(await group.scene.broker.listGroups()).toEqual([
      { group: 'g', state: 'Empty', protocolType: '' },
    ]);
    await group.scene.broker.deleteGroup('g');
    expect(await group.committed()).toEqual([]);
    expect(await group.scene.broker.listGroups()).toEqual([]);
  });
}
