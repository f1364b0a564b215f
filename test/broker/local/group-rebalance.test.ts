import { expect, test } from 'vitest';
import { GroupRebalance } from '../../../src/broker/local/group-rebalance.ts';
import { metadataValue } from '../../support/group-changes.ts';
import { offering } from '../../support/played-group.ts';

const REQUEST = {
  group: 'g',
  memberId: '',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  protocolType: 'consumer',
  protocols: offering('range'),
};
const ASSIGNMENTS = [{ memberId: 'a', assignment: Buffer.from('mine') }];

/** One member that has joined and waits for its assignment. */
function joined(initialDelayMs = 0) {
  const rebalance = new GroupRebalance('g', initialDelayMs);
  rebalance.protocolType = 'consumer';
  const member = rebalance.members.add('a', REQUEST, 1);
  rebalance.goOnWithNewcomer();
  return { rebalance, member };
}

const kinds = (rebalance: GroupRebalance) => rebalance.done().map(({ kind }) => kind);

test('a round asks for all that it needs, in order, and hands it out once', () => {
  const { rebalance, member } = joined();
  expect(kinds(rebalance)).toEqual(['joined', 'session', 'timer']);
  const sync = { group: 'g', memberId: 'a', generation: 1, assignments: ASSIGNMENTS };
  rebalance.sync(member, sync, 2);
  expect(kinds(rebalance)).toEqual(['no-timer', 'store']);
  expect(rebalance.stored(1)).toBe(true);
  expect(kinds(rebalance)).toEqual(['synced', 'session']);
  rebalance.prepare();
  expect(kinds(rebalance)).toEqual(['generation-ended', 'timer']);
  expect(rebalance.done()).toEqual([]);
});

test('only the assignments of this generation become so by being stored', () => {
  const { rebalance, member } = joined();
  const sync = { group: 'g', memberId: 'a', generation: 1, assignments: ASSIGNMENTS };
  rebalance.sync(member, sync, 2);
  rebalance.prepare();
  expect([rebalance.stored(1), rebalance.storeFailed(1, new Error('late') as never)]).toEqual([
    false,
    false,
  ]);
  expect(rebalance.state).toBe('PreparingRebalance');
  expect(member.assignment).toHaveLength(0);
});

test('what the leader brings is copied out of the request', () => {
  const { rebalance, member } = joined();
  const assignment = Buffer.from('mine');
  const assignments = [{ memberId: 'a', assignment }];
  rebalance.sync(member, { group: 'g', memberId: 'a', generation: 1, assignments }, 2);
  assignment.fill(0);
  rebalance.stored(1);
  expect(Buffer.from(member.assignment).toString()).toBe('mine');
});

test('a member whose sync waited for long lives anew when it is refused', () => {
  const { rebalance, member } = joined();
  rebalance.members.add('b', REQUEST, 2);
  rebalance.prepare();
  rebalance.members.setJoin(member, 3);
  rebalance.completeIfAllJoined();
  rebalance.done();
  const follower = rebalance.members.get('b');
  if (follower === undefined) throw new Error('there is one');
  rebalance.sync(follower, { group: 'g', memberId: 'b', generation: 2, assignments: [] }, 4);
  rebalance.prepare();
  const sessions = rebalance.done().filter(({ kind }) => kind === 'session');
  expect(sessions).toEqual([{ kind: 'session', memberId: 'b', sessionTimeoutMs: 10_000 }]);
});

test('a group that was empty waits for its initial delay, but not when nobody is left', () => {
  const { rebalance, member } = joined(3_000);
  expect(rebalance.done()).toEqual([{ kind: 'timer', delayMs: 3_000 }]);
  rebalance.completeIfAllJoined();
  expect(rebalance.state).toBe('PreparingRebalance');
  rebalance.remove(member);
  rebalance.goOn();
  expect(rebalance.state).toBe('Empty');
});

test('a time that is over when nobody is missing changes nothing', () => {
  const rebalance = new GroupRebalance('g', 0);
  rebalance.timeOver();
  rebalance.restore(metadataValue(7));
  rebalance.done();
  rebalance.timeOver();
  expect([rebalance.state, rebalance.done()]).toEqual(['Stable', []]);
});

test('only a new group is restored, and only an empty one dies', () => {
  const { rebalance } = joined();
  expect(() => rebalance.restore(metadataValue(7))).toThrow(/only a new group/);
  expect(() => rebalance.die()).toThrow(/with members/);
});
