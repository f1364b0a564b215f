import { describe, expect, test } from 'vitest';
import { TOPIC_CONFIG_DEFINITIONS } from '../../src/model/topic-config-definitions.ts';

function definitionOf(name: string) {
  const definition = TOPIC_CONFIG_DEFINITIONS.find((each) => each.name === name);
  if (definition === undefined) throw new Error(`there is no config ${name}`);
  return definition;
}

test.each(TOPIC_CONFIG_DEFINITIONS)('the default of $name passes its own check', (definition) => {
  expect(definition.check(definition.default)).toBeUndefined();
});

test('no name is there twice', () => {
  const names = TOPIC_CONFIG_DEFINITIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe("what programs for Kafka set without effect has Kafka's default and bounds", () => {
  test.each([
    ['min.insync.replicas', 'int', '1', ['1', '3'], ['0', '', '2147483648']],
    ['unclean.leader.election.enable', 'boolean', 'false', ['true', 'True'], ['1', 'yes', '']],
    ['segment.jitter.ms', 'long', '0', ['0', '9223372036854775807'], ['-1', 'x']],
    ['preallocate', 'boolean', 'false', ['TRUE', 'false'], ['truefalse', ' true']],
    ['file.delete.delay.ms', 'long', '60000', ['0', '1'], ['-1', '1.5']],
    ['min.cleanable.dirty.ratio', 'double', '0.5', ['0', '1', '1.0', '0.01'], ['1.1', '-0.5', '.']],
    ['delete.retention.ms', 'long', '86400000', ['0', '100'], ['-1', '9223372036854775808']],
  ])('%s', (name, type, text, allowed, refused) => {
    const { check, ...definition } = definitionOf(name);
    expect(definition).toMatchObject({ type, default: text });
    for (const each of allowed) expect(check(each), each).toBeUndefined();
    for (const each of refused) expect(check(each), each).toMatch(/^(an integer|a number|"true")/);
  });
});

test('numbers have types that tell whether an int can hold them', () => {
  expect(definitionOf('segment.bytes')).toMatchObject({ type: 'int' });
  expect(definitionOf('retention.bytes')).toMatchObject({ type: 'long' });
  expect(definitionOf('cleanup.policy')).toMatchObject({ type: 'list' });
  expect(definitionOf('compression.type')).toMatchObject({ type: 'string' });
});
