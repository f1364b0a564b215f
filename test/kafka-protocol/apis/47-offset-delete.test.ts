import { beforeEach, expect, test } from 'vitest';
import { encodeSubscription } from '../../../src/codec/consumer-protocol.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, stable, writeAll } from '../../support/kafka-groups.ts';

async function deleteOffsets(
  { context }: KafkaParts,
  group: string,
  topics: readonly (readonly [topic: string, partitions: readonly number[]])[],
) {
  const reader = await askFace(context, {
    key: 47,
    version: 0,
    body(writer) {
      writer.writeString(group);
      writeAll(writer, topics, ([topic, partitions]) => {
        writer.writeString(topic);
        writeAll(writer, partitions, (each) => writer.writeInt32(each));
      });
    },
  });
  const error = reader.readInt16('error_code');
  reader.readInt32('throttle_time_ms');
  const results = readAll(reader, () => {
    const topic = reader.readString('name');
    return readAll(reader, () => {
      const partition = reader.readInt32('partition_index');
      return `${topic}/${partition}: ${reader.readInt16('error_code')}`;
    });
  });
  readEnd(reader);
  return { error, results: results.flat() };
}

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  for (const name of ['t', 'u']) await parts.broker.createTopic({ name, partitionCount: 2 });
  const offsets = ['t', 'u'].flatMap((topic) =>
    [0, 1].map((partition) => ({ topic, partition, offset: 5, leaderEpoch: -1, metadata: '' })),
  );
  await parts.broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
});

test('offsets are forgotten, each partition by itself', async () => {
  const topics = [
    ['t', [1, 7]],
    ['missing', [0]],
    ['u', [0]],
  ] as const;
  expect(await deleteOffsets(parts, 'g', topics)).toEqual({
    error: 0,
    results: ['t/1: 0', 't/7: 3', 'missing/0: 3', 'u/0: 0'],
  });
  expect(await parts.broker.fetchOffsets('g')).toMatchObject([
    { topic: 't', partition: 0 },
    { topic: 'u', partition: 1 },
  ]);
});

test('not those of a topic that members read', async () => {
  const nothing = { userData: new Uint8Array(), ownedPartitions: [], generation: -1, rackId: null };
  const subscription = encodeSubscription({ topics: ['t'], ...nothing }, 0).toString();
  await stable(parts, 'g', { protocols: [['range', subscription]] });
  expect(
    (
      await deleteOffsets(parts, 'g', [
        ['t', [0]],
        ['u', [0]],
      ])
    ).results,
  ).toEqual(['t/0: 86', 'u/0: 0']);
});

test('a group that nobody knows is an error of the request', async () => {
  expect(await deleteOffsets(parts, 'unknown', [['t', [0]]])).toEqual({ error: 69, results: [] });
});
