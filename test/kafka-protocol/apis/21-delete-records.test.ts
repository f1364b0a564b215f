import { beforeEach, expect, test } from 'vitest';
import { textRecord } from '../../support/batches.ts';
import { askAs, DELETE_RECORDS, versionsBetween } from '../../support/kafka-admin-messages.ts';
import { kafkaParts } from '../../support/kafka-face.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  await parts.broker.createTopic({ name: 't', partitionCount: 3 });
  const payload = { kind: 'records' as const, records: ['a', 'b', 'c'].map((v) => textRecord(v)) };
  for (const partition of [0, 1]) await parts.broker.produce([{ topic: 't', partition, payload }]);
});

/** Partition and offset each; answers partition, beginning and error each. */
async function ask(version: number, topic: string, places: readonly (readonly number[])[]) {
  const partitions = places.map(([partitionIndex, offset]) => ({ partitionIndex, offset }));
  const message = { topics: [{ name: topic, partitions }] };
  const answer = await askAs({ context: parts.context, version }, DELETE_RECORDS, message);
  expect(answer).toMatchObject({ throttleTimeMs: 0, topics: [{ name: topic }] });
  const [shown] = answer['topics'] as { partitions: Record<string, unknown>[] }[];
  return shown?.partitions.map((each) => [
    each['partitionIndex'],
    each['lowWatermark'],
    each['errorCode'],
  ]);
}

test.each(versionsBetween(0, 2))('v%i moves the beginning of partitions', async (version) => {
  const places = [
    [1, 2],
    [0, -1],
    [2, -1],
  ];
  expect(await ask(version, 't', places)).toEqual([
    [1, 2, 0],
    [0, 3, 0],
    [2, 0, 0],
  ]);
  const starts = (await parts.broker.describePartitions('t')).map((each) => each.logStartOffset);
  expect(starts).toEqual([3, 2, 0]);
});

test('an offset below the beginning changes nothing', async () => {
  expect(await ask(2, 't', [[0, 2]])).toEqual([[0, 2, 0]]);
  expect(await ask(2, 't', [[0, 1]])).toEqual([[0, 2, 0]]);
});

test.each([
  ['t', 0, 4, 1],
  ['t', 0, -2, 1],
  ['t', 3, 0, 3],
  ['t', -1, 0, 3],
  ['none', 0, -1, 3],
])('%s %i before %i is refused with %i', async (topic, partition, offset, error) => {
  expect(await ask(2, topic, [[partition, offset]])).toEqual([[partition, -1, error]]);
});

test('one that is refused says nothing of the others', async () => {
  const many = Array.from({ length: 100 }, (_, index) => [index, 1]);
  const answers = await ask(2, 't', many);
  expect(answers?.map(([, , error]) => error)).toEqual([0, 0, 1, ...Array(97).fill(3)]);
});

test('a server that stops sends its clients to look for another', async () => {
  await parts.broker.close();
  expect(await ask(2, 't', [[0, -1]])).toEqual([[0, -1, 6]]);
});
