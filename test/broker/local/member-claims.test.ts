import { expect, test } from 'vitest';
import {
  commitRefusal,
  heartbeatRefusal,
  strangeness,
  syncRefusal,
} from '../../../src/broker/local/member-claims.ts';
import { GROUP, PlayedGroup } from '../../support/played-group.ts';

function scene() {
  const group = new PlayedGroup();
  const [memberId = ''] = group.stable(1, { groupInstanceId: 'i' });
  return { group, view: group.machine.view, member: { group: GROUP, memberId, generation: 1 } };
}

test('a static member may be named by its id alone, but not by the instance of another', () => {
  const { view, member } = scene();
  expect(strangeness(view, member)).toBeUndefined();
  expect(strangeness(view, { ...member, groupInstanceId: 'i' })).toBeUndefined();
  expect(strangeness(view, { ...member, groupInstanceId: 'j' })?.code).toBe('UNKNOWN_MEMBER_ID');
  const other = { memberId: 'x', groupInstanceId: 'i' };
  expect(strangeness(view, other)?.code).toBe('FENCED_INSTANCE_ID');
});

test('who one is comes before which generation, and that before what goes on', () => {
  const { group, view, member } = scene();
  group.join();
  const claims = [{ memberId: 'x', generation: 9 }, { generation: 9 }, {}];
  const codes = claims.map((claim) => heartbeatRefusal(view, { ...member, ...claim })?.code);
  expect(codes).toEqual(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS']);
});

test('a refusal names the generations that disagree', () => {
  const { view, member } = scene();
  const refusal = heartbeatRefusal(view, { ...member, generation: 9 });
  expect(refusal?.details).toEqual({ group: GROUP, received: 9, current: 1 });
});

test('a sync that names the protocol must name the one that was chosen', () => {
  const { view, member } = scene();
  const sync = { ...member, assignments: [] };
  expect(syncRefusal(view, sync)).toBeUndefined();
  expect(syncRefusal(view, { ...sync, protocolType: 'consumer', protocol: 'range' })).toBe(
    undefined,
  );
  const refusal = syncRefusal(view, { ...sync, protocol: 'sticky' });
  expect(refusal).toMatchObject({
    code: 'INCONSISTENT_GROUP_PROTOCOL',
    details: { received: 'sticky', current: 'range' },
  });
});

test('nobody commits in a group of others; an empty group takes it of anybody without a generation', () => {
  const { group, view, member } = scene();
  const nobody = { group: GROUP, memberId: '', generation: -1 };
  expect(commitRefusal(view, nobody)?.code).toBe('UNKNOWN_MEMBER_ID');
  expect(commitRefusal(view, member)).toBeUndefined();
  group.leave(member);
  expect(commitRefusal(view, nobody)).toBeUndefined();
  expect(commitRefusal(view, { ...nobody, memberId: 'x' })).toBeUndefined();
  expect(commitRefusal(view, member)?.code).toBe('UNKNOWN_MEMBER_ID');
});
