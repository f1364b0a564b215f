import { expect, test } from 'vitest';
import {
  checkedCommit,
  checkedDeletion,
  checkOffsetCount,
  committedOffsets,
  tombstone,
} from '../../../src/broker/local/committed-offsets.ts';
import type { FindTopic } from '../../../src/broker/local/committed-offsets.ts';
import { GroupTable } from '../../../src/broker/local/group-table.ts';
import { OFFSET_METADATA_BYTES_MAX, OFFSETS_PER_GROUP_MAX } from '../../../src/model/limits.ts';
import { refusalOf } from '../../support/refusal.ts';

const TOPICS = new Map([
  ['t', { topicId: 'id of t', partitionCount: 2 }],
  ['u', { topicId: 'id of u', partitionCount: 11 }],
]);
const findTopic: FindTopic = (name) => TOPICS.get(name);
const AT = { leaderEpoch: -1, metadata: '' };

test('a commit becomes a record of the topic as it is now', () => {
  const offsets = [{ topic: 't', partition: 1, offset: 7, leaderEpoch: 3, metadata: 'mine' }];
  const { records, outcomes } = checkedCommit('g', offsets, { findTopic, commitTimestampMs: 99 });
  const value = { offset: 7, leaderEpoch: 3, metadata: 'mine', commitTimestampMs: 99 };
  expect(records).toEqual([
    {
      kind: 'offset-commit',
      group: 'g',
      topic: 't',
      partition: 1,
      value: { ...value, topicId: 'id of t' },
    },
  ]);
  expect(outcomes).toEqual([{ topic: 't', partition: 1, error: undefined }]);
});

test('what cannot be committed says so in its place, and was not written', () => {
  const tooLong = 'é'.repeat(OFFSET_METADATA_BYTES_MAX / 2 + 1);
  const offsets = [
    { topic: 'none', partition: 0, offset: 1, ...AT },
    { topic: 't', partition: 2, offset: 1, ...AT },
    { topic: 't', partition: -1, offset: 1, ...AT },
    { topic: 't', partition: 0.5, offset: 1, ...AT },
    { topic: 't', partition: 0, offset: 1, leaderEpoch: -1, metadata: tooLong },
    { topic: 't', partition: 0, offset: 1, leaderEpoch: -1, metadata: tooLong.slice(1) },
  ];
  const { records, outcomes } = checkedCommit('g', offsets, { findTopic, commitTimestampMs: 0 });
  expect(outcomes.map(({ error }) => error?.code)).toEqual([
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'OFFSET_METADATA_TOO_LARGE',
    undefined,
  ]);
  expect(outcomes.slice(0, 5).map(({ error }) => error?.written)).toEqual(Array(5).fill('no'));
  expect(outcomes[4]?.error?.details).toEqual({
    received: OFFSET_METADATA_BYTES_MAX + 2,
    allowed: OFFSET_METADATA_BYTES_MAX,
  });
  expect(records).toHaveLength(1);
});

test('what is read comes sorted, and only of topics that still are what they were', () => {
  const table = new GroupTable();
  const commit = (topic: string, partition: number, topicId: string) => {
    const value = { offset: 1, ...AT, commitTimestampMs: 5, topicId };
    table.apply({ kind: 'offset-commit', group: 'g', topic, partition, value });
  };
  commit('u', 10, 'id of u');
  commit('u', 9, 'id of u');
  commit('u', 1, 'an older u');
  commit('t', 0, 'id of t');
  commit('gone', 0, 'id of gone');
  const stored = table.group('g');
  if (stored === undefined) throw new Error('there is one');
  const read = committedOffsets(stored, findTopic);
  expect(read.map(({ topic, partition }) => `${topic}/${partition}`)).toEqual([
    't/0',
    'u/9',
    'u/10',
  ]);
  const rest = { offset: 1, ...AT, commitTimestampMs: 5 };
  expect(read[0]).toEqual({ topic: 't', partition: 0, ...rest });
});

test('what is to be forgotten becomes tombstones, but for what members read', () => {
  const places = ['t', 'u', 'none'].map((topic) => ({ topic, partition: 1 }));
  const isRead = (topic: string) => topic === 'u';
  const { records, outcomes } = checkedDeletion('g', places, { findTopic, isRead });
  expect(records).toEqual([tombstone('g', { topic: 't', partition: 1 })]);
  expect(outcomes.map(({ error }) => error?.code)).toEqual([
    undefined,
    'GROUP_SUBSCRIBED_TO_TOPIC',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
});

test('only what a group has not committed before counts against its bound', () => {
  const records = Array.from({ length: OFFSETS_PER_GROUP_MAX }, (_, partition) => {
    const value = { offset: 1, ...AT, commitTimestampMs: 5, topicId: 'id' };
    return { kind: 'offset-commit', group: 'g', topic: 't', partition, value } as const;
  });
  checkOffsetCount(undefined, records);
  const table = new GroupTable();
  for (const record of records) table.apply(record);
  const stored = table.group('g');
  checkOffsetCount(stored, records);
  const [first] = records;
  if (first === undefined) throw new Error('there is one');
  const refusal = refusalOf(() => checkOffsetCount(stored, [{ ...first, topic: 'u' }]));
  expect(refusal).toMatchObject({
    code: 'POLICY_VIOLATION',
    details: { received: OFFSETS_PER_GROUP_MAX + 1, allowed: OFFSETS_PER_GROUP_MAX },
  });
});
