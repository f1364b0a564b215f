import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
import {
  checkConfigTexts,
  effectiveConfigTexts,
  isDurable,
  parseTopicConfig,
} from '../../src/model/topic-config.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../../src/model/topic-config-definitions.ts';

function parsed(...texts: [string, string][]) {
  const overrides = new Map(texts);
  checkConfigTexts(overrides);
  return parseTopicConfig(overrides);
}

function refusalOf(name: string, text: string): MillraceError {
  try {
    checkConfigTexts(new Map([[name, text]]));
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error(`${name}=${text} was accepted`);
}

describe('topic configs', () => {
  it('are durable by default, with seven days of retention', () => {
    const config = parsed();
    expect(isDurable(config)).toBe(true);
    expect(config).toMatchObject({ retentionMs: 604_800_000, retentionBytes: -1 });
  });

  it.each([
    ['flush.ms', '1000'],
    ['flush.ms', '0'],
    ['flush.messages', '2'],
  ])('ask for the weaker mode by %s=%s', (name, text) => {
    expect(isDurable(parsed([name, text]))).toBe(false);
  });

  it("take Kafka's longest time, which programs write for ever", () => {
    const config = parsed(['retention.ms', '9223372036854775807']);
    expect(config.retentionMs).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    ['retention.ms', '-2', 'an integer from -1 to 9223372036854775807'],
    ['retention.ms', '9223372036854775808', 'an integer from -1'],
    ['retention.ms', '1e3', 'an integer from -1'],
    ['retention.ms', '', 'an integer from -1'],
    ['segment.bytes', '13', 'an integer from 14 to 2147483647'],
    ['segment.bytes', '2147483648', 'an integer from 14 to 2147483647'],
    ['max.message.bytes', '67108865', 'an integer from 0 to 67108864'],
    ['cleanup.policy', 'compact', '"delete"'],
    ['compression.type', 'gzip', '"producer"'],
    ['message.timestamp.type', 'createtime', '"CreateTime" or "LogAppendTime"'],
  ])('%s=%j is refused, with what is allowed', (name, text, allowed) => {
    const refusal = refusalOf(name, text);
    expect(refusal.code).toBe('INVALID_CONFIG');
    expect(refusal.message).toContain(allowed);
    expect(refusal.details).toMatchObject({ config: name, received: text });
  });

  it.each(['retention', '__proto__', 'min.compaction.lag.ms'])('%s is unknown', (name) => {
    expect(refusalOf(name, '1').message).toContain('is unknown or not supported');
  });

  it('are shown whole, the set ones in the place of their defaults', () => {
    const texts = effectiveConfigTexts(new Map([['segment.ms', '5']]));
    expect([...texts.keys()]).toEqual(TOPIC_CONFIG_DEFINITIONS.map((each) => each.name));
    expect(texts.get('segment.ms')).toBe('5');
    expect(texts.get('retention.ms')).toBe('604800000');
  });
});
