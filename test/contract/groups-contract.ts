/** Joining, sharing out, staying and leaving. */
import { expect, test, vi } from 'vitest';
import { SESSION_TIMEOUT_MS_MAX, SESSION_TIMEOUT_MS_MIN } from '../../src/model/limits.ts';
import { GroupScene } from './groups-scene.ts';
import type { CreateBroker } from './scene.ts';
import { refusal, Scene } from './scene.ts';

export function describeGroups(createBroker: CreateBroker): void {
  const open = async (): Promise<GroupScene> => new GroupScene(await Scene.open(createBroker));

  test('the first member leads, and is told of itself alone', async () => {
    const group = await open();
    const joined = await group.join();
    expect(joined).toMatchObject({
      generation: 1,
      protocolType: 'consumer',
      protocol: 'range',
      leader: joined.memberId,
    });
    expect(joined.members).toHaveLength(1);
    expect(Buffer.from(joined.members[0]?.metadata ?? []).toString()).toBe('topics');
    const { assignment, protocol } = await group.sync(joined);
    expect([Buffer.from(assignment).toString(), protocol]).toEqual([
      `for ${joined.memberId}`,
      'range',
    ]);
  });

  test('a second member waits until the first has joined again; one of them leads', async () => {
    const group = await open();
    const [leader, follower] = await group.pair();
    expect(leader).toMatchObject({ generation: 2, leader: leader.memberId });
    expect(leader.members.map(({ memberId }) => memberId).toSorted()).toEqual(
      [leader.memberId, follower.memberId].toSorted(),
    );
    expect(follower).toMatchObject({ generation: 2, leader: leader.memberId, members: [] });
    await Promise.all([group.heartbeat(leader), group.heartbeat(follower)]);
  });

  test('who follows gets its assignment when the leader brings it', async () => {
    const group = await open();
    const alone = await group.single();
    const joining = group.join();
    await group.untilState('PreparingRebalance');
    const leader = await group.join({ memberId: alone.memberId });
    const follower = await joining;
    const waiting = group.sync(follower);
    await group.sync(leader);
    expect(Buffer.from((await waiting).assignment).toString()).toBe(`for ${follower.memberId}`);
    // And again, for whoever asks.
    const again = await group.sync({ ...leader, members: [] });
    expect(Buffer.from(again.assignment).toString()).toBe(`for ${leader.memberId}`);
  });

  test('a heartbeat says when a rebalance has begun, when the group went on, and who is unknown', async () => {
    const group = await open();
    const alone = await group.single();
    const joining = group.join();
    await group.untilState('PreparingRebalance');
    expect((await refusal(group.heartbeat(alone))).code).toBe('REBALANCE_IN_PROGRESS');
    const leader = await group.join({ memberId: alone.memberId });
    await Promise.all([group.sync(leader), group.sync(await joining)]);
    expect((await refusal(group.heartbeat(alone))).code).toBe('ILLEGAL_GENERATION');
    const nobody = { memberId: 'nobody', generation: 2 };
    expect((await refusal(group.heartbeat(nobody))).code).toBe('UNKNOWN_MEMBER_ID');
    const elsewhere = new GroupScene(group.scene, 'no such group');
    expect((await refusal(elsewhere.heartbeat(leader))).code).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a member without a sign of life is taken out after its session time', async () => {
    const group = await open();
    const [leader, follower] = await group.pair();
    group.scene.clock.advance(6_000);
    await group.heartbeat(leader);
    group.scene.clock.advance(6_000);
    await group.untilState('PreparingRebalance');
    const again = await group.join({ memberId: leader.memberId });
    expect(again.members.map(({ memberId }) => memberId)).toEqual([leader.memberId]);
    expect((await refusal(group.heartbeat(follower))).code).toBe('UNKNOWN_MEMBER_ID');
  });

  test('a rebalance does not wait for ever for who does not join again', async () => {
    const group = await open();
    const [leader, follower] = await group.pair();
    const { scene } = group;
    const newcomer = group.join();
    await group.untilState('PreparingRebalance');
    const rejoined = group.join({ memberId: leader.memberId });
    // The follower lives, but goes on with what it has.
    for (let passed = 0; passed <= 20_000; passed += 5_000) {
      await refusal(group.heartbeat(follower)).catch(() => {});
      scene.clock.advance(5_000);
    }
    const members = (await rejoined).members.map(({ memberId }) => memberId);
    expect(members.toSorted()).toEqual([leader.memberId, (await newcomer).memberId].toSorted());
  });

  test('a held member lives without heartbeats, and is told once when its generation ends', async () => {
    const group = await open();
    const { memberId, generation } = await group.single();
    const member = { group: 'g', memberId, generation };
    const ended = vi.fn();
    const release = await group.scene.broker.holdMember(member, ended);
    group.scene.clock.advance(100_000);
    await group.heartbeat(member);
    expect(ended).not.toHaveBeenCalled();
    const joining = group.join();
    await group.untilState('PreparingRebalance');
    expect(ended).toHaveBeenCalledTimes(1);
    release();
    const [first] = await Promise.all([group.join({ memberId }), joining]);
    expect(first.generation).toBe(2);
    expect(ended).toHaveBeenCalledTimes(1);
    expect((await refusal(group.scene.broker.holdMember(member, ended))).code).toBe(
      'ILLEGAL_GENERATION',
    );
  });

  test('once released, the session time runs again', async () => {
    const group = await open();
    const { memberId, generation } = await group.single();
    const release = await group.scene.broker.holdMember(
      { group: 'g', memberId, generation },
      () => {},
    );
    group.scene.clock.advance(100_000);
    release();
    group.scene.clock.advance(9_000);
    await group.heartbeat({ memberId, generation });
    group.scene.clock.advance(10_001);
    await group.untilState('Empty');
  });

  test('who leaves makes room at once', async () => {
    const group = await open();
    const [leader, follower] = await group.pair();
    const { broker } = group.scene;
    const outcomes = await broker.leaveGroup('g', [
      { memberId: follower.memberId },
      { memberId: 'nobody' },
    ]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual([undefined, 'UNKNOWN_MEMBER_ID']);
    const again = await group.join({ memberId: leader.memberId });
    expect(again.members).toHaveLength(1);
    await group.sync(again);
    await broker.leaveGroup('g', [{ memberId: leader.memberId }]);
    await group.untilState('Empty');
  });

  test('a join whose caller has gone leaves nothing behind', async () => {
    const group = await open();
    const alone = await group.single();
    const gone = new AbortController();
    const joining = group.join({ signal: gone.signal });
    await group.untilState('PreparingRebalance');
    gone.abort();
    await refusal(joining);
    const again = await group.join({ memberId: alone.memberId });
    expect(again.members.map(({ memberId }) => memberId)).toEqual([alone.memberId]);
  });

  test('a static member takes its place over, and fences who had it', async () => {
    const group = await open();
    const first = await group.single({ groupInstanceId: 'i' });
    const second = await group.join({ groupInstanceId: 'i' });
    expect(second.memberId).not.toBe(first.memberId);
    await group.sync(second);
    const { memberId, generation } = first;
    const old = { group: 'g', memberId, generation, groupInstanceId: 'i' };
    expect((await refusal(group.scene.broker.heartbeat(old))).code).toBe('FENCED_INSTANCE_ID');
    await group.heartbeat(second);
    expect((await group.scene.broker.describeGroup('g')).members).toHaveLength(1);
  });

  test('a member id can be required first', async () => {
    const group = await open();
    const refused = await refusal(group.join({ requiresMemberId: true }));
    expect(refused.code).toBe('MEMBER_ID_REQUIRED');
    const memberId = String(refused.details['member_id']);
    const joined = await group.join({ memberId, requiresMemberId: true });
    expect(joined.memberId).toBe(memberId);
    expect((await refusal(group.join({ memberId: 'made-up' }))).code).toBe('UNKNOWN_MEMBER_ID');
  });

  test('the protocol is one that all know; who shares none is refused', async () => {
    const group = await open();
    const of = (...names: string[]) => names.map((name) => ({ name, metadata: Buffer.from(name) }));
    const first = await group.single({ protocols: of('a', 'b') });
    const joining = group.join({ protocols: of('b', 'c') });
    await group.untilState('PreparingRebalance');
    const again = await group.join({ memberId: first.memberId, protocols: of('a', 'b') });
    expect([again.protocol, (await joining).protocol]).toEqual(['b', 'b']);
    for (const wish of [{ protocols: of('x') }, { protocolType: 'connect' }, { protocols: [] }]) {
      expect((await refusal(group.join(wish))).code).toBe('INCONSISTENT_GROUP_PROTOCOL');
    }
  });

  test.each([SESSION_TIMEOUT_MS_MIN - 1, SESSION_TIMEOUT_MS_MAX + 1])(
    'a session time of %d is refused',
    async (sessionTimeoutMs) => {
      const group = await open();
      const refused = await refusal(group.join({ sessionTimeoutMs }));
      expect(refused.code).toBe('INVALID_SESSION_TIMEOUT');
    },
  );

  test.each(['', '..', 'a\nb', 'x'.repeat(256)])('the name %j is refused', async (name) => {
    const group = new GroupScene(await Scene.open(createBroker), name);
    expect((await refusal(group.join())).code).toBe('INVALID_GROUP_ID');
    expect((await refusal(group.commit(0))).code).toBe('INVALID_GROUP_ID');
  });

  test('groups are listed and described with their members', async () => {
    const group = await open();
    const { memberId } = await group.single({ groupInstanceId: 'i' });
    await new GroupScene(group.scene, '__proto__').single();
    const { broker } = group.scene;
    expect(await broker.listGroups()).toEqual([
      { group: '__proto__', state: 'Stable', protocolType: 'consumer' },
      { group: 'g', state: 'Stable', protocolType: 'consumer' },
    ]);
    const described = await broker.describeGroup('g');
    expect(described).toMatchObject({
      group: 'g',
      state: 'Stable',
      protocolType: 'consumer',
      protocol: 'range',
      generation: 1,
      leader: memberId,
      members: [
        {
          memberId,
          groupInstanceId: 'i',
          clientId: 'test',
          clientHost: '/127.0.0.1',
          sessionTimeoutMs: 10_000,
          rebalanceTimeoutMs: 20_000,
        },
      ],
    });
    const [member] = described.members;
    expect(Buffer.from(member?.metadata ?? []).toString()).toBe('topics');
    expect(Buffer.from(member?.assignment ?? []).toString()).toBe(`for ${memberId}`);
    expect((await refusal(broker.describeGroup('none'))).code).toBe('GROUP_ID_NOT_FOUND');
  });

  test('a group is deleted when it is empty', async () => {
    const group = await open();
    const { broker } = group.scene;
    const { memberId } = await group.single();
    expect((await refusal(broker.deleteGroup('g'))).code).toBe('NON_EMPTY_GROUP');
    await broker.leaveGroup('g', [{ memberId }]);
    await broker.deleteGroup('g');
    expect(await broker.listGroups()).toEqual([]);
    expect((await refusal(broker.deleteGroup('g'))).code).toBe('GROUP_ID_NOT_FOUND');
  });

  test('whoever waits is told when the broker closes', async () => {
    const group = await open();
    const { memberId, generation } = await group.single();
    const ended = vi.fn();
    await group.scene.broker.holdMember({ group: 'g', memberId, generation }, ended);
    const joining = refusal(group.join());
    await group.untilState('PreparingRebalance');
    await group.scene.broker.close();
    expect((await joining).code).toBe('SHUTTING_DOWN');
    expect(ended).toHaveBeenCalledTimes(1);
    expect((await refusal(group.join())).code).toBe('SHUTTING_DOWN');
    expect((await refusal(group.commit(1))).code).toBe('SHUTTING_DOWN');
  });
}
