/** The cases are Java's own (RoundRobinAssignorTest). */
import { expect, test } from 'vitest';
import {
  kafkajsRoundRobinAssignor,
  roundRobinAssignor,
} from '../../src/membership/round-robin-assignor.ts';
import { assigned, members } from '../support/group-members.ts';
import type { MemberWords } from '../support/group-members.ts';

function deal(
  who: Readonly<{ [memberId: string]: MemberWords }>,
  partitionCounts: Readonly<{ [topic: string]: number }>,
): object {
  return Object.fromEntries(assigned(roundRobinAssignor, members(who), partitionCounts));
}

const BOTH = { topics: ['topic1', 'topic2'] };

test('gives nothing where there is no topic, or it does not exist', () => {
  expect(deal({ consumer: { topics: [] } }, {})).toEqual({ consumer: [] });
  expect(deal({ consumer: { topics: ['topic1'] } }, {})).toEqual({ consumer: [] });
});

test('gives one member everything of its topics, and of no other', () => {
  expect(deal({ consumer: BOTH }, { other: 3, topic1: 1, topic2: 2 })).toEqual({
    consumer: ['topic1-0', 'topic2-0', 'topic2-1'],
  });
});

test('leaves the later members without where there are too few partitions', () => {
  const two = { consumer2: { topics: ['topic1'] }, consumer1: { topics: ['topic1'] } };
  expect(deal(two, { topic1: 1 })).toEqual({ consumer1: ['topic1-0'], consumer2: [] });
  expect(deal(two, { topic1: 2 })).toEqual({ consumer1: ['topic1-0'], consumer2: ['topic1-1'] });
});

test('passes over members that do not subscribe to the topic', () => {
  const who = {
    consumer1: { topics: ['topic1'] },
    consumer2: BOTH,
    consumer3: { topics: ['topic1'] },
  };
  expect(deal(who, { topic1: 3, topic2: 2 })).toEqual({
    consumer1: ['topic1-0'],
    consumer2: ['topic1-1', 'topic2-0', 'topic2-1'],
    consumer3: ['topic1-2'],
  });
});

test('goes on with the next member from topic to topic', () => {
  const counts = { topic1: 3, topic2: 3 };
  const first = ['topic1-0', 'topic1-2', 'topic2-1'];
  const second = ['topic1-1', 'topic2-0', 'topic2-2'];
  expect(deal({ consumer1: BOTH, consumer2: BOTH }, counts)).toEqual({
    consumer1: first,
    consumer2: second,
  });
  const low = { ...BOTH, instance: 'instance1' };
  const high = { ...BOTH, instance: 'instance2' };
  expect(deal({ a: high, b: low }, counts)).toEqual({ b: first, a: second });
  expect(deal({ a: BOTH, b: low }, counts)).toEqual({ b: first, a: second });
});

test('keeps the shares of static members when others come and go or their member ids change', () => {
  const instances = {
    consumer1: { ...BOTH, instance: 'instance1' },
    consumer2: { ...BOTH, instance: 'instance2' },
    consumer3: { ...BOTH, instance: 'instance3' },
  };
  const shares = {
    consumer1: ['topic1-0', 'topic2-1'],
    consumer2: ['topic1-1', 'topic2-2'],
    consumer3: ['topic1-2'],
  };
  const counts = { topic1: 3, topic2: 3 };
  for (const other of ['consumer4', 'consumer0']) {
    expect(deal({ ...instances, [other]: BOTH }, counts)).toEqual({
      ...shares,
      [other]: ['topic2-0'],
    });
  }
  const renamed = {
    consumer9: instances.consumer1,
    consumer5: instances.consumer2,
    consumer4: instances.consumer3,
  };
  expect(deal(renamed, { topic1: 5, topic2: 5 })).toEqual({
    consumer9: ['topic1-0', 'topic1-3', 'topic2-1', 'topic2-4'],
    consumer5: ['topic1-1', 'topic1-4', 'topic2-2'],
    consumer4: ['topic1-2', 'topic2-0', 'topic2-3'],
  });
});

test("is the same under kafkajs's name", () => {
  const input = {
    members: members({ a: BOTH, b: BOTH }),
    partitionCounts: new Map([['topic1', 5]]),
  };
  expect(kafkajsRoundRobinAssignor.name).toBe('RoundRobinAssigner');
  expect(kafkajsRoundRobinAssignor.assign(input)).toEqual(roundRobinAssignor.assign(input));
});
