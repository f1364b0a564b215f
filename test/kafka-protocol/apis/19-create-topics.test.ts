import { describe, expect, test } from 'vitest';
import { TOPIC_CONFIG_DEFINITIONS } from '../../../src/model/topic-config-definitions.ts';
import { askAs, CREATE_TOPICS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

const VERSIONS = versionsBetween(2, 7);
const NO_ID = '00000000-0000-0000-0000-000000000000';
const DONE = { errorCode: 0, errorMessage: null };

async function ask({ context }: KafkaParts, version: number, message: Message) {
  const { topics } = await askAs({ context, version }, CREATE_TOPICS, message);
  return topics as Message[];
}

/** The answer about one topic, called t. */
async function create(parts: KafkaParts, wish: Message, more: Message = {}): Promise<Message> {
  const [answer] = await ask(parts, 7, { topics: [{ name: 't', ...wish }], ...more });
  return answer as Message;
}

test.each(VERSIONS)('v%i makes topics and tells what it made of them', async (version) => {
  const parts = kafkaParts();
  const since = (first: number, members: Message): Message => (version >= first ? members : {});
  const answer = await ask(parts, version, {
    topics: [
      {
        name: 'a',
        numPartitions: 3,
        replicationFactor: 3,
        configs: [
          { name: 'retention.ms', value: '1000' },
          { name: 'min.insync.replicas', value: '2' },
        ],
      },
      { name: 'no such/name' },
    ],
  });
  const made = await parts.broker.topic('a');
  expect(made).toMatchObject({
    partitionCount: 3,
    configOverrides: new Map([
      ['retention.ms', '1000'],
      ['min.insync.replicas', '2'],
    ]),
  });
  expect(answer).toEqual([
    {
      name: 'a',
      ...DONE,
      ...since(5, { numPartitions: 3, replicationFactor: 1, configs: expect.any(Array) }),
      ...since(7, { topicId: made.topicId }),
    },
    {
      name: 'no such/name',
      errorCode: 17,
      errorMessage: expect.stringContaining('"no such/name" may hold only ASCII letters'),
      ...since(5, { numPartitions: -1, replicationFactor: -1, configs: [] }),
      ...since(7, { topicId: NO_ID }),
    },
  ]);
});

test('all configs of a new topic are told, and which of them were set', async () => {
  const wish = { configs: [{ name: 'retention.ms', value: '1000' }] };
  const configs = (await create(kafkaParts(), wish))['configs'] as Message[];
  expect(configs.map(({ name }) => name)).toEqual(TOPIC_CONFIG_DEFINITIONS.map(({ name }) => name));
  const shown = { readOnly: false, isSensitive: false };
  expect(configs).toContainEqual({
    name: 'retention.ms',
    value: '1000',
    configSource: 1,
    ...shown,
  });
  expect(configs).toContainEqual({
    name: 'cleanup.policy',
    value: 'delete',
    configSource: 5,
    ...shown,
  });
});

test.each([
  [{}, 1],
  [{ numPartitions: 4 }, 4],
  [{ replicationFactor: 1 }, 1],
  [{ replicationFactor: 32_767 }, 1],
  [{ assignments: [{ partitionIndex: 0, brokerIds: [1] }] }, 1],
  [{ assignments: [1, 0].map((partitionIndex) => ({ partitionIndex, brokerIds: [1] })) }, 2],
])('%j makes a topic', async (wish, numPartitions) => {
  const parts = kafkaParts();
  expect(await create(parts, wish)).toMatchObject({ ...DONE, numPartitions, replicationFactor: 1 });
  expect(await parts.broker.describePartitions('t')).toHaveLength(numPartitions);
});

const ON_THIS = { brokerIds: [1] };

test.each([
  [{ numPartitions: 0 }, 37, 'cannot have 0 partitions'],
  [{ numPartitions: -2 }, 37, 'cannot have -2 partitions'],
  [{ numPartitions: 10_001 }, 44, 'at most 10000 are allowed'],
  [{ replicationFactor: 0 }, 38, 'the replication factor is 0'],
  [{ replicationFactor: -2 }, 38, 'it must be at least 1, or -1'],
  [{ configs: [{ name: 'cleanup.policy', value: 'compact' }] }, 40, 'it must be "delete"'],
  [{ configs: [{ name: 'compression.type', value: 'zstd' }] }, 40, 'it must be "producer"'],
  [{ configs: [{ name: 'min.insync.replicas', value: '0' }] }, 40, 'an integer from 1'],
  [{ configs: [{ name: '__proto__', value: '1' }] }, 40, '"__proto__" is unknown'],
  [{ configs: [{ name: 'retention.ms', value: null }] }, 40, '"retention.ms" has no value'],
  [{ assignments: [{ partitionIndex: 1, ...ON_THIS }] }, 39, 'for partition 0'],
  [
    { assignments: [0, 0].map((partitionIndex) => ({ partitionIndex, ...ON_THIS })) },
    39,
    'for partition 1',
  ],
  [{ assignments: [{ partitionIndex: 0, brokerIds: [2] }] }, 39, 'only 1, the one there is'],
  [{ assignments: [{ partitionIndex: 0, brokerIds: [] }] }, 39, 'on 0 brokers'],
  [{ assignments: [{ partitionIndex: 0, brokerIds: [1, 1] }] }, 39, 'on 2 brokers'],
  [{ numPartitions: 1, assignments: [{ partitionIndex: 0, ...ON_THIS }] }, 42, 'must be -1'],
  [{ replicationFactor: 1, assignments: [{ partitionIndex: 0, ...ON_THIS }] }, 42, 'by hand'],
])('%j is refused with %i: %s', async (wish, errorCode, message) => {
  const parts = kafkaParts();
  const answer = await create(parts, wish);
  expect(answer).toMatchObject({ errorCode, errorMessage: expect.stringContaining(message) });
  expect(await parts.broker.listTopics()).toEqual([]);
});

test('a topic that is there already is refused with 36', async () => {
  const parts = kafkaParts();
  await create(parts, {});
  expect(await create(parts, {})).toMatchObject({ errorCode: 36 });
});

test('a name that is there twice is refused once, and made not at all', async () => {
  const parts = kafkaParts();
  const names = ['a', 'twice', 'b', 'twice', '__proto__'];
  const answer = await ask(parts, 7, { topics: names.map((name) => ({ name })) });
  expect(answer.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['a', 0],
    ['twice', 42],
    ['b', 0],
    ['__proto__', 0],
  ]);
  const made = (await parts.broker.listTopics()).map(({ name }) => name);
  expect(made).toEqual(['__proto__', 'a', 'b']);
});

describe('with validate_only', () => {
  test('nothing is made, and what would be is told', async () => {
    const parts = kafkaParts();
    const wish = { configs: [{ name: 'segment.ms', value: '5' }] };
    const answer = await create(parts, wish, { validateOnly: true });
    expect(answer).toMatchObject({ ...DONE, topicId: NO_ID, numPartitions: 1 });
    expect(answer['configs']).toContainEqual(
      expect.objectContaining({ name: 'segment.ms', value: '5', configSource: 1 }),
    );
    expect(await parts.broker.listTopics()).toEqual([]);
  });

  test('what would be refused is refused', async () => {
    const parts = kafkaParts();
    await create(parts, {});
    const only = { validateOnly: true };
    expect(await create(parts, {}, only)).toMatchObject({ errorCode: 36 });
    expect(await create(parts, { name: 'x', numPartitions: 0 }, only)).toMatchObject({
      errorCode: 37,
    });
  });
});

test('a server that stops sends its clients to look for another', async () => {
  const parts = kafkaParts();
  await parts.broker.close();
  expect(await create(parts, {})).toMatchObject({ errorCode: 41 });
});

test('more topics than a server may have are not named in one request', async () => {
  const topics = Array.from({ length: 10_001 }, (_, index) => ({ name: `t${index}` }));
  await expect(ask(kafkaParts(), 5, { topics })).rejects.toThrow(/at most 10000 elements/);
});
