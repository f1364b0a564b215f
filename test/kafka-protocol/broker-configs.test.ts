import { expect, test } from 'vitest';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { brokerConfigEntries } from '../../src/kafka-protocol/broker-configs.ts';
import { topicConfigEntries } from '../../src/kafka-protocol/config-entries.ts';
import { kafkaParts } from '../support/kafka-face.ts';

function shown(options: Parameters<typeof kafkaParts>[0] = {}) {
  const entries = brokerConfigEntries(kafkaParts(options).context);
  return { entries, values: Object.fromEntries(entries.map((each) => [each.name, each.value])) };
}

test('settings and bounds have the names that Kafka has for them', () => {
  const settings = {
    dataDirectory: '/data',
    autoCreateTopics: false,
    defaultPartitions: 4,
    offsetsRetentionMs: 3_600_000,
    requestBytesMax: 1_000,
  };
  const connections = new ConnectionPlaces(5);
  expect(shown({ settings, connections }).values).toMatchObject({
    'node.id': '1',
    'broker.id': '1',
    'log.dirs': '/data',
    'auto.create.topics.enable': 'false',
    'num.partitions': '4',
    'offsets.retention.minutes': '60',
    'socket.request.max.bytes': '1000',
    'max.connections': '5',
    'default.replication.factor': '1',
    'group.min.session.timeout.ms': '1000',
    'group.max.session.timeout.ms': '1800000',
    'group.initial.rebalance.delay.ms': '0',
    'message.max.bytes': '1048588',
  });
});

test('all are read only, none is there twice, and none is without a word', () => {
  const { entries } = shown();
  expect(entries.filter(({ isReadOnly }) => !isReadOnly)).toEqual([]);
  expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  for (const { name, value, source, documentation, synonyms } of entries) {
    expect(documentation).toMatch(/^\S.*\.$/);
    expect(synonyms).toEqual([{ name, value, source }]);
  }
});

test('what a topic names as the origin of a default is there, with that value', () => {
  const { values } = shown();
  for (const { synonyms } of topicConfigEntries({ configOverrides: new Map() })) {
    for (const { name, value } of synonyms) expect(values).toHaveProperty([name], value);
  }
});
