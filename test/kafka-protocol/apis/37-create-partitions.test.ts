import { expect, test } from 'vitest';
import { askAs, CREATE_PARTITIONS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

async function partsWithTopics(...names: readonly string[]): Promise<KafkaParts> {
  const parts = kafkaParts();
  for (const name of names) await parts.broker.createTopic({ name, partitionCount: 2 });
  return parts;
}

async function ask({ context }: KafkaParts, version: number, message: Message) {
  const { results } = await askAs({ context, version }, CREATE_PARTITIONS, message);
  return results as Message[];
}

async function countOf({ broker }: KafkaParts, topic: string): Promise<number> {
  return (await broker.describePartitions(topic)).length;
}

test.each(versionsBetween(0, 3))('v%i adds partitions up to a count', async (version) => {
  const parts = await partsWithTopics('a', 'b');
  const topics = [
    { name: 'b', count: 5 },
    { name: 'none', count: 5 },
    { name: 'a', count: 3, assignments: [{ brokerIds: [1] }] },
  ];
  expect(await ask(parts, version, { topics })).toEqual([
    { name: 'b', errorCode: 0, errorMessage: null },
    { name: 'none', errorCode: 3, errorMessage: 'there is no topic "none"' },
    { name: 'a', errorCode: 0, errorMessage: null },
  ]);
  expect([await countOf(parts, 'a'), await countOf(parts, 'b')]).toEqual([3, 5]);
});

test.each([
  [{ count: 2 }, 37, '2 would not be more'],
  [{ count: 1 }, 37, 'has 2 partitions'],
  [{ count: -1 }, 37, '-1 would not be more'],
  [{ count: 10_001 }, 44, 'at most 10000'],
  [{ count: 4, assignments: [] }, 39, 'for 0 partitions, and 2 are to be added'],
  [{ count: 4, assignments: [{ brokerIds: [1] }] }, 39, 'for 1 partitions, and 2'],
  [{ count: 3, assignments: [{ brokerIds: [2] }] }, 39, 'partition 2 is to lie on'],
  [{ count: 3, assignments: [{ brokerIds: [] }] }, 39, 'on 0 brokers'],
])('%j is refused with %i: %s', async (wish, errorCode, message) => {
  const parts = await partsWithTopics('a');
  expect(await ask(parts, 3, { topics: [{ name: 'a', ...wish }] })).toMatchObject([
    { name: 'a', errorCode, errorMessage: expect.stringContaining(message) },
  ]);
  expect(await countOf(parts, 'a')).toBe(2);
});

test('a name that is there twice is refused once, and gets none', async () => {
  const parts = await partsWithTopics('a', 'b');
  const topics = ['a', 'b', 'a'].map((name, index) => ({ name, count: 3 + index }));
  expect(await ask(parts, 3, { topics })).toMatchObject([
    { name: 'a', errorCode: 42, errorMessage: '"a" is named more than once' },
    { name: 'b', errorCode: 0 },
  ]);
  expect([await countOf(parts, 'a'), await countOf(parts, 'b')]).toEqual([2, 4]);
});

test('with validate_only nothing is added, and what would be refused is refused', async () => {
  const parts = await partsWithTopics('a', 'b');
  const topics = [
    { name: 'a', count: 3 },
    { name: 'b', count: 20_001 },
  ];
  const answers = await ask(parts, 3, { topics, validateOnly: true });
  expect(answers.map(({ errorCode }) => errorCode)).toEqual([0, 44]);
  expect(await countOf(parts, 'a')).toBe(2);
});
