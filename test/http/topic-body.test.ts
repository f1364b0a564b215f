import { describe, expect, test } from 'vitest';
import type { Topic } from '../../src/broker/broker.ts';
import { checkSameTopic, readTopicChange, readTopicWish } from '../../src/http/topic-body.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import { refusalOf } from '../support/refusal.ts';

function topic(partitionCount: number, configs: { [name: string]: string }): Topic {
  const configOverrides = new Map(Object.entries(configs));
  const config = parseTopicConfig(configOverrides);
  return { name: 'a', topicId: 'id', partitionCount, config, configOverrides };
}

describe('PUT', () => {
  test('takes numbers and booleans for the texts they stand for', () => {
    const { configs } = readTopicWish({ configs: { 'retention.ms': -1, 'segment.ms': '5' } });
    expect([...configs]).toEqual([
      ['retention.ms', '-1'],
      ['segment.ms', '5'],
    ]);
    const { message } = refusalOf(() => readTopicWish({ configs: { 'cleanup.policy': true } }));
    expect(message).toContain('cleanup.policy is "true"');
  });

  test('without a body wishes for nothing', () => {
    expect(readTopicWish(undefined)).toEqual({ partitions: undefined, configs: new Map() });
  });

  test('compares with effective values, so a default may be named', () => {
    const wish = readTopicWish({ partitions: 2, configs: { 'retention.ms': 604_800_000 } });
    expect(() => checkSameTopic(topic(2, {}), wish)).not.toThrow();
    expect(
      refusalOf(() => checkSameTopic(topic(3, { 'retention.ms': '1' }), wish)).details,
    ).toEqual({
      topic: 'a',
      differences: {
        partitions: { asked: 2, actual: 3 },
        'retention.ms': { asked: '604800000', actual: '1' },
      },
    });
  });
});

test.each([
  [{ partitions: 4 }, 'partitions is 3, asked for 4; PATCH /topics/a changes it'],
  [{ partitions: 2 }, 'partitions is 3, asked for 2; partitions never become fewer'],
  [
    { partitions: 2, configs: { 'segment.ms': 5 } },
    'partitions is 3, asked for 2; segment.ms is 604800000, asked for 5; partitions never become fewer; PATCH /topics/a changes the rest',
  ],
])('PUT of %j on a topic that differs says what can be done', (body, said) => {
  const { message } = refusalOf(() => checkSameTopic(topic(3, {}), readTopicWish(body)));
  expect(message).toBe(`topic a exists and differs: ${said}`);
});

describe('PATCH', () => {
  test('may name a known config with null, and no unknown one', () => {
    const { configs } = readTopicChange({ configs: { 'retention.ms': null } });
    expect([...configs]).toEqual([['retention.ms', null]]);
    const { code, message } = refusalOf(() => readTopicChange({ configs: { nope: null } }));
    expect([code, message]).toEqual([
      'INVALID_CONFIG',
      'config "nope" is unknown or not supported',
    ]);
  });
});
