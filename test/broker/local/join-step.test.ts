import { expect, test } from 'vitest';
import type { JoinGroupRequest } from '../../../src/broker/groups.ts';
import { joinStep } from '../../../src/broker/local/join-step.ts';
import { offering, PlayedGroup } from '../../support/played-group.ts';

/** What the group would do, and with which code it refuses. */
function stepFor(group: PlayedGroup, wish: Partial<JoinGroupRequest>): string {
  const step = joinStep(group.machine.view, {
    group: 'g',
    memberId: '',
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols: offering('range'),
    ...wish,
  });
  return step.kind === 'refuse' ? step.error.code : step.kind;
}

test('a newcomer is added, or given an id first where it asks for one; never a static one', () => {
  const group = new PlayedGroup();
  expect(stepFor(group, {})).toBe('add');
  expect(stepFor(group, { requiresMemberId: true })).toBe('promise');
  expect(stepFor(group, { requiresMemberId: true, groupInstanceId: 'i' })).toBe('add');
});

test('a member id that nobody was given is unknown', () => {
  const group = new PlayedGroup();
  group.stable(1, { groupInstanceId: 'i' });
  expect(stepFor(group, { memberId: 'x' })).toBe('UNKNOWN_MEMBER_ID');
  expect(stepFor(group, { memberId: 'x', groupInstanceId: 'j' })).toBe('UNKNOWN_MEMBER_ID');
  expect(stepFor(group, { memberId: 'x', groupInstanceId: 'i' })).toBe('FENCED_INSTANCE_ID');
  group.join({ requiresMemberId: true });
  expect(stepFor(group, { memberId: 'm2' })).toBe('add');
  expect(stepFor(group, { memberId: 'm2', groupInstanceId: 'i' })).toBe('FENCED_INSTANCE_ID');
});

test('a static member that comes without its id takes its place over', () => {
  const group = new PlayedGroup();
  group.stable(1, { groupInstanceId: 'i' });
  expect(stepFor(group, { groupInstanceId: 'i' })).toBe('take-over');
});

test('the members must have one protocol in common, and be of one type', () => {
  const group = new PlayedGroup();
  const [member = ''] = group.stable(1, { protocols: offering('a', 'b') });
  expect(stepFor(group, { protocols: offering('b', 'c') })).toBe('add');
  expect(stepFor(group, { protocols: offering('c') })).toBe('INCONSISTENT_GROUP_PROTOCOL');
  expect(stepFor(group, { protocols: [] })).toBe('INCONSISTENT_GROUP_PROTOCOL');
  const others = { protocols: offering('a'), protocolType: 'connect' };
  expect(stepFor(group, others)).toBe('INCONSISTENT_GROUP_PROTOCOL');
  // Alone it may change its mind, also when it comes back as a static member.
  expect(stepFor(group, { memberId: member, protocols: offering('c') })).toBe('rejoin');
  group.join({ protocols: offering('b') });
  expect(stepFor(group, { memberId: member, protocols: offering('a') })).toBe(
    'INCONSISTENT_GROUP_PROTOCOL',
  );
});

test('an empty group takes any protocol, but not none', () => {
  const group = new PlayedGroup();
  const [member = ''] = group.stable(1, { protocols: offering('a') });
  group.leave({ memberId: member });
  expect(stepFor(group, { protocols: offering('z'), protocolType: 'connect' })).toBe('add');
  expect(stepFor(group, { protocolType: '' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
});

test('a repeated join is told again what is, unless the leader of a stable group sends it', () => {
  const group = new PlayedGroup();
  const [leader = '', follower = ''] = group.stable(2);
  expect(stepFor(group, { memberId: follower })).toBe('tell-again');
  expect(stepFor(group, { memberId: leader })).toBe('rejoin');
  group.join({ memberId: leader });
  expect(stepFor(group, { memberId: follower })).toBe('rejoin');
  group.join({ memberId: follower });
  expect(stepFor(group, { memberId: leader })).toBe('tell-again');
  expect(stepFor(group, { memberId: leader, protocols: offering('range', 'b') })).toBe('rejoin');
});
