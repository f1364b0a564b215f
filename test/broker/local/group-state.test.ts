import { expect, test } from 'vitest';
import { diskFull, offering, PlayedGroup } from '../../support/played-group.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('three that join together are one generation as soon as all are there, without any wait', () => {
  const group = new PlayedGroup();
  const first = group.join();
  const { memberId } = group.joined(first);
  const others = [group.join(), group.join()];
  expect(others.map((each) => group.said(each))).toEqual(['waits', 'waits']);
  const again = group.join({ memberId });
  expect(group.joined(again)).toMatchObject({ generation: 2, leader: 'm1', protocol: 'range' });
  expect(group.joined(again).members.map((each) => each.memberId)).toEqual(['m1', 'm2', 'm3']);
  expect(others.map((each) => group.joined(each).members)).toEqual([[], []]);
  expect([group.state, group.nowMs]).toEqual(['CompletingRebalance', 0]);
});

test('nobody is told an assignment before it is stored, and then each its own', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  group.join({ memberId: leader });
  group.join({ memberId: follower });
  group.holdStores = true;
  const waiting = group.sync(follower);
  const leading = group.sync(leader, { [leader]: 'a', [follower]: 'b' });
  expect([waiting, leading].map((each) => group.said(each))).toEqual(['waits', 'waits']);
  expect(group.stores[0]?.metadata).toMatchObject({
    generation: 3,
    leader,
    protocol: 'range',
    members: [
      { memberId: leader, subscription: bytes('topics'), assignment: bytes('a') },
      { memberId: follower, subscription: bytes('topics'), assignment: bytes('b') },
    ],
  });
  group.store();
  expect([waiting, leading].map((each) => group.said(each))).toEqual(['b', 'a']);
  expect([group.state, group.hasTimer]).toEqual(['Stable', false]);
});

test('whom the leader leaves out is assigned nothing', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  for (const memberId of [leader, follower]) group.join({ memberId });
  group.sync(leader, { [leader]: 'a' });
  expect(group.said(group.sync(follower))).toBe('nothing');
});

test('when storing fails all that wait are told so, and a new rebalance begins', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  for (const memberId of [leader, follower]) group.join({ memberId });
  group.holdStores = true;
  const waiting = [group.sync(follower), group.sync(leader)];
  group.store(diskFull());
  expect(waiting.map((each) => group.said(each))).toEqual(['DISK_FULL', 'DISK_FULL']);
  expect(group.state).toBe('PreparingRebalance');
  expect(group.heartbeat(follower)).toBe('REBALANCE_IN_PROGRESS');
  group.holdStores = false;
  for (const memberId of [leader, follower]) group.join({ memberId });
  group.syncAll([leader, follower]);
  expect([group.state, group.generation]).toEqual(['Stable', 4]);
});

test('what was stored for a generation that is over is told to nobody', () => {
  const group = new PlayedGroup();
  group.holdStores = true;
  const { memberId } = group.joined(group.join());
  const sync = group.sync(memberId, { [memberId]: 'a' });
  const newcomer = group.join();
  expect(group.said(sync)).toBe('REBALANCE_IN_PROGRESS');
  group.store();
  expect(group.state).toBe('PreparingRebalance');
  group.join({ memberId });
  expect(group.joined(newcomer).generation).toBe(2);
});

test('a sync while members come together, of another generation or of a stranger is refused', () => {
  const group = new PlayedGroup();
  const [leader = ''] = group.stable(1);
  expect(group.said(group.sync(leader, {}, { generation: 7 }))).toBe('ILLEGAL_GENERATION');
  expect(group.said(group.sync('stranger'))).toBe('UNKNOWN_MEMBER_ID');
  expect(group.said(group.sync(leader, {}, { protocol: 'sticky' }))).toBe(
    'INCONSISTENT_GROUP_PROTOCOL',
  );
  expect(group.said(group.sync(leader, {}, { protocolType: 'connect' }))).toBe(
    'INCONSISTENT_GROUP_PROTOCOL',
  );
  group.join();
  expect(group.said(group.sync(leader))).toBe('REBALANCE_IN_PROGRESS');
});

test('a sync of a stable group is answered at once, as often as it comes', () => {
  const group = new PlayedGroup();
  const [leader = ''] = group.stable(1);
  expect(group.said(group.sync(leader))).toBe(`for ${leader}`);
  // Also when it brings another assignment: what is stored counts.
  expect(group.said(group.sync(leader, { [leader]: 'other' }))).toBe(`for ${leader}`);
});

test('of two syncs of one member that wait the older is refused', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  for (const memberId of [leader, follower]) group.join({ memberId });
  const [older, newer] = [group.sync(follower), group.sync(follower)];
  expect([older, newer].map((each) => group.said(each))).toEqual([
    'REBALANCE_IN_PROGRESS',
    'waits',
  ]);
  group.sync(leader, { [follower]: 'b' });
  expect(group.said(newer)).toBe('b');
});

test('of two joins of one member that wait the older is refused', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  group.join();
  const [older, newer] = [group.join({ memberId: leader }), group.join({ memberId: leader })];
  expect([older, newer].map((each) => group.said(each))).toEqual(['UNKNOWN_MEMBER_ID', 'waits']);
  group.join({ memberId: follower });
  expect(group.joined(newer).generation).toBe(3);
  // That the older caller goes away means nothing any more.
  group.joinGone(older);
  expect(group.state).toBe('CompletingRebalance');
});

test('a follower that joins again unchanged is told the present generation; a leader begins a rebalance', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  const again = group.join({ memberId: follower });
  expect(group.joined(again)).toMatchObject({ generation: 2, leader, members: [] });
  expect(group.state).toBe('Stable');
  expect(group.said(group.join({ memberId: leader }))).toBe('waits');
  expect(group.state).toBe('PreparingRebalance');
});

test('who missed the answer of a join is told again as long as the assignments are awaited', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  for (const memberId of [leader, follower]) group.join({ memberId });
  const told = group.joined(group.join({ memberId: leader }));
  expect([told.generation, told.members.length]).toEqual([3, 2]);
  expect(group.joined(group.join({ memberId: follower })).members).toEqual([]);
  expect(group.state).toBe('CompletingRebalance');
});

test('a follower with other wishes begins a rebalance', () => {
  const group = new PlayedGroup();
  const [, follower = ''] = group.stable(2);
  const protocols = [{ name: 'range', metadata: Buffer.from('other topics') }];
  expect(group.said(group.join({ memberId: follower, protocols }))).toBe('waits');
  expect(group.state).toBe('PreparingRebalance');
});

test('while members come together a member stays in its generation, and commits in it', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  group.join();
  expect(group.heartbeat(follower)).toBe('REBALANCE_IN_PROGRESS');
  expect(group.commit(follower)).toBeUndefined();
  expect(group.commit(follower, 1)).toBe('ILLEGAL_GENERATION');
  for (const memberId of [leader, follower]) group.join({ memberId });
  expect(group.commit(follower)).toBe('REBALANCE_IN_PROGRESS');
  expect(group.heartbeat(follower)).toBeUndefined();
});

test('a commit of nobody is for groups without members', () => {
  const group = new PlayedGroup();
  expect(group.commit('', -1)).toBeUndefined();
  const [leader = ''] = group.stable(1);
  expect(group.commit('', -1)).toBe('UNKNOWN_MEMBER_ID');
  expect(group.commit(leader, -1)).toBe('ILLEGAL_GENERATION');
  group.leave({ memberId: leader });
  expect(group.commit('', -1)).toBeUndefined();
  expect(group.commit(leader, 1)).toBe('UNKNOWN_MEMBER_ID');
});

test('a member that does not join again in time is out, also a static one', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2, { sessionTimeoutMs: 100_000 });
  const still = { sessionTimeoutMs: 100_000, groupInstanceId: 'i' };
  const joining = group.join(still);
  for (const memberId of [leader, follower]) group.join({ memberId, sessionTimeoutMs: 100_000 });
  const { memberId: fixed } = group.joined(joining);
  group.syncAll([leader, follower, fixed]);
  const rejoined = group.join({ memberId: leader });
  group.advance(29_999);
  expect(group.said(rejoined)).toBe('waits');
  group.advance(1);
  expect(group.joined(rejoined).members.map(({ memberId }) => memberId)).toEqual([leader]);
  expect(group.heartbeat(follower)).toBe('UNKNOWN_MEMBER_ID');
  expect(group.heartbeat(fixed, undefined, 'i')).toBe('UNKNOWN_MEMBER_ID');
});

test('a rebalance waits as long as the most patient member asks', () => {
  const group = new PlayedGroup();
  const wish = { sessionTimeoutMs: 100_000 };
  const [first = ''] = group.stable(1, { ...wish, rebalanceTimeoutMs: 50_000 });
  const joining = group.join({ ...wish, rebalanceTimeoutMs: 1_000 });
  group.advance(49_999);
  expect(group.said(joining)).toBe('waits');
  group.advance(1);
  expect(group.joined(joining)).toMatchObject({ generation: 2, leader: joinedAs(group, joining) });
  expect(group.heartbeat(first)).toBe('UNKNOWN_MEMBER_ID');
});

function joinedAs(group: PlayedGroup, ticket: number): string {
  return group.joined(ticket).memberId;
}

test('a member without a sign of life is out after its session time, one that waits is not', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  group.advance(9_999);
  expect(group.heartbeat(leader)).toBeUndefined();
  group.advance(1);
  expect(group.gone).toEqual([follower]);
  expect(group.state).toBe('PreparingRebalance');
  const again = group.join({ memberId: leader });
  expect(group.joined(again).members).toHaveLength(1);
  // The newcomer waits for longer than its session time.
  group.sync(leader);
  const newcomer = group.join();
  for (let passed = 0; passed < 20_000; passed += 5_000) {
    group.advance(5_000);
    group.heartbeat(leader);
  }
  expect(group.said(newcomer)).toBe('waits');
});

test('a leader that never brings assignments is out after the rebalance time; so is who never asks', () => {
  const group = new PlayedGroup();
  const wish = { sessionTimeoutMs: 100_000 };
  const members = group.stable(3, wish);
  const [leader = '', second = '', third = ''] = members;
  for (const memberId of members) group.join({ ...wish, memberId });
  const waiting = group.sync(second);
  group.advance(30_000);
  expect(group.gone).toEqual([leader, third]);
  expect(group.said(waiting)).toBe('REBALANCE_IN_PROGRESS');
  const again = group.join({ ...wish, memberId: second });
  expect(group.joined(again)).toMatchObject({ leader: second });
});

test('who never asks for its assignment is out even when the others have theirs', () => {
  const group = new PlayedGroup();
  const wish = { sessionTimeoutMs: 100_000 };
  const members = group.stable(2, wish);
  const [leader = '', follower = ''] = members;
  for (const memberId of members) group.join({ ...wish, memberId });
  group.sync(leader, { [leader]: 'a', [follower]: 'b' });
  expect(group.state).toBe('Stable');
  group.advance(30_000);
  expect([group.gone, group.state]).toEqual([[follower], 'PreparingRebalance']);
});

test('the first that joined leads as long as it is there, then the next', () => {
  const group = new PlayedGroup();
  const [first = '', second = '', third = ''] = group.stable(3);
  expect(group.machine.view.members.leader).toBe(first);
  group.leave({ memberId: first });
  expect(group.machine.view.members.leader).toBe(second);
  for (const memberId of [third, second]) group.join({ memberId });
  expect(group.machine.view.members.leader).toBe(second);
});

test('who leaves is out at once; several are one rebalance; strangers are told so', () => {
  const group = new PlayedGroup();
  const [first = '', second = '', third = ''] = group.stable(3);
  const ended = group.generationsEnded;
  expect(group.leave({ memberId: second }, { memberId: 'x' }, { memberId: third })).toEqual([
    undefined,
    'UNKNOWN_MEMBER_ID',
    undefined,
  ]);
  expect([group.memberIds(), group.generationsEnded]).toEqual([[first], ended + 1]);
  group.leave({ memberId: first });
  expect([group.state, group.hasTimer, group.sessions]).toEqual(['Empty', false, []]);
});

test('that a group is empty is stored, and without a leader or a protocol', () => {
  const group = new PlayedGroup();
  const [first = ''] = group.stable(1);
  group.holdStores = true;
  group.leave({ memberId: first });
  expect(group.stores[0]?.metadata).toEqual({
    protocolType: 'consumer',
    generation: 2,
    protocol: null,
    leader: null,
    members: [],
  });
  group.store(diskFull());
  expect(group.state).toBe('Empty');
});

test('a caller that goes away takes its new member with it', () => {
  const group = new PlayedGroup();
  const [leader = ''] = group.stable(1);
  const joining = group.join();
  group.joinGone(joining);
  expect(group.said(joining)).toBe('UNKNOWN_MEMBER_ID');
  expect(group.memberIds()).toEqual([leader]);
  expect(group.joined(group.join({ memberId: leader })).members).toHaveLength(1);
});

test('a member id that is given away is awaited for its session time', () => {
  const group = new PlayedGroup();
  const [leader = ''] = group.stable(1);
  const promised = group.join({ requiresMemberId: true });
  expect(group.said(promised)).toBe('MEMBER_ID_REQUIRED');
  expect([group.state, group.memberIds()]).toEqual(['Stable', [leader]]);
  const again = group.join({ memberId: leader });
  group.advance(9_999);
  expect(group.said(again)).toBe('waits');
  group.advance(1);
  expect(group.said(again)).toBe('joined');
});

test('who comes back with the id that it was given is a member; the id alone makes nobody one', () => {
  const group = new PlayedGroup();
  const promised = group.answers.get(group.join({ requiresMemberId: true }));
  const memberId = String(
    promised?.kind === 'refused' ? promised.error.details['member_id'] : undefined,
  );
  expect(group.heartbeat(memberId)).toBe('UNKNOWN_MEMBER_ID');
  expect(group.said(group.join({ memberId: 'made up', requiresMemberId: true }))).toBe(
    'UNKNOWN_MEMBER_ID',
  );
  expect(group.joined(group.join({ memberId, requiresMemberId: true })).memberId).toBe(memberId);
});

test('a group that nobody has joined is void', () => {
  const group = new PlayedGroup();
  expect(group.machine.isVoid).toBe(true);
  group.join({ requiresMemberId: true });
  expect(group.machine.isVoid).toBe(false);
  group.advance(10_000);
  expect([group.machine.isVoid, group.sessions]).toEqual([true, []]);
});

test('with an initial delay a new group waits for more, and longer while they come', () => {
  const group = new PlayedGroup(3_000);
  const joining = [group.join()];
  group.advance(2_000);
  joining.push(group.join());
  group.advance(1_000);
  expect(joining.map((each) => group.said(each))).toEqual(['waits', 'waits']);
  group.advance(3_000);
  expect(joining.map((each) => group.joined(each).generation)).toEqual([1, 1]);
});

test('the initial delay ends with the rebalance time, however many still come', () => {
  const group = new PlayedGroup(3_000);
  const first = group.join({ rebalanceTimeoutMs: 5_000 });
  for (let passed = 0; passed < 5_000; passed += 1_000) {
    group.join({ rebalanceTimeoutMs: 5_000 });
    group.advance(1_000);
  }
  expect(group.joined(first)).toMatchObject({ generation: 1 });
  expect(group.memberIds()).toHaveLength(6);
});

test('a group that was stored goes on as it was', () => {
  const group = new PlayedGroup();
  const before = new PlayedGroup();
  before.holdStores = true;
  const { memberId } = before.joined(before.join({ groupInstanceId: 'i' }));
  before.sync(memberId, { [memberId]: 'a' });
  const [stored] = before.stores;
  if (stored === undefined) throw new Error('nothing was stored');
  const effects = group.machine.restore({ ...stored.metadata, currentStateTimestampMs: 5 });
  expect(effects).toEqual([{ kind: 'session', memberId, sessionTimeoutMs: 10_000 }]);
  expect([group.state, group.generation]).toEqual(['Stable', 1]);
  expect(group.heartbeat(memberId, 1, 'i')).toBeUndefined();
  expect(group.said(group.sync(memberId))).toBe('a');
  expect(group.commit(memberId)).toBeUndefined();
  expect(group.said(group.join({ memberId, protocols: offering('x') }))).toBe('joined');
});
