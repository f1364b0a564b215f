import { expect, test } from 'vitest';
import { alteredConfigs, checkedTopic, checkPartitionCount } from '../../src/broker/topic-rules.ts';
import { PARTITIONS_PER_TOPIC_MAX } from '../../src/model/limits.ts';

test('what is not said of a topic is filled in', () => {
  expect(checkedTopic({ name: 'a' }, 3)).toEqual({
    name: 'a',
    partitionCount: 3,
    configOverrides: new Map(),
  });
});

test('what is said of a topic is kept, apart from what its teller does to it later', () => {
  const configOverrides = new Map([['retention.ms', '5']]);
  const topic = checkedTopic({ name: 'a', partitionCount: 2, configOverrides }, 1);
  configOverrides.clear();
  expect(topic).toEqual({
    name: 'a',
    partitionCount: 2,
    configOverrides: new Map([['retention.ms', '5']]),
  });
});

test('name, partitions and configs are checked', () => {
  const refused = (spec: object, code: string): void => {
    expect(() => checkedTopic({ name: 'a', ...spec }, 1)).toThrow(
      expect.objectContaining({ code }),
    );
  };
  refused({ name: '..' }, 'INVALID_TOPIC_EXCEPTION');
  refused({ partitionCount: 0 }, 'INVALID_PARTITIONS');
  refused({ partitionCount: PARTITIONS_PER_TOPIC_MAX + 1 }, 'POLICY_VIOLATION');
  refused({ configOverrides: new Map([['retention.ms', 'x']]) }, 'INVALID_CONFIG');
});

test('a partition count lies between what there is and the bound, both included', () => {
  const check = (partitionCount: number) => () =>
    checkPartitionCount('a', { partitionCount, atLeast: 4 });
  check(4)();
  check(PARTITIONS_PER_TOPIC_MAX)();
  const tooFew = {
    code: 'INVALID_PARTITIONS',
    details: { topic: 'a', received: 3, allowed_min: 4 },
  };
  expect(check(3)).toThrow(expect.objectContaining(tooFew));
  const tooMany = {
    code: 'POLICY_VIOLATION',
    details: { received: PARTITIONS_PER_TOPIC_MAX + 1, allowed: PARTITIONS_PER_TOPIC_MAX },
  };
  expect(check(PARTITIONS_PER_TOPIC_MAX + 1)).toThrow(expect.objectContaining(tooMany));
});

test('config changes set, replace and take away; the old configs stay as they were', () => {
  const before = new Map([
    ['retention.ms', '1'],
    ['segment.ms', '2'],
  ]);
  const changes = new Map([
    ['retention.ms', '3'],
    ['segment.ms', null],
    ['segment.bytes', '4000'],
    ['flush.ms', null],
  ]);
  const altered = alteredConfigs(before, changes);
  expect(Object.fromEntries(altered)).toEqual({ 'retention.ms': '3', 'segment.bytes': '4000' });
  expect(before.get('segment.ms')).toBe('2');
});

test.each([null, '1'])('a config that is not known can be neither reset nor set (%j)', (text) => {
  expect(() => alteredConfigs(new Map(), new Map([['toString', text]]))).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG' }),
  );
});
