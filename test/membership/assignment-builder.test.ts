import { expect, test } from 'vitest';
import { AssignmentBuilder } from '../../src/membership/assignment-builder.ts';
import { member } from '../support/group-members.ts';

test('what members get is grouped by topic, and those who get nothing are listed too', () => {
  const builder = new AssignmentBuilder(['a', 'b', 'c'].map((id) => member(id, { topics: [] })));
  builder.give(0, 't1', 0);
  builder.give(1, 't1', 1);
  builder.give(0, 't1', 2);
  builder.give(0, 't2', 0);
  expect([...builder.build()]).toEqual([
    [
      'a',
      [
        { topic: 't1', partitions: [0, 2] },
        { topic: 't2', partitions: [0] },
      ],
    ],
    ['b', [{ topic: 't1', partitions: [1] }]],
    ['c', []],
  ]);
});
