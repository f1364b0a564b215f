import { beforeEach, describe, expect, test } from 'vitest';
import { MillraceError } from '../../../src/model/errors.ts';
import type { KafkaParts } from '../../support/kafka-face.ts';
import { askFace, kafkaParts } from '../../support/kafka-face.ts';
import { readAll, readEnd, versionsTo, writeAll } from '../../support/kafka-groups.ts';

type Topics = readonly (readonly [topic: string, partitions: readonly number[]])[] | null;

/** By group what it has, as in `t/0=5@3 words: 0`, with its error at the end. */
async function fetchOffsets(
  { context }: KafkaParts,
  version: number,
  groups: readonly (readonly [group: string, topics: Topics])[],
) {
  const reader = await askFace(context, {
    key: 9,
    version,
    body(writer) {
      const writeGroup = ([group, topics]: readonly [string, Topics]): void => {
        writer.writeString(group);
        writer.writeNullableArray(topics, ([topic, partitions]) => {
          writer.writeString(topic);
          writer.writeArray(partitions, (each) => writer.writeInt32(each));
          writer.writeTags();
        });
      };
      if (version >= 8) writeAll(writer, groups, writeGroup);
      else for (const only of groups) writeGroup(only);
      if (version >= 7) writer.writeBoolean(true);
      writer.writeTags();
    },
  });
  if (version >= 3) reader.readInt32('throttle_time_ms');
  const readGroup = (): (string | number)[] => {
    const partitions = readAll(reader, () => {
      const topic = reader.readString('name');
      return readAll(reader, () => {
        const partition = reader.readInt32('partition_index');
        const offset = reader.readInt64('committed_offset');
        const epoch = version >= 5 ? `@${reader.readInt32('committed_leader_epoch')}` : '';
        const metadata = reader.readNullableString('metadata');
        return `${topic}/${partition}=${offset}${epoch} ${metadata}: ${reader.readInt16('error_code')}`;
      });
    });
    return version >= 2
      ? [...partitions.flat(), reader.readInt16('error_code')]
      : partitions.flat();
  };
  const answer =
    version >= 8
      ? readAll(reader, () => [reader.readString('group_id'), ...readGroup()])
      : [readGroup()];
  readEnd(reader);
  return answer;
}

let parts: KafkaParts;

beforeEach(async () => {
  parts = kafkaParts();
  await parts.broker.createTopic({ name: 't', partitionCount: 3 });
  const member = { group: 'g', memberId: '', generation: -1 };
  const offsets = [
    { topic: 't', partition: 0, offset: 5, leaderEpoch: 3, metadata: 'words' },
    { topic: 't', partition: 2, offset: 9, leaderEpoch: -1, metadata: '' },
  ];
  await parts.broker.commitOffsets({ ...member, offsets });
});

describe.each(versionsTo(8, 1))('in version %i', (version) => {
  const epoch = (value: number): string => (version >= 5 ? `@${value}` : '');
  const end = version >= 2 ? [0] : [];
  const begin = (group: string): string[] => (version >= 8 ? [group] : []);

  test('what was committed is shown, and -1 for what was not', async () => {
    const topics: Topics = [
      ['t', [0, 1]],
      ['missing', [7]],
    ];
    expect(await fetchOffsets(parts, version, [['g', topics]])).toEqual([
      [
        ...begin('g'),
        `t/0=5${epoch(3)} words: 0`,
        `t/1=-1${epoch(-1)} : 0`,
        `missing/7=-1${epoch(-1)} : 0`,
        ...end,
      ],
    ]);
  });

  test.runIf(version >= 2)('all that was committed is shown where nothing is named', async () => {
    expect(await fetchOffsets(parts, version, [['g', null]])).toEqual([
      [...begin('g'), `t/0=5${epoch(3)} words: 0`, `t/2=9${epoch(-1)} : 0`, 0],
    ]);
  });

  test('a group that nobody knows has committed nothing', async () => {
    expect(await fetchOffsets(parts, version, [['new', [['t', [0]]]]])).toEqual([
      [...begin('new'), `t/0=-1${epoch(-1)} : 0`, ...end],
    ]);
  });

  test('a refusal stands where the version looks for it', async () => {
    parts.broker.fetchOffsets = () =>
      Promise.reject(new MillraceError('KAFKA_STORAGE_ERROR', 'not known', { retriable: true }));
    const number = version >= 8 ? 0 : 16;
    expect(await fetchOffsets(parts, version, [['g', [['t', [0]]]]])).toEqual([
      [...begin('g'), `t/0=-1${epoch(-1)} : ${number}`, ...(version >= 2 ? [16] : [])],
    ]);
  });
});

test('many groups are answered in their order, each with its own error', async () => {
  const answer = await fetchOffsets(parts, 8, [
    ['g', null],
    ['', null],
    ['new', null],
  ]);
  expect(answer).toEqual([
    ['g', 't/0=5@3 words: 0', 't/2=9@-1 : 0', 0],
    ['', 24],
    ['new', 0],
  ]);
});
