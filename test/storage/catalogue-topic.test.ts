import { expect, test } from 'vitest';
import { isTopicId, topicFrom } from '../../src/storage/catalogue-topic.ts';

const ROW = {
  topic_id: '01234567-89ab-4cde-8f01-23456789abcd',
  name: 'orders',
  partitions: 3,
  configs: '{"retention.ms":"5"}',
  state: 'live',
};

test('a sound row is a topic', () => {
  expect(topicFrom(ROW)).toEqual({
    topicId: ROW.topic_id,
    name: 'orders',
    partitions: 3,
    configs: new Map([['retention.ms', '5']]),
    state: 'live',
  });
});

test.each([
  ['topic id', { topic_id: '../../etc/passwd' }],
  ['topic id', { topic_id: ROW.topic_id.toUpperCase() }],
  ['topic id', { topic_id: 5 }],
  ['topic name', { name: '..' }],
  ['topic name', { name: 'a/b' }],
  ['topic name', { name: '' }],
  ['partition count', { partitions: 0 }],
  ['partition count', { partitions: 10_001 }],
  ['partition count', { partitions: 1.5 }],
  ['partition count', { partitions: '3' }],
  ['configs', { configs: '{"retention.ms":' }],
  ['configs', { configs: '{"retention.ms":5}' }],
  ['configs', { configs: 'null' }],
  ['state', { state: 'alive' }],
  ['state', { state: null }],
])('a row with a damaged %s is none: %o', (what, damage) => {
  expect(topicFrom({ ...ROW, ...damage })).toMatch(new RegExp(`^${what} in \\{`));
});

test('no config name is mistaken for something of JavaScript', () => {
  const topic = topicFrom({ ...ROW, configs: '{"__proto__":"x","toString":"y"}' });
  expect(topic).toMatchObject({
    configs: new Map([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]),
  });
});

test('a topic id is a lower-case UUID and nothing more', () => {
  expect(isTopicId(ROW.topic_id)).toBe(true);
  for (const text of ['', `${ROW.topic_id}\n`, ` ${ROW.topic_id}`, `${ROW.topic_id}0`]) {
    expect(isTopicId(text)).toBe(false);
  }
});
