import { expect, test } from 'vitest';
import { topicShape } from '../../src/http/topic-shapes.ts';
import {
  CONFIGS_SCHEMA,
  CONFIG_CHANGES_SCHEMA,
  PARTITION_EXAMPLE,
  PARTITION_SCHEMA,
  TOPIC_EXAMPLE,
  TOPIC_SCHEMA,
} from '../../src/http/topic-schemas.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../../src/model/topic-config-definitions.ts';
import { schemaFaults } from '../support/json-schema.ts';

test('every config that a topic can have is described, and no other', () => {
  const names = TOPIC_CONFIG_DEFINITIONS.map((each) => each.name);
  for (const { properties } of [CONFIGS_SCHEMA, CONFIG_CHANGES_SCHEMA]) {
    expect(Object.keys(properties as object)).toEqual(names);
  }
});

test.each([
  ['retention.ms', 1, true],
  ['retention.ms', 1.5, false],
  ['retention.ms', false, false],
  ['min.cleanable.dirty.ratio', 0.5, true],
  ['preallocate', true, true],
  ['cleanup.policy', 'delete', true],
  ['cleanup.policy', 0, false],
])('%s may be given as %j: %j', (name, value, isAllowed) => {
  for (const schema of [CONFIGS_SCHEMA, CONFIG_CHANGES_SCHEMA]) {
    expect(schemaFaults({}, schema, { [name]: value }).length === 0).toBe(isAllowed);
    expect(schemaFaults({}, schema, { [name]: String(value) })).toEqual([]);
  }
});

test('only a change may return a config to its default', () => {
  expect(schemaFaults({}, CONFIG_CHANGES_SCHEMA, { 'retention.ms': null })).toEqual([]);
  expect(schemaFaults({}, CONFIGS_SCHEMA, { 'retention.ms': null })).not.toEqual([]);
});

test('the examples are whole', () => {
  expect(schemaFaults({}, PARTITION_SCHEMA, PARTITION_EXAMPLE)).toEqual([]);
  expect(schemaFaults({}, TOPIC_SCHEMA, TOPIC_EXAMPLE)).toEqual([]);
});

test('every member of a topic is described', () => {
  const config = parseTopicConfig(new Map());
  const topic = { name: 'a', topicId: 'i', partitionCount: 0, config, configOverrides: new Map() };
  const described = Object.keys(TOPIC_SCHEMA['properties'] as object);
  expect(Object.keys(topicShape(topic, []))).toEqual(described);
});
