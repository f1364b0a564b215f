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
