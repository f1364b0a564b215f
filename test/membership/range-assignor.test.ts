/** The cases with numbers are Java's own (RangeAssignorTest). */
import { expect, test } from 'vitest';
import { rangeAssignor } from '../../src/membership/range-assignor.ts';
import { assigned, members } from '../support/group-members.ts';
import type { MemberWords } from '../support/group-members.ts';

function range(
  who: Readonly<{ [memberId: string]: MemberWords }>,
  partitionCounts: Readonly<{ [topic: string]: number }>,
): object {
  return Object.fromEntries(assigned(rangeAssignor, members(who), partitionCounts));
}

const BOTH = { topics: ['topic1', 'topic2'] };

test('gives nothing where there is no topic, or it does not exist', () => {
  expect(range({ consumer: { topics: [] } }, {})).toEqual({ consumer: [] });
  expect(range({ consumer: { topics: ['topic1'] } }, {})).toEqual({ consumer: [] });
  expect(range({ consumer: { topics: ['topic1'] } }, { topic1: 0 })).toEqual({ consumer: [] });
});

test('gives one member everything of its topics, and of no other', () => {
  expect(range({ consumer: { topics: ['topic1'] } }, { topic1: 3, other: 3 })).toEqual({
    consumer: ['topic1-0', 'topic1-1', 'topic1-2'],
  });
  expect(range({ consumer: { topics: ['topic2', 'topic1'] } }, { topic1: 1, topic2: 2 })).toEqual({
    consumer: ['topic1-0', 'topic2-0', 'topic2-1'],
  });
});

test('leaves the later members without where there are too few partitions', () => {
  const two = { consumer2: { topics: ['topic1'] }, consumer1: { topics: ['topic1'] } };
  expect(range(two, { topic1: 1 })).toEqual({ consumer1: ['topic1-0'], consumer2: [] });
  expect(range(two, { topic1: 2 })).toEqual({ consumer1: ['topic1-0'], consumer2: ['topic1-1'] });
});

test('shares each topic out among its own subscribers', () => {
  const who = {
    consumer1: { topics: ['topic1'] },
    consumer2: BOTH,
    consumer3: { topics: ['topic1'] },
  };
  expect(range(who, { topic1: 3, topic2: 2 })).toEqual({
    consumer1: ['topic1-0'],
    consumer2: ['topic1-1', 'topic2-0', 'topic2-1'],
    consumer3: ['topic1-2'],
  });
});

test('gives the same partitions of topics of one size to one member', () => {
  expect(range({ consumer1: BOTH, consumer2: BOTH }, { topic1: 3, topic2: 3 })).toEqual({
    consumer1: ['topic1-0', 'topic1-1', 'topic2-0', 'topic2-1'],
    consumer2: ['topic1-2', 'topic2-2'],
  });
});

test('orders static members by instance id, before the others', () => {
  const share = ['topic1-0', 'topic1-1', 'topic2-0', 'topic2-1'];
  const rest = ['topic1-2', 'topic2-2'];
  const counts = { topic1: 3, topic2: 3 };
  const low = { ...BOTH, instance: 'instance1' };
  expect(range({ a: { ...BOTH, instance: 'instance2' }, b: low }, counts)).toEqual({
    b: share,
    a: rest,
  });
  expect(range({ a: BOTH, b: low }, counts)).toEqual({ b: share, a: rest });
});

test('keeps the shares of static members when others come and go or their member ids change', () => {
  const instances = {
    consumer1: { ...BOTH, instance: 'instance1' },
    consumer2: { ...BOTH, instance: 'instance2' },
    consumer3: { ...BOTH, instance: 'instance3' },
  };
  const shares = {
    consumer1: ['topic1-0', 'topic1-1', 'topic2-0'],
    consumer2: ['topic1-2', 'topic2-1'],
    consumer3: ['topic1-3', 'topic2-2'],
  };
  const last = ['topic1-4', 'topic2-3'];
  const counts = { topic1: 5, topic2: 4 };
  expect(range({ ...instances, consumer4: BOTH }, counts)).toEqual({ ...shares, consumer4: last });
  expect(range({ consumer0: BOTH, ...instances }, counts)).toEqual({ ...shares, consumer0: last });

  const renamed = {
    consumer9: instances.consumer1,
    consumer5: instances.consumer2,
    consumer4: instances.consumer3,
  };
  expect(range(renamed, { topic1: 5, topic2: 5 })).toEqual({
    consumer9: ['topic1-0', 'topic1-1', 'topic2-0', 'topic2-1'],
    consumer5: ['topic1-2', 'topic1-3', 'topic2-2', 'topic2-3'],
    consumer4: ['topic1-4', 'topic2-4'],
  });
});

test('takes a topic that a member names twice once', () => {
  const twice = { topics: ['topic1', 'topic1'] };
  expect(range({ a: twice, b: twice }, { topic1: 3 })).toEqual({
    a: ['topic1-0', 'topic1-1'],
    b: ['topic1-2'],
  });
});
