import { expect, test } from 'vitest';
import { balance } from '../../src/membership/sticky-balance.ts';
import type { NumberedTopic } from '../../src/membership/sticky-balance.ts';

const NOBODY = -1;

function topic(firstNumber: number, partitionCount: number, subscribers: number[]): NumberedTopic {
  return { name: `topic${firstNumber}`, partitionCount, subscribers, firstNumber };
}

function balanced(
  topics: readonly NumberedTopic[],
  memberCount: number,
  before: readonly number[],
): number[] {
  const owners = Int32Array.from(before);
  balance({ topics, memberCount, owners });
  return [...owners];
}

test('members keep up to an even share and give up their highest partitions', () => {
  const topics = [topic(0, 3, [0, 1]), topic(3, 3, [0, 1])];
  expect(balanced(topics, 2, [0, 0, 0, 0, 0, 0])).toEqual([0, 0, 1, 0, 1, 1]);
});

test('an odd partition stays with a member that has more than an even share', () => {
  expect(balanced([topic(0, 5, [0, 1])], 2, [0, 0, 1, 1, 1])).toEqual([0, 0, 1, 1, 1]);
});

test('what nobody has goes to whoever has the fewest', () => {
  expect(balanced([topic(0, 4, [0, 1])], 2, [0, NOBODY, NOBODY, NOBODY])).toEqual([0, 1, 0, 1]);
});

test('a member loses what it does not subscribe to', () => {
  const topics = [topic(0, 2, [0]), topic(2, 2, [0, 1])];
  expect(balanced(topics, 2, [1, 0, 1, 1])).toEqual([0, 0, 1, 1]);
});

test('new partitions are moved before owned ones', () => {
  // Member 0 alone reads the first topic, owns one of the second and is the first to be served.
  const topics = [topic(0, 2, [0]), topic(2, 3, [0, 1])];
  expect(balanced(topics, 2, [NOBODY, NOBODY, 0, NOBODY, NOBODY])).toEqual([0, 0, 0, 1, 1]);
});

test('an owned partition moves where its owner would have two more than another', () => {
  const topics = [topic(0, 3, [0]), topic(3, 2, [0, 1])];
  expect(balanced(topics, 2, [0, 0, 0, 0, 0])).toEqual([0, 0, 0, 1, 1]);
});

test('nothing is shared out among nobody', () => {
  expect(balanced([], 0, [])).toEqual([]);
  expect(balanced([], 3, [])).toEqual([]);
});
