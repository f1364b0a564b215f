import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import {
  GROUPS_MAX,
  MEMBERS_PER_GROUP_MAX,
  OFFSETS_PER_GROUP_MAX,
  PARKED_JOINS_MAX,
} from '../../../src/model/limits.ts';
import { codeOf, CoordinatorScene } from '../../support/coordinator-scene.ts';
import { diskFull } from '../../support/played-group.ts';

test('three members that join at once share one generation without waiting for any time', async () => {
  const scene = new CoordinatorScene();
  const alone = await scene.join();
  const others = [scene.join(), scene.join()];
  const leader = await scene.join({ memberId: alone.memberId });
  const joined = [leader, ...(await Promise.all(others))];
  const synced = await Promise.all(joined.map((each) => scene.sync(each)));
  expect(synced.map(({ assignment }) => Buffer.from(assignment).toString())).toEqual(
    joined.map(({ memberId }) => `for ${memberId}`),
  );
  expect(scene.clock.monotonicMs()).toBe(0);
  expect(await scene.state()).toBe('Stable');
});

test('a member is called after its client, and no two alike', async () => {
  const scene = new CoordinatorScene();
  const first = await scene.join({ clientId: 'billing' });
  const second = await scene.join({ clientId: 'billing', group: 'h' });
  const uuid = /^billing-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(first.memberId).toMatch(uuid);
  expect(second.memberId).toMatch(uuid);
  expect(first.memberId).not.toBe(second.memberId);
});

test('a sync is answered when the assignments are durable, not before', async () => {
  const scene = new CoordinatorScene();
  const joined = await scene.join();
  scene.store.isHeld = true;
  const synced = vi.fn();
  const syncing = scene.sync(joined).then(synced);
  await nextTurn();
  expect(synced).not.toHaveBeenCalled();
  scene.store.release();
  await syncing;
  expect(scene.store.group('g')?.metadata).toMatchObject({
    generation: 1,
    currentStateTimestampMs: scene.clock.wallMs(),
  });
});

test('when the assignments cannot be stored the sync says why, and the members share out anew', async () => {
  const scene = new CoordinatorScene();
  const joined = await scene.join();
  scene.store.failure = diskFull();
  expect(await codeOf(scene.sync(joined))).toBe('DISK_FULL');
  expect(await scene.state()).toBe('PreparingRebalance');
  scene.store.failure = undefined;
  const again = await scene.join({ memberId: joined.memberId });
  await scene.sync(again);
  expect([await scene.state(), again.generation]).toEqual(['Stable', 2]);
});

test('after a restart members go on with a heartbeat, and their session times begin anew', async () => {
  const before = new CoordinatorScene();
  const member = await before.single();
  before.clock.advance(9_000);
  const scene = before.restarted();
  scene.clock.advance(9_000);
  await scene.coordinator.heartbeat(member);
  expect(await scene.commit(5, { member })).toBeUndefined();
  const { assignment } = await scene.coordinator.syncGroup({ ...member, assignments: [] });
  expect(Buffer.from(assignment).toString()).toBe(`for ${member.memberId}`);
  scene.clock.advance(10_000);
  await nextTurn();
  expect(await scene.state()).toBe('Empty');
});

test('a generation is not used again after a restart, also of a group that was empty', async () => {
  const before = new CoordinatorScene();
  const { memberId } = await before.single();
  await before.coordinator.leaveGroup('g', [{ memberId }]);
  await nextTurn();
  expect((await before.coordinator.describeGroup('g')).generation).toBe(2);
  const scene = before.restarted();
  expect(await scene.state()).toBe('Empty');
  expect((await scene.join()).generation).toBe(3);
});

test('members that the store learns of after the start live from then on', async () => {
  const source = new CoordinatorScene();
  const scene = new CoordinatorScene();
  const member = await source.single();
  await scene.store.append(source.store.appended.flat());
  await scene.coordinator.heartbeat(member);
  scene.clock.advance(10_000);
  await nextTurn();
  expect(await scene.state()).toBe('Empty');
});

test('a thousand held members live without a sign, and no timer fires for them', async () => {
  const scene = new CoordinatorScene();
  const ended = vi.fn();
  const groups = Array.from({ length: 1_000 }, (_, index) => `group ${index}`);
  const members = await Promise.all(groups.map((group) => scene.single({ group })));
  const holds = members.map((member) => scene.coordinator.holdMember(member, ended));
  const releases = await Promise.all(holds);
  scene.clock.advance(20_000);
  expect(scene.clock.timerCount).toBe(0);
  scene.clock.advance(1_000_000);
  await Promise.all(members.map((member) => scene.coordinator.heartbeat(member)));
  expect(ended).not.toHaveBeenCalled();
  for (const release of releases) release();
  scene.clock.advance(10_000);
  await nextTurn();
  expect(scene.coordinator.stats()).toMatchObject({ groups: 1_000, members: 0 });
});

test('heartbeats set no timers', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  const after = vi.spyOn(scene.clock, 'after');
  for (let beat = 0; beat < 1_000; beat += 1) {
    await scene.coordinator.heartbeat(member);
    scene.clock.advance(100);
  }
  // One for each session time that went by.
  expect(after.mock.calls.length).toBeLessThanOrEqual(11);
});

test('a hold may be turned into a new join as soon as it ends', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  let again: Promise<unknown> | undefined;
  const release = await scene.coordinator.holdMember(member, () => {
    release();
    again = scene.join({ memberId: member.memberId });
  });
  const newcomer = scene.join();
  expect(await again).toMatchObject({ generation: 2, leader: member.memberId });
  expect(await newcomer).toMatchObject({ generation: 2 });
});

test('a caller that is gone before it asks joins nothing', async () => {
  const scene = new CoordinatorScene();
  expect(await codeOf(scene.join({ signal: AbortSignal.abort() }))).toBe('UNKNOWN_MEMBER_ID');
  expect(await codeOf(scene.coordinator.describeGroup('g'))).toBe('GROUP_ID_NOT_FOUND');
  expect(scene.coordinator.stats().parkedJoins).toBe(0);
});

test('a static member whose caller goes away keeps its place until its session is over', async () => {
  const scene = new CoordinatorScene();
  const { memberId: leader } = await scene.single();
  const still = scene.join({ groupInstanceId: 'i' });
  await scene.sync(await scene.join({ memberId: leader }));
  const { memberId } = await still;
  const newcomer = scene.join();
  const gone = new AbortController();
  const again = scene.join({ memberId, groupInstanceId: 'i', signal: gone.signal });
  gone.abort();
  expect(await codeOf(again)).toBe('UNKNOWN_MEMBER_ID');
  const rejoined = scene.join({ memberId: leader });
  scene.clock.advance(9_999);
  const { members } = await scene.coordinator.describeGroup('g');
  expect(members.map((each) => each.groupInstanceId)).toEqual([undefined, 'i', undefined]);
  scene.clock.advance(1);
  expect((await rejoined).members).toHaveLength(2);
  await newcomer;
});

test('the caller going away after the answer changes nothing', async () => {
  const scene = new CoordinatorScene();
  const gone = new AbortController();
  const member = await scene.single({ signal: gone.signal });
  gone.abort();
  await scene.coordinator.heartbeat(member);
});

test('commits do not wait for one another', async () => {
  const scene = new CoordinatorScene();
  scene.store.isHeld = true;
  const commits = Array.from({ length: 100 }, (_, offset) => scene.commit(offset));
  expect(scene.store.pendingCount).toBe(100);
  expect(await scene.committed()).toEqual([]);
  scene.store.release();
  await Promise.all(commits);
  expect(await scene.committed()).toEqual(['t/0=99']);
  expect(scene.coordinator.stats().commits).toBe(100);
});

test('a commit that could not be stored is not seen', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(1);
  scene.store.failure = diskFull();
  expect(await codeOf(scene.commit(2))).toBe('DISK_FULL');
  expect(await scene.committed()).toEqual(['t/0=1']);
});

test('a commit is a sign of life', async () => {
  const scene = new CoordinatorScene();
  const member = await scene.single();
  scene.clock.advance(9_000);
  await scene.commit(1, { member });
  scene.clock.advance(9_000);
  await scene.coordinator.heartbeat(member);
});

test('a member of a group that is not there is told that it is unknown, whatever it asks', async () => {
  const { coordinator, ...scene } = new CoordinatorScene();
  const member = { group: 'g', memberId: 'm', generation: 1 };
  expect(await codeOf(coordinator.heartbeat(member))).toBe('UNKNOWN_MEMBER_ID');
  expect(await codeOf(coordinator.syncGroup({ ...member, assignments: [] }))).toBe(
    'UNKNOWN_MEMBER_ID',
  );
  expect(await codeOf(coordinator.commitOffsets({ ...member, offsets: [] }))).toBe(
    'UNKNOWN_MEMBER_ID',
  );
  const [outcome] = await coordinator.leaveGroup('g', [member]);
  expect(outcome?.error?.code).toBe('UNKNOWN_MEMBER_ID');
  expect(scene.store.groupCount).toBe(0);
});

test('what the log of commits may have lost is never taken for "nothing committed"', async () => {
  let isComplete = false;
  const scene = new CoordinatorScene({ isComplete: () => isComplete });
  expect(await codeOf(scene.committed())).toBe('KAFKA_STORAGE_ERROR');
  isComplete = true;
  expect(await scene.committed()).toEqual([]);
});

test('offsets of a topic that members read are not forgotten; nor when it cannot be told', async () => {
  const scene = new CoordinatorScene();
  scene.topics.set('u', { topicId: 'u', partitionCount: 1 });
  const forget = async (topic: string) => {
    const outcomes = await scene.coordinator.deleteOffsets('g', [{ topic, partition: 0 }]);
    return outcomes[0]?.error?.code;
  };
  const member = await scene.single();
  await scene.commit(1, { member, topic: 'u' });
  expect(await forget('t')).toBe('GROUP_SUBSCRIBED_TO_TOPIC');
  expect(await forget('u')).toBeUndefined();
  expect(await scene.committed()).toEqual([]);
  const protocols = [{ name: 'range', metadata: Buffer.from('?') }];
  await scene.join({ memberId: member.memberId, protocols });
  expect(await forget('u')).toBe('GROUP_SUBSCRIBED_TO_TOPIC');
});

test('a group that members join while it is being deleted lives on', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(1);
  scene.store.isHeld = true;
  const deleting = scene.coordinator.deleteGroup('g');
  const joined = await scene.join();
  scene.store.release();
  await deleting;
  await scene.sync(joined);
  expect(await scene.state()).toBe('Stable');
  expect(await scene.committed()).toEqual([]);
});

test('a group that could not be deleted is as it was', async () => {
  const scene = new CoordinatorScene();
  await scene.commit(1);
  scene.store.failure = diskFull();
  expect(await codeOf(scene.coordinator.deleteGroup('g'))).toBe('DISK_FULL');
  expect(await scene.committed()).toEqual(['t/0=1']);
});

test('closing ends whoever waits and every hold, and sets no timer any more', async () => {
  const scene = new CoordinatorScene();
  const ended = vi.fn();
  await scene.coordinator.holdMember(await scene.single({ group: 'held' }), ended);
  await scene.single();
  scene.store.isHeld = true;
  const waiting = [scene.join(), scene.sync(await scene.join({ group: 'h' }), 'h')].map(codeOf);
  expect(scene.coordinator.stats()).toMatchObject({ members: 4, parkedJoins: 2 });
  scene.coordinator.close();
  scene.coordinator.close();
  expect(await Promise.all(waiting)).toEqual(['SHUTTING_DOWN', 'SHUTTING_DOWN']);
  expect(ended).toHaveBeenCalledTimes(1);
  scene.store.release();
  await nextTurn();
  expect([scene.clock.timerCount, scene.coordinator.stats().parkedJoins]).toEqual([0, 0]);
  expect(await codeOf(scene.join())).toBe('SHUTTING_DOWN');
});

test(`a group has at most ${MEMBERS_PER_GROUP_MAX} members, and ids given away count`, async () => {
  const scene = new CoordinatorScene();
  const promised = Array.from({ length: MEMBERS_PER_GROUP_MAX }, () =>
    codeOf(scene.join({ requiresMemberId: true })),
  );
  expect(new Set(await Promise.all(promised))).toEqual(new Set(['MEMBER_ID_REQUIRED']));
  expect(await codeOf(scene.join({ requiresMemberId: true }))).toBe('GROUP_MAX_SIZE_REACHED');
  expect(await codeOf(scene.join())).toBe('GROUP_MAX_SIZE_REACHED');
});

test(`there are at most ${GROUPS_MAX} groups, with members or with offsets`, async () => {
  const scene = new CoordinatorScene();
  const names = Array.from({ length: GROUPS_MAX - 1 }, (_, index) => `group ${index}`);
  await Promise.all(names.map((group) => scene.commit(1, { group })));
  const member = await scene.single({ group: 'last' });
  expect(await codeOf(scene.commit(1, { group: 'one more' }))).toBe('POLICY_VIOLATION');
  expect(await codeOf(scene.join({ group: 'one more' }))).toBe('POLICY_VIOLATION');
  expect(await scene.commit(2, { group: 'group 0' })).toBeUndefined();
  expect(await scene.commit(2, { member })).toBeUndefined();
  await scene.coordinator.deleteGroup('group 0');
  expect(await scene.commit(1, { group: 'one more' })).toBeUndefined();
  expect(scene.coordinator.stats().groups).toBe(GROUPS_MAX);
});

test(`a group has at most ${OFFSETS_PER_GROUP_MAX} committed offsets`, async () => {
  const scene = new CoordinatorScene();
  const count = OFFSETS_PER_GROUP_MAX;
  scene.topics.set('t', { topicId: 'wide', partitionCount: count + 1 });
  const offsets = Array.from({ length: count }, (_, partition) => {
    return { topic: 't', partition, offset: 1, leaderEpoch: -1, metadata: '' };
  });
  await scene.coordinator.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
  expect(await codeOf(scene.commit(1, { partition: count }))).toBe('POLICY_VIOLATION');
  expect(await scene.commit(2, { partition: count - 1 })).toBeUndefined();
});

test(`at most ${PARKED_JOINS_MAX} joins wait, over all groups`, async () => {
  const scene = new CoordinatorScene();
  const perGroup = MEMBERS_PER_GROUP_MAX - 1;
  const groups = Array.from({ length: Math.ceil(PARKED_JOINS_MAX / perGroup) }, (_, i) => `g${i}`);
  await Promise.all(groups.map((group) => scene.single({ group })));
  const waiting = Array.from({ length: PARKED_JOINS_MAX }, (_, index) =>
    codeOf(scene.join({ group: groups[Math.floor(index / perGroup)] ?? '' })),
  );
  expect(scene.coordinator.stats().parkedJoins).toBe(PARKED_JOINS_MAX);
  expect(await codeOf(scene.join({ group: 'another' }))).toBe('THROTTLING_QUOTA_EXCEEDED');
  scene.coordinator.close();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['SHUTTING_DOWN']));
});

test('while the store is not read whole nobody is taken for a member, or told to be none', async () => {
  let isComplete = true;
  const scene = new CoordinatorScene({ isComplete: () => isComplete });
  const member = await scene.single();
  isComplete = false;
  const next = scene.restarted();
  const { coordinator } = next;
  const calls = [
    next.join(),
    next.join({ memberId: member.memberId }),
    coordinator.syncGroup({ ...member, assignments: [] }),
    coordinator.heartbeat(member),
    coordinator.holdMember(member, () => undefined),
    coordinator.leaveGroup('g', [member]),
    next.commit(1, { member }),
  ];
  for (const call of calls) expect(await codeOf(call)).toBe('KAFKA_STORAGE_ERROR');
  isComplete = true;
  await coordinator.heartbeat(member);
});
