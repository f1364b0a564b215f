import { expect, test } from 'vitest';
import { inOrder, sharedTopics } from '../../src/membership/subscribers.ts';
import { member } from '../support/group-members.ts';

const ANY = { topics: [] };

test('static members come first, by instance id, then the others by member id', () => {
  const who = [
    member('a', ANY),
    member('c', { ...ANY, instance: '2' }),
    member('B', ANY),
    member('d', { ...ANY, instance: '1' }),
  ];
  expect(inOrder(who).map(({ memberId }) => memberId)).toEqual(['d', 'c', 'B', 'a']);
});

test('topics that exist are listed by name, each with its subscribers once', () => {
  const who = [
    member('a', { topics: ['t2', 't1', 't2'] }),
    member('b', { topics: ['t2', 'missing', 'empty', '__proto__'] }),
  ];
  const counts = new Map([
    ['t2', 2],
    ['t1', 1],
    ['empty', 0],
    ['nobody', 5],
  ]);
  expect(sharedTopics(who, counts)).toEqual([
    { name: 't1', partitionCount: 1, subscribers: [0] },
    { name: 't2', partitionCount: 2, subscribers: [0, 1] },
  ]);
});
