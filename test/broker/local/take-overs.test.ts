import { expect, test } from 'vitest';
import { diskFull, PlayedGroup } from '../../support/played-group.ts';
import { subscription } from '../../support/coordinator-scene.ts';

const INSTANCE = { groupInstanceId: 'i' };
const say = (...topics: string[]) => [{ name: 'range', metadata: subscription(...topics) }];

/** A stable group of two: a member that leads, and a static one. */
function scene(wish = {}) {
  const group = new PlayedGroup();
  const [leader = ''] = group.stable(1, { protocols: say('t') });
  const joining = group.join({ ...INSTANCE, protocols: say('t'), ...wish });
  group.join({ memberId: leader, protocols: say('t') });
  const { memberId } = group.joined(joining);
  group.syncAll([leader, memberId]);
  return { group, leader, memberId };
}

test('a static member that comes back has its assignment at once, without a rebalance', () => {
  const { group, leader, memberId } = scene();
  const ended = group.generationsEnded;
  const back = group.joined(group.join({ ...INSTANCE, protocols: say('t') }));
  expect(back).toMatchObject({ generation: 2, leader, members: [] });
  expect(back.memberId).not.toBe(memberId);
  expect(group.said(group.sync(back.memberId))).toBe(`for ${memberId}`);
  expect([group.state, group.generationsEnded, group.gone]).toEqual(['Stable', ended, [memberId]]);
  expect(group.heartbeat(memberId, 2, 'i')).toBe('FENCED_INSTANCE_ID');
  expect(group.commit(memberId, 2, 'i')).toBe('FENCED_INSTANCE_ID');
  expect(group.heartbeat(memberId, 2)).toBe('UNKNOWN_MEMBER_ID');
  expect(group.sessions).toContain(back.memberId);
});

test('a leader that comes back leads, and is told of all', () => {
  const group = new PlayedGroup();
  const [before = ''] = group.stable(1, INSTANCE);
  const { memberId, leader, members } = group.joined(group.join(INSTANCE));
  expect([leader, members.map((each) => each.memberId)]).toEqual([memberId, [memberId]]);
  expect(group.said(group.sync(memberId))).toBe(`for ${before}`);
});

test('until the new id is stored the older member goes on; if it cannot be stored, also after', () => {
  const { group, memberId } = scene();
  group.holdStores = true;
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  expect(group.said(back)).toBe('waits');
  expect(group.heartbeat(memberId, 2, 'i')).toBeUndefined();
  const members = group.stores[0]?.metadata.members;
  expect(members?.map((each) => each.memberId)).toEqual(['m1', 'm4']);
  group.store(diskFull());
  expect(group.said(back)).toBe('DISK_FULL');
  expect(group.heartbeat(memberId, 2, 'i')).toBeUndefined();
});

test('of two that come back at once the later has the place', () => {
  const { group } = scene();
  group.holdStores = true;
  const wish = { ...INSTANCE, protocols: say('t') };
  const [first, second, third] = [group.join(wish), group.join(wish), group.join(wish)];
  group.holdStores = false;
  group.store();
  expect([first, second, third].map((each) => group.said(each))).toEqual([
    'FENCED_INSTANCE_ID',
    'FENCED_INSTANCE_ID',
    'joined',
  ]);
  expect(group.machine.view.members.instance('i')?.memberId).toBe(group.joined(third).memberId);
});

test('two instances that come back at once are stored one after the other, and both', () => {
  const { group, leader, memberId } = scene();
  const other = group.join({ groupInstanceId: 'j', protocols: say('t') });
  for (const id of [leader, memberId]) group.join({ memberId: id, protocols: say('t') });
  const { memberId: otherId } = group.joined(other);
  group.syncAll([leader, memberId, otherId]);
  group.holdStores = true;
  const first = group.join({ ...INSTANCE, protocols: say('t') });
  const second = group.join({ groupInstanceId: 'j', protocols: say('t') });
  expect(group.stores).toHaveLength(1);
  group.holdStores = false;
  group.store();
  const ids = [first, second].map((each) => group.joined(each).memberId);
  const stored = group.durable?.members.map((each) => each.memberId);
  expect(stored?.toSorted()).toEqual([leader, ...ids].toSorted());
});

test('a rebalance that began meanwhile is joined instead', () => {
  const { group, leader, memberId } = scene();
  group.holdStores = true;
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  const again = group.join({ memberId: leader, protocols: say('t') });
  group.holdStores = false;
  group.store();
  expect([back, again].map((each) => group.joined(each).generation)).toEqual([3, 3]);
  expect(group.heartbeat(memberId, 3, 'i')).toBe('FENCED_INSTANCE_ID');
});

test('one that is over meanwhile makes the new id be stored anew', () => {
  const { group, leader, memberId } = scene();
  group.holdStores = true;
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  for (const id of [leader, memberId]) group.join({ memberId: id, protocols: say('t') });
  group.syncAll([leader, memberId]);
  const [renaming, sharing] = group.stores.splice(0);
  if (renaming === undefined || sharing === undefined) throw new Error('not stored');
  // The log answers in order, but the machine does not depend on it.
  group.stores.push(sharing, renaming);
  group.store();
  expect([group.state, group.generation]).toEqual(['Stable', 3]);
  group.store();
  expect(group.said(back)).toBe('waits');
  group.store();
  expect(group.joined(back).generation).toBe(3);
  expect(group.durable).toMatchObject({ generation: 3, members: [{}, { memberId: 'm4' }] });
});

test('a newer member of the instance keeps its place when an older join is stored late', () => {
  const { group, leader, memberId } = scene();
  group.holdStores = true;
  const older = group.join({ ...INSTANCE, protocols: say('t') });
  group.leave({ memberId });
  const newer = group.join({ ...INSTANCE, protocols: say('t') });
  expect(group.said(older)).toBe('FENCED_INSTANCE_ID');
  group.join({ memberId: leader, protocols: say('t') });
  group.store();
  expect(group.machine.view.members.instance('i')?.memberId).toBe(group.joined(newer).memberId);
});

test('a caller that goes away while its new id is stored is not waited for', () => {
  const { group } = scene();
  group.holdStores = true;
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  const other = group.join({ ...INSTANCE, protocols: say('t') });
  group.joinGone(other);
  group.joinGone(back);
  expect([back, other].map((each) => group.said(each))).toEqual([
    'FENCED_INSTANCE_ID',
    'UNKNOWN_MEMBER_ID',
  ]);
  group.store();
  // Whoever has the id that was stored last has the place: nobody, until its session is over.
  expect(group.machine.view.members.instance('i')?.memberId).toBe('m4');
  group.advance(10_000);
  expect(group.machine.view.members.instance('i')).toBeUndefined();
});

test('other topics, or another choice of protocol, make a rebalance; more said of the same do not', () => {
  for (const protocols of [say('t', 'u'), [{ name: 'sticky', metadata: subscription('t') }]]) {
    const group = new PlayedGroup();
    group.stable(1, { ...INSTANCE, protocols: say('t') });
    expect(group.joined(group.join({ ...INSTANCE, protocols })).generation).toBe(2);
    expect(group.state).toBe('CompletingRebalance');
  }
  const { group } = scene();
  const more = [...say('t'), { name: 'sticky', metadata: subscription('t') }];
  expect(group.joined(group.join({ ...INSTANCE, protocols: more })).generation).toBe(2);
});

test('while members come together the newcomer waits in place of the older', () => {
  const { group, leader, memberId } = scene();
  const newcomer = group.join({ protocols: say('t') });
  const older = group.join({ memberId, ...INSTANCE, protocols: say('t') });
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  expect([older, back].map((each) => group.said(each))).toEqual(['FENCED_INSTANCE_ID', 'waits']);
  group.join({ memberId: leader, protocols: say('t') });
  expect([back, newcomer].map((each) => group.joined(each).generation)).toEqual([3, 3]);
});

test('while assignments are awaited they are awaited anew, for the leader knows only the old id', () => {
  const { group, leader, memberId } = scene();
  for (const id of [leader, memberId]) group.join({ memberId: id, protocols: say('t') });
  const syncing = group.sync(memberId, {}, INSTANCE);
  const back = group.join({ ...INSTANCE, protocols: say('t') });
  expect([syncing, back].map((each) => group.said(each))).toEqual(['FENCED_INSTANCE_ID', 'waits']);
  expect(group.said(group.sync(leader, { [memberId]: 'x' }))).toBe('REBALANCE_IN_PROGRESS');
  group.join({ memberId: leader, protocols: say('t') });
  expect(group.joined(back).generation).toBe(4);
});
