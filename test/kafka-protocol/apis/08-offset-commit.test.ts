import { beforeEach, describe, expect, test } from 'vitest';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import {
  joined,
  readAll,
  readEnd,
  stable,
  versionsTo,
  writeAll,
  writeMember,
} from '../../support/kafka-groups.ts';

interface Committing {
  readonly group?: string;
  readonly memberId?: string;
  readonly generation?: number;
  readonly instance?: string;
  /** As in `t/0=5`, with metadata behind a space; null without one. */
  readonly offsets: readonly string[];
}

/** What is answered, as in `t/0: 3`. */
async function commit({ context }: KafkaParts, version: number, given: Committing) {
  const offsets = given.offsets.map((text) => {
    const [, topic, partition, offset, metadata] =
      /^(.*)\/(-?\d+)=(-?\d+)(?: (.*))?$/.exec(text) ?? [];
    return {
      topic: topic as string,
      partition: Number(partition),
      offset: Number(offset),
      metadata,
    };
  });
  const reader = await askFace(context, {
    key: 8,
    version,
    body(writer) {
      writeMember(writer, given.group ?? 'g', given, version >= 7);
      if (version <= 4) writer.writeInt64(-1);
      writeAll(writer, offsets, ({ topic, partition, offset, metadata = null }) => {
        writer.writeString(topic);
        writeAll(writer, [partition], () => {
          writer.writeInt32(partition);
          writer.writeInt64(offset);
          if (version >= 6) writer.writeInt32(3);
          writer.writeNullableString(metadata);
        });
      });
      writer.writeTags();
    },
  });
  if (version >= 3) reader.readInt32('throttle_time_ms');
  const topics = readAll(reader, () => {
    const topic = reader.readString('name');
    return readAll(reader, () => {
      const partition = reader.readInt32('partition_index');
      return `${topic}/${partition}: ${reader.readInt16('error_code')}`;
    });
  });
  readEnd(reader);
  return topics.flat();
}

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  await parts.broker.createTopic({ name: 't', partitionCount: 3 });
});

describe.each(versionsTo(8, 2))('in version %i', (version) => {
  test('a member commits, and so does nobody in particular where there are no members', async () => {
    const { memberId } = await stable(parts, 'g');
    const offsets = ['t/0=5 words', 't/2=9', 'missing/1=2'];
    expect(await commit(parts, version, { memberId, generation: 1, offsets })).toEqual([
      't/0: 0',
      't/2: 0',
      'missing/1: 3',
    ]);
    const leaderEpoch = version >= 6 ? 3 : -1;
    expect(await parts.broker.fetchOffsets('g')).toMatchObject([
      { partition: 0, offset: 5, metadata: 'words', leaderEpoch },
      { partition: 2, offset: 9, metadata: '', leaderEpoch },
    ]);
    expect(await commit(parts, version, { group: 'other', offsets: ['t/1=1'] })).toEqual([
      't/1: 0',
    ]);
  });
});

test.each([
  ['an old generation', { generation: 0 }, 22],
  ['somebody who is no member', { memberId: 'ghost' }, 25],
  ['nobody while there are members', { memberId: '', generation: -1 }, 25],
  ['a group name that cannot be one', { group: '' }, 24],
])('a refusal of %s stands at every partition', async (_, given, number) => {
  const { memberId } = await stable(parts, 'g');
  const offsets = ['t/0=1', 'missing/1=2'];
  expect(await commit(parts, 8, { memberId, generation: 1, ...given, offsets })).toEqual([
    `t/0: ${number}`,
    `missing/1: ${number}`,
  ]);
});

test('an instance that was replaced is fenced', async () => {
  const { memberId } = await stable(parts, 'g', { instance: 'i' });
  await stable(parts, 'g', { instance: 'i' });
  const given = { memberId, generation: 1, instance: 'i', offsets: ['t/0=1'] };
  expect(await commit(parts, 8, given)).toEqual(['t/0: 82']);
});

test('while assignments are awaited nothing is committed', async () => {
  const { memberId } = await joined(parts, 'g');
  const given = { memberId, generation: 1, offsets: ['t/0=1'] };
  expect(await commit(parts, 8, given)).toEqual(['t/0: 27']);
});

test('faults of single partitions leave the others', async () => {
  const offsets = ['t/0=1', 't/3=1', 't/-1=1', 't/1=-4', `t/2=1 ${'w'.repeat(4_097)}`];
  expect(await commit(parts, 8, { offsets })).toEqual([
    't/0: 0',
    't/3: 3',
    't/-1: 3',
    't/1: 42',
    't/2: 12',
  ]);
  expect(await parts.broker.fetchOffsets('g')).toMatchObject([{ partition: 0 }]);
});

test('of a partition named twice the last offset counts', async () => {
  expect(await commit(parts, 8, { offsets: ['t/0=7', 't/0=4'] })).toEqual(['t/0: 0', 't/0: 0']);
  expect(await parts.broker.fetchOffsets('g')).toMatchObject([{ offset: 4 }]);
});
