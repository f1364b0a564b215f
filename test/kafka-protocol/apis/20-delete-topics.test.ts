import { expect, test } from 'vitest';
import type { Broker, Topic } from '../../../src/broker/broker.ts';
import { askAs, DELETE_TOPICS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';
import type { MemoryBroker } from '../../support/memory-broker.ts';

const NO_ID = '00000000-0000-0000-0000-000000000000';
const UNKNOWN_ID = '01234567-89ab-cdef-0011-223344556677';

async function partsWithTopics(...names: readonly string[]): Promise<KafkaParts> {
  const parts = kafkaParts();
  for (const name of names) await parts.broker.createTopic({ name });
  return parts;
}

async function ask({ context }: KafkaParts, version: number, message: Message) {
  const { responses } = await askAs({ context, version }, DELETE_TOPICS, message);
  return responses as Message[];
}

async function namesLeft({ broker }: KafkaParts): Promise<string[]> {
  return (await broker.listTopics()).map(({ name }) => name);
}

test.each(versionsBetween(1, 5))('v%i deletes topics by their names', async (version) => {
  const parts = await partsWithTopics('a', 'b');
  const text = (errorMessage: string | null): Message => (version >= 5 ? { errorMessage } : {});
  expect(await ask(parts, version, { topicNames: ['b', 'none'] })).toEqual([
    { name: 'b', errorCode: 0, ...text(null) },
    { name: 'none', errorCode: 3, ...text('there is no topic "none"') },
  ]);
  expect(await namesLeft(parts)).toEqual(['a']);
});

test('v6 deletes topics by their names or ids', async () => {
  const parts = await partsWithTopics('a', 'b', 'c');
  const { topicId: ofA } = await parts.broker.topic('a');
  const { topicId: ofB } = await parts.broker.topic('b');
  const topics = [{ name: 'a' }, { topicId: ofB }, { topicId: UNKNOWN_ID }, { name: 'none' }];
  expect(await ask(parts, 6, { topics })).toEqual([
    { name: 'a', topicId: ofA, errorCode: 0, errorMessage: null },
    { name: 'b', topicId: ofB, errorCode: 0, errorMessage: null },
    {
      name: null,
      topicId: UNKNOWN_ID,
      errorCode: 100,
      errorMessage: `there is no topic with the id ${UNKNOWN_ID}`,
    },
    { name: 'none', topicId: NO_ID, errorCode: 3, errorMessage: 'there is no topic "none"' },
  ]);
  expect(await namesLeft(parts)).toEqual(['c']);
});

test('a topic made anew is not deleted by the id of the one before', async () => {
  const parts = kafkaParts({ wrap: remakesOnceFound });
  await parts.broker.createTopic({ name: 'a' });
  const { topicId } = await parts.broker.topic('a');
  expect(await ask(parts, 6, { topics: [{ topicId }] })).toMatchObject([{ topicId, errorCode: 3 }]);
  expect(await namesLeft(parts)).toEqual(['a']);
});

function remakesOnceFound(broker: MemoryBroker): Broker {
  const topicById = async (topicId: string): Promise<Topic | undefined> => {
    const found = await broker.topicById(topicId);
    await broker.deleteTopic('a');
    await broker.createTopic({ name: 'a' });
    return found;
  };
  return Object.assign(Object.create(broker), {
    topicById,
    deleteTopic: broker.deleteTopic.bind(broker),
  });
}

test('what is named twice is refused once, and stays', async () => {
  const parts = await partsWithTopics('a', 'b', 'c');
  const { topicId } = await parts.broker.topic('b');
  const topics = [{ name: 'a' }, { name: 'a' }, { topicId }, { name: 'c' }, { topicId }];
  const answers = await ask(parts, 6, { topics });
  expect(answers.map(({ name, errorCode }) => [name, errorCode])).toEqual([
    ['a', 42],
    [null, 42],
    ['c', 0],
  ]);
  expect(await namesLeft(parts)).toEqual(['a', 'b']);
});

test('a topic is named either by its name or by its id', async () => {
  const parts = await partsWithTopics('a');
  const { topicId } = await parts.broker.topic('a');
  for (const topic of [{ name: 'a', topicId }, {}]) {
    expect(await ask(parts, 6, { topics: [topic] })).toMatchObject([
      { errorCode: 42, errorMessage: expect.stringContaining('either by its name or by its id') },
    ]);
  }
  expect(await namesLeft(parts)).toEqual(['a']);
});

test('a server that stops sends its clients to look for another', async () => {
  const parts = await partsWithTopics('a');
  await parts.broker.close();
  expect(await ask(parts, 4, { topicNames: ['a'] })).toEqual([{ name: 'a', errorCode: 41 }]);
});
