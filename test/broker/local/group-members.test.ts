import { expect, test } from 'vitest';
import type { JoinGroupRequest } from '../../../src/broker/groups.ts';
import { GroupMembers } from '../../../src/broker/local/group-members.ts';
import { REBALANCE_TIMEOUT_MS_MAX } from '../../../src/model/limits.ts';
import { metadataValue } from '../../support/group-changes.ts';
import { offering } from '../../support/played-group.ts';

function request(wish: Partial<JoinGroupRequest> = {}): JoinGroupRequest {
  return {
    group: 'g',
    memberId: '',
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols: offering('range'),
    ...wish,
  };
}

test('all have joined when nobody who was promised a place is missing', () => {
  const members = new GroupMembers();
  const first = members.add('a', request(), 1);
  expect(members.haveAllJoined).toBe(true);
  members.promise('b');
  expect(members.haveAllJoined).toBe(false);
  members.add('b', request(), 2);
  expect([members.haveAllJoined, members.promisedCount]).toEqual([true, 0]);
  members.setJoin(first, undefined);
  expect(members.haveAllJoined).toBe(false);
  members.remove(first);
  expect(members.haveAllJoined).toBe(true);
});

test('who owes a sync is counted until it comes or goes', () => {
  const members = new GroupMembers();
  const [a, b] = [members.add('a', request(), 1), members.add('b', request(), 2)];
  for (const member of [a, b, b]) members.setOwesSync(member, true);
  members.setOwesSync(a, false);
  expect(members.haveAllSynced).toBe(false);
  members.remove(b);
  expect(members.haveAllSynced).toBe(true);
});

test('a member under a new id keeps its assignment, its instance and the lead', () => {
  const members = new GroupMembers();
  const before = members.add('a', request({ groupInstanceId: 'i' }), 1);
  members.add('b', request(), 2);
  members.setAssignment(before, Buffer.from('mine'));
  const after = members.rename(before, 'c', request({ groupInstanceId: 'i', clientId: 'new' }));
  expect(members.get('a')).toBeUndefined();
  expect(members.instance('i')).toBe(after);
  expect(after).toMatchObject({ clientId: 'new', join: undefined });
  expect(Buffer.from(after.assignment).toString()).toBe('mine');
  expect(members.leader).toBe('c');
});

test('the next in order leads when the leader goes', () => {
  const members = new GroupMembers();
  const first = members.add('a', request(), 1);
  members.add('b', request(), 2);
  members.remove(first);
  expect(members.leader).toBe('b');
});

test('what a member says is copied out of the request', () => {
  const members = new GroupMembers();
  const buffer = Buffer.from('topics');
  const member = members.add('a', request({ protocols: [{ name: 'x', metadata: buffer }] }), 1);
  buffer.fill(0);
  expect(Buffer.from(member.protocols[0]?.metadata ?? []).toString()).toBe('topics');
});

test('patience has an end', () => {
  const members = new GroupMembers();
  members.add('a', request({ rebalanceTimeoutMs: 2_147_483_647 }), 1);
  members.add('b', request({ rebalanceTimeoutMs: -5 }), 2);
  expect(members.rebalanceTimeoutMs).toBe(REBALANCE_TIMEOUT_MS_MAX);
  expect(members.get('b')?.rebalanceTimeoutMs).toBe(0);
});

test('what they agree on may be asked for as if one of them said something else', () => {
  const members = new GroupMembers();
  const a = members.add('a', request({ protocols: offering('x', 'y') }), 1);
  members.add('b', request({ protocols: offering('x', 'y') }), 2);
  expect(members.chosenProtocol()).toBe('x');
  expect(members.chosenProtocol({ of: a, protocols: offering('y') })).toBe('y');
  expect(members.couldAgree(offering('z'), a)).toBe(false);
  members.update(a, request({ protocols: offering('y') }));
  expect(members.chosenProtocol()).toBe('y');
  expect(members.protocolNames().toSorted()).toEqual(['x', 'y']);
});

test('they are restored as they were stored', () => {
  const members = new GroupMembers();
  const stored = metadataValue(7);
  members.restore(stored);
  expect(members.leader).toBe('m-1');
  const [value] = stored.members;
  expect(members.get('m-1')).toMatchObject({
    clientId: 'm',
    assignment: value?.assignment,
    protocols: [{ name: 'range', metadata: value?.subscription }],
    isNew: false,
  });
});
