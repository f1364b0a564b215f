import { expect, test } from 'vitest';
import { brokerConfigName, topicConfigEntries } from '../../src/kafka-protocol/config-entries.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../../src/model/topic-config-definitions.ts';

test('every config is shown, the set ones with their default beside', () => {
  const configOverrides = new Map([['segment.ms', '5']]);
  const entries = topicConfigEntries({ configOverrides });
  expect(entries).toHaveLength(TOPIC_CONFIG_DEFINITIONS.length);
  expect(entries.find(({ name }) => name === 'segment.ms')).toEqual({
    name: 'segment.ms',
    value: '5',
    source: 1,
    type: 5,
    isReadOnly: false,
    documentation: expect.stringMatching(/^Milliseconds/),
    synonyms: [
      { name: 'segment.ms', value: '5', source: 1 },
      { name: 'log.roll.ms', value: '604800000', source: 5 },
    ],
  });
  expect(entries.filter(({ source }) => source === 1)).toHaveLength(1);
});

test('types have the numbers that Kafka gives them', () => {
  const entries = topicConfigEntries({ configOverrides: new Map() });
  const types = Object.fromEntries(entries.map(({ name, type }) => [name, type]));
  expect(types).toMatchObject({
    preallocate: 1,
    'compression.type': 2,
    'segment.bytes': 3,
    'retention.ms': 5,
    'min.cleanable.dirty.ratio': 6,
    'cleanup.policy': 7,
  });
});

// org.apache.kafka.server.config.ServerTopicConfigSynonyms, the first of each.
test.each([
  ['segment.bytes', 'log.segment.bytes'],
  ['segment.ms', 'log.roll.ms'],
  ['segment.jitter.ms', 'log.roll.jitter.ms'],
  ['flush.messages', 'log.flush.interval.messages'],
  ['flush.ms', 'log.flush.interval.ms'],
  ['retention.bytes', 'log.retention.bytes'],
  ['retention.ms', 'log.retention.ms'],
  ['max.message.bytes', 'message.max.bytes'],
  ['delete.retention.ms', 'log.cleaner.delete.retention.ms'],
  ['file.delete.delay.ms', 'log.segment.delete.delay.ms'],
  ['min.cleanable.dirty.ratio', 'log.cleaner.min.cleanable.ratio'],
  ['cleanup.policy', 'log.cleanup.policy'],
  ['unclean.leader.election.enable', 'unclean.leader.election.enable'],
  ['min.insync.replicas', 'min.insync.replicas'],
  ['compression.type', 'compression.type'],
  ['preallocate', 'log.preallocate'],
  ['message.timestamp.type', 'log.message.timestamp.type'],
  ['message.timestamp.before.max.ms', 'log.message.timestamp.before.max.ms'],
  ['message.timestamp.after.max.ms', 'log.message.timestamp.after.max.ms'],
])('the default of %s is the broker config %s', (ofTopic, ofBroker) => {
  expect(TOPIC_CONFIG_DEFINITIONS.map(({ name }) => name)).toContain(ofTopic);
  expect(brokerConfigName(ofTopic)).toBe(ofBroker);
});
