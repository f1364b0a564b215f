import { expect, test } from 'vitest';
import {
  describedGroup,
  groupOutcome,
  joinResult,
  syncResult,
} from '../../../src/broker/local/group-view.ts';
import type { Member } from '../../../src/broker/local/group-members.ts';
import { offering, PlayedGroup } from '../../support/played-group.ts';

function scene() {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2, { protocols: offering('range', 'sticky') });
  const { view } = group.machine;
  const member = (memberId: string): Member => {
    const found = view.members.get(memberId);
    if (found === undefined) throw new Error('there is one');
    return found;
  };
  return { group, view, leader, follower, member };
}

test('the leader alone is told of all, with what they say for the chosen protocol', () => {
  const { view, leader, follower, member } = scene();
  const result = { generation: 2, protocolType: 'consumer', protocol: 'range', leader };
  expect(joinResult(view, member(follower))).toEqual({
    ...result,
    memberId: follower,
    members: [],
  });
  const { members } = joinResult(view, member(leader));
  const metadata = Uint8Array.from(Buffer.from('topics'));
  expect(members).toEqual(
    [leader, follower].map((memberId) => ({ memberId, groupInstanceId: undefined, metadata })),
  );
});

test('an assignment comes with what was agreed on', () => {
  const { view, leader, member } = scene();
  const { assignment, ...rest } = syncResult(view, member(leader));
  expect(rest).toEqual({ protocolType: 'consumer', protocol: 'range' });
  expect(Buffer.from(assignment).toString()).toBe(`for ${leader}`);
});

test('what is stored holds what goes on after a restart', () => {
  const { view, leader } = scene();
  const outcome = groupOutcome(view, () => Buffer.from('new'));
  expect(outcome).toMatchObject({ protocolType: 'consumer', generation: 2, protocol: 'range' });
  expect(outcome.members[0]).toEqual({
    memberId: leader,
    groupInstanceId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    rebalanceTimeoutMs: 30_000,
    sessionTimeoutMs: 10_000,
    subscription: Uint8Array.from(Buffer.from('topics')),
    assignment: Buffer.from('new'),
  });
});

test('a description names nobody and nothing that there is not', () => {
  const { group, view, leader, follower } = scene();
  expect(describedGroup(view)).toMatchObject({ group: 'g', state: 'Stable', leader });
  group.leave({ memberId: leader }, { memberId: follower });
  expect(describedGroup(view)).toEqual({
    group: 'g',
    state: 'Empty',
    protocolType: 'consumer',
    generation: 3,
    protocol: '',
    leader: '',
    members: [],
  });
});
