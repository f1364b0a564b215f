import { expect, test } from 'vitest';
import type { PartitionDescription } from '../../src/broker/broker.ts';
import { partitionShape, pickPartition, topicShape } from '../../src/http/topic-shapes.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { refusalOf } from '../support/refusal.ts';

const PARTITION: PartitionDescription = {
  partition: 0,
  logStartOffset: 1,
  highWatermark: 4,
  durableOffset: 3,
  bytes: 200,
  segmentCount: 2,
  state: 'online',
};

test('a partition shows one broker that leads and is in sync, then our figures', () => {
  expect(partitionShape(PARTITION)).toEqual({
    partition: 0,
    leader: 0,
    replicas: [{ broker: 0, leader: true, in_sync: true }],
    beginning_offset: 1,
    end_offset: 4,
    durable_offset: 3,
    bytes: 200,
    segments: 2,
    state: 'online',
  });
  expect(partitionShape({ ...PARTITION, state: 'read-only', reason: 'full' })).toMatchObject({
    state: 'read-only',
    reason: 'full',
  });
});

test('a topic shows every config with its effective value', () => {
  const configOverrides = new Map([['retention.ms', '5']]);
  const config = parseTopicConfig(configOverrides);
  const topic = { name: 'a', topicId: 'id', partitionCount: 1, config, configOverrides };
  const { configs } = topicShape(topic, [PARTITION]);
  expect(configs).toMatchObject({ 'retention.ms': '5', 'cleanup.policy': 'delete' });
});

test('a partition that is not there is refused with its number', () => {
  expect(pickPartition('a', [PARTITION], 0)).toBe(PARTITION);
  expect(refusalOf(() => pickPartition('a', [PARTITION], 1))).toMatchObject({
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
    details: { topic: 'a', partition: 1 },
  });
});
