import { expect, test } from 'vitest';
import { Topics } from '../../../src/broker/local/topics.ts';
import type { LocalTopic } from '../../../src/broker/local/topics.ts';
import { parseTopicConfig } from '../../../src/model/topic-config.ts';
import { fakePartition } from '../../support/fake-partition.ts';

function topicOf(name: string, partitionCount = 1): LocalTopic {
  const config = parseTopicConfig(new Map());
  return {
    topic: { name, topicId: name, partitionCount, config, configOverrides: new Map() },
    partitions: Array.from({ length: partitionCount }, () => fakePartition()),
  };
}

test('topics are found by name, whatever the name', () => {
  const topics = new Topics();
  expect(topics.find('__proto__')).toBeUndefined();
  const topic = topicOf('__proto__');
  topics.add(topic);
  expect(topics.find('__proto__')).toBe(topic);
  expect(topics.get('__proto__')).toBe(topic);
  topics.remove('__proto__');
  expect(topics.find('__proto__')).toBeUndefined();
});

test('and by their id, of which the removed have none', () => {
  const topics = new Topics();
  const topic = topicOf('a');
  topics.add(topic);
  expect(topics.findById('a')).toBe(topic);
  topics.remove('a');
  expect(topics.findById('a')).toBeUndefined();
  topics.remove('a');
});

test('they are counted, and listed by name', () => {
  const topics = new Topics();
  for (const name of ['b', 'a', 'c']) topics.add(topicOf(name, 2));
  topics.remove('c');
  expect(topics.list().map(({ topic }) => topic.name)).toEqual(['a', 'b']);
  expect({ count: topics.count, partitions: topics.partitionCount }).toEqual({
    count: 2,
    partitions: 4,
  });
});

test('a partition is found by its number alone', () => {
  const topics = new Topics();
  const topic = topicOf('a', 2);
  topics.add(topic);
  expect(topics.partition('a', 1)).toBe(topic.partitions[1]);
  for (const partition of [2, -1, 0.5, Number.NaN]) {
    expect(() => topics.partition('a', partition, { written: 'no' })).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        written: 'no',
        details: { topic: 'a', partition, partition_count: 2 },
      }),
    );
  }
  expect(() => topics.partition('b', 0)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_TOPIC_OR_PARTITION', details: { topic: 'b' } }),
  );
});
