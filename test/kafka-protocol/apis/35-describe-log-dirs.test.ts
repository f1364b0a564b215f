import { expect, test } from 'vitest';
import { unknownTopic } from '../../../src/broker/refusals.ts';
import { textRecord } from '../../support/batches.ts';
import { askAs, DESCRIBE_LOG_DIRS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import type { Message } from '../../support/kafka-messages.ts';

const VERSIONS = versionsBetween(1, 4);

async function partsWithTopics(): Promise<KafkaParts> {
  const parts = kafkaParts({ settings: { dataDirectory: '/var/lib/millrace' } });
  await parts.broker.createTopic({ name: 'a', partitionCount: 2 });
  await parts.broker.createTopic({ name: 'b' });
  const payload = { kind: 'records' as const, records: [textRecord('x')] };
  await parts.broker.produce([{ topic: 'a', partition: 1, payload }]);
  return parts;
}

async function ask({ context }: KafkaParts, version: number, topics: readonly Message[] | null) {
  return askAs({ context, version }, DESCRIBE_LOG_DIRS, { topics });
}

/** Topics with their partitions, of the one directory. */
async function shown(parts: KafkaParts, topics: readonly Message[] | null): Promise<unknown[]> {
  const { results } = await ask(parts, 4, topics);
  const [directory] = results as { topics: { name: string; partitions: Message[] }[] }[];
  return (directory?.topics ?? []).map(({ name, partitions }) => [
    name,
    partitions.map(({ partitionIndex }) => partitionIndex),
  ]);
}

test.each(VERSIONS)('v%i shows the data directory and what partitions take', async (version) => {
  const parts = await partsWithTopics();
  const bytes = (await parts.broker.describePartitions('a'))[1]?.bytes;
  expect(bytes).toBeGreaterThan(61);
  const same = { offsetLag: 0, isFutureKey: false };
  expect(await ask(parts, version, [{ topic: 'a', partitions: [1, 0] }])).toEqual({
    throttleTimeMs: 0,
    ...(version >= 3 && { errorCode: 0 }),
    results: [
      {
        errorCode: 0,
        logDir: '/var/lib/millrace',
        topics: [
          {
            name: 'a',
            partitions: [
              { partitionIndex: 0, partitionSize: 0, ...same },
              { partitionIndex: 1, partitionSize: bytes, ...same },
            ],
          },
        ],
        ...(version >= 4 && { totalBytes: -1, usableBytes: -1 }),
      },
    ],
  });
});

test('null stands for all partitions, and an empty list for none', async () => {
  const parts = await partsWithTopics();
  expect(await shown(parts, null)).toEqual([
    ['a', [0, 1]],
    ['b', [0]],
  ]);
  expect(await shown(parts, [])).toEqual([]);
});

test('what is missing is left out, and what is named twice is shown once', async () => {
  const parts = await partsWithTopics();
  const topics = [
    { topic: 'b', partitions: [0, 0] },
    { topic: 'none', partitions: [0] },
    { topic: 'a', partitions: [7, 1] },
    { topic: 'b', partitions: [0, -1] },
    { topic: 'a', partitions: [0] },
  ];
  expect(await shown(parts, topics)).toEqual([
    ['a', [0, 1]],
    ['b', [0]],
  ]);
});

test('a topic that is deleted meanwhile has no partitions', async () => {
  const parts = kafkaParts({
    wrap: (broker) =>
      Object.assign(Object.create(broker), {
        listTopics: () => broker.listTopics(),
        describePartitions: (name: string) => Promise.reject(unknownTopic(name)),
      }),
  });
  await parts.broker.createTopic({ name: 'a' });
  expect(await shown(parts, null)).toEqual([['a', []]]);
});

test.each(VERSIONS)('v%i: a server that stops shows nothing', async (version) => {
  const parts = await partsWithTopics();
  await parts.broker.close();
  const answer = await ask(parts, version, null);
  expect(answer).toMatchObject({ results: [{ errorCode: 41, topics: [] }] });
  if (version >= 3) expect(answer).toMatchObject({ errorCode: 41 });
});
