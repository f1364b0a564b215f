import { beforeEach, describe, expect, test } from 'vitest';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { encodedBatch, textRecord } from '../../support/batches.ts';

const VERSIONS = [1, 2, 3, 4, 5, 6, 7];

interface PartitionAsked {
  readonly partition?: number;
  readonly leaderEpoch?: number;
  readonly timestamp: number;
}

type Asked = readonly (readonly [topic: string, partitions: readonly PartitionAsked[]])[];

async function ask({ context }: KafkaParts, version: number, asked: Asked) {
  const reader = await askFace(context, {
    key: 2,
    version,
    body(writer) {
      writer.writeInt32(-1);
      if (version >= 2) writer.writeInt8(1);
      writer.writeArray(asked, ([topic, partitions]) => {
        writer.writeString(topic);
        writer.writeArray(partitions, ({ partition = 0, leaderEpoch = -1, timestamp }) => {
          writer.writeInt32(partition);
          if (version >= 4) writer.writeInt32(leaderEpoch);
          writer.writeInt64(timestamp);
          writer.writeTags();
        });
        writer.writeTags();
      });
      writer.writeTags();
    },
  });
  if (version >= 2) expect(reader.readInt32('throttle_time_ms')).toBe(0);
  const topics = reader.readArray({ field: 'topics', elementBytesMin: 2 }, () => {
    const name = reader.readString('name');
    const partitions = reader.readArray({ field: 'partitions', elementBytesMin: 22 }, () => {
      const answer = {
        partition: reader.readInt32('partition_index'),
        error: reader.readInt16('error_code'),
        timestamp: reader.readInt64('timestamp'),
        offset: reader.readInt64('offset'),
        leaderEpoch: version >= 4 ? reader.readInt32('leader_epoch') : undefined,
      };
      reader.readTags('tags');
      return answer;
    });
    reader.readTags('tags');
    return { name, partitions };
  });
  reader.readTags('tags');
  reader.readEnd('answer');
  return topics;
}

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  await parts.broker.createTopic({ name: 't', partitionCount: 2 });
  const records = [100, 300, 200].map((timestamp) => textRecord('x', { timestamp }));
  const payload = { kind: 'batches' as const, bytes: encodedBatch(records) };
  await parts.broker.produce([{ topic: 't', partition: 1, payload }]);
  await parts.broker.deleteRecords('t', 1, 1);
});

async function one(version: number, asked: PartitionAsked) {
  const [topic] = await ask(parts, version, [['t', [{ partition: 1, ...asked }]]]);
  return topic?.partitions[0];
}

describe.each(VERSIONS)('v%i', (version) => {
  const leaderEpoch = version >= 4 ? 0 : undefined;
  const nowhere = { timestamp: -1, offset: -1, leaderEpoch: version >= 4 ? -1 : undefined };

  test('finds the ends of a partition and what a timestamp leads to', async () => {
    const found = { partition: 1, error: 0, leaderEpoch };
    expect(await one(version, { timestamp: -2 })).toEqual({ ...found, timestamp: -1, offset: 1 });
    expect(await one(version, { timestamp: -1 })).toEqual({ ...found, timestamp: -1, offset: 3 });
    expect(await one(version, { timestamp: 0 })).toEqual({ ...found, timestamp: 300, offset: 1 });
  });

  test('leads nowhere from a timestamp that nothing is at or above', async () => {
    expect(await one(version, { timestamp: 301 })).toEqual({ partition: 1, error: 0, ...nowhere });
  });

  test('names for each partition what is wrong with it', async () => {
    const latest = { timestamp: -1 };
    const answer = await ask(parts, version, [
      ['none', [latest]],
      ['t', [latest, { partition: 2, ...latest }]],
    ]);
    expect(answer).toEqual([
      { name: 'none', partitions: [{ partition: 0, error: 3, ...nowhere }] },
      {
        name: 't',
        partitions: [
          { partition: 0, error: 0, timestamp: -1, offset: 0, leaderEpoch },
          { partition: 2, error: 3, ...nowhere },
        ],
      },
    ]);
  });

  test('refuses what timestamps of later versions ask for', async () => {
    const unknown = version >= 7 ? [-4, -5] : [-3, -4];
    for (const timestamp of unknown) {
      expect(await one(version, { timestamp })).toEqual({ partition: 1, error: 35, ...nowhere });
    }
  });
});

test('v7 finds the record with the largest timestamp', async () => {
  expect(await one(7, { timestamp: -3 })).toMatchObject({ error: 0, timestamp: 300, offset: 1 });
  const [topic] = await ask(parts, 7, [['t', [{ timestamp: -3 }]]]);
  expect(topic?.partitions).toMatchObject([{ error: 0, timestamp: -1, offset: -1 }]);
});

test.each([4, 7])('v%i: a leader that was never elected here is not known', async (version) => {
  expect(await one(version, { timestamp: -1, leaderEpoch: 1 })).toMatchObject({ error: 75 });
  expect(await one(version, { timestamp: -1, leaderEpoch: 0 })).toMatchObject({ error: 0 });
});

test('a server that stops sends its clients to look for another', async () => {
  await parts.broker.close();
  expect(await one(7, { timestamp: -1 })).toMatchObject({ error: 6, offset: -1 });
});
