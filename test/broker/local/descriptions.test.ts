import { expect, test } from 'vitest';
import { describePartition, partitionsNotOnline } from '../../../src/broker/local/descriptions.ts';
import { Topics } from '../../../src/broker/local/topics.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { fakePartition } from '../../support/fake-partition.ts';

const FACTS = {
  logStartOffset: 1,
  durableOffset: 2,
  highWatermark: 3,
  bytes: 5,
  segmentCount: 6,
  state: 'read-only',
  reason: 'full',
} as const;

test('a partition is described by what its log says of itself', () => {
  const log = fakePartition({ ...FACTS, logEndOffset: 4 });
  expect(describePartition(log, 7)).toEqual({ partition: 7, ...FACTS });
});

test('health names each partition that is not online, and why', () => {
  const topics = new Topics();
  const config = parseTopicConfig(new Map());
  const topic = { topicId: '', partitionCount: 2, config, configOverrides: new Map() };
  const partitions = [
    fakePartition(),
    fakePartition({ state: 'offline', reason: 'damage' }),
    fakePartition({ state: 'read-only', reason: 'full' }),
  ];
  topics.add({ topic: { name: 'b', ...topic }, partitions });
  topics.add({ topic: { name: 'a', ...topic }, partitions: [fakePartition()] });
  expect(partitionsNotOnline(topics)).toEqual([
    { topic: 'b', partition: 1, state: 'offline', reason: 'damage' },
    { topic: 'b', partition: 2, state: 'read-only', reason: 'full' },
  ]);
});
