import { expect, test } from 'vitest';
import { describedEmpty, isRead, listing } from '../../../src/broker/local/group-listings.ts';
import { GroupTable } from '../../../src/broker/local/group-table.ts';
import { commit, metadataValue } from '../../support/group-changes.ts';
import { subscription } from '../../support/coordinator-scene.ts';
import { offering, PlayedGroup } from '../../support/played-group.ts';

function stored(...records: Parameters<GroupTable['apply']>[0][]) {
  const table = new GroupTable();
  for (const record of records) table.apply(record);
  const group = table.group('g');
  if (group === undefined) throw new Error('there is one');
  return group;
}

test('a group that is only kept is empty, of the type that it had', () => {
  const value = { ...metadataValue(7), members: [] };
  const group = stored({ kind: 'group-metadata', group: 'g', value });
  expect(listing('g', { stored: group })).toEqual({
    group: 'g',
    state: 'Empty',
    protocolType: 'consumer',
  });
  expect(describedEmpty('g', group)).toEqual({
    group: 'g',
    state: 'Empty',
    protocolType: 'consumer',
    generation: 7,
    protocol: '',
    leader: '',
    members: [],
  });
});

test('a group that never had members has no type', () => {
  const group = stored(commit(5));
  expect(listing('g', { stored: group }).protocolType).toBe('');
  expect(describedEmpty('g', group).generation).toBe(0);
});

test('a group that lives is listed as it is', () => {
  const group = new PlayedGroup();
  group.stable(1);
  expect(listing('g', { live: group.machine.view })).toEqual({
    group: 'g',
    state: 'Stable',
    protocolType: 'consumer',
  });
});

test('a topic is read when a member subscribes to it, or when that cannot be told', () => {
  const of = (metadata: Uint8Array) => ({ protocols: [{ name: 'range', metadata }] });
  const group = new PlayedGroup();
  const { view } = group.machine;
  expect(isRead(view, 't')).toBe(false);
  const [member = ''] = group.stable(1, of(subscription('t')));
  expect([isRead(view, 't'), isRead(view, 'u')]).toEqual([true, false]);
  group.leave({ memberId: member });
  group.stable(1, { protocols: offering('range') });
  expect(isRead(view, 'u')).toBe(true);
});
