/**
 * What is set on a topic: text as the form that is stored and shown, and parsed for the log. What
 * there is to set stands in topic-config-definitions.ts.
 */
import { MillraceError } from './errors.ts';
import { quote } from './names.ts';
import { TOPIC_CONFIG_DEFINITIONS } from './topic-config-definitions.ts';

/** The settings of one topic, parsed. Times in milliseconds; -1 where Kafka means "no limit". */
export interface TopicConfig {
  /** Age by the server's append time after which a whole segment may leave; -1 keeps for ever. */
  readonly retentionMs: number;
  /** Bytes of one partition above which whole segments leave, oldest first; -1 = no limit. */
  readonly retentionBytes: number;
  /** Size at which a segment is closed and the next begun. */
  readonly segmentBytes: number;
  /** Age (by append time of its first batch) at which a segment is closed. */
  readonly segmentMs: number;
  /** Largest encoded batch, and largest single record as a batch of one. */
  readonly maxMessageBytes: number;
  readonly timestampType: TimestampType;
  /** How far a record's timestamp may lie behind the server's clock. */
  readonly timestampBeforeMaxMs: number;
  /** How far a record's timestamp may lie ahead of the server's clock. */
  readonly timestampAfterMaxMs: number;
  /** 1 (default): every acknowledgement waits for stable storage. More: the weaker mode. */
  readonly flushMessages: number;
  /** Longest time written bytes stay unsynced in the weaker mode; -1: no such time, see above. */
  readonly flushMs: number;
}

export type TimestampType = 'CreateTime' | 'LogAppendTime';

/** name -> text, as users give and see them. */
export type ConfigTexts = ReadonlyMap<string, string>;

const DEFINITIONS = new Map(TOPIC_CONFIG_DEFINITIONS.map((each) => [each.name, each]));

/** Throws INVALID_CONFIG naming the first config that is unknown or out of its range. */
export function checkConfigTexts(texts: ConfigTexts): void {
  for (const [name, text] of texts) {
    const definition = DEFINITIONS.get(name);
    if (definition === undefined) {
      throw invalid(name, text, `config ${quote(name)} is unknown or not supported`, {
        allowed: [...DEFINITIONS.keys()],
      });
    }
    const allowed = definition.check(text);
    if (allowed !== undefined) {
      throw invalid(name, text, `config ${name} is ${quote(text)}; it must be ${allowed}`, {
        allowed,
      });
    }
  }
}

function invalid(config: string, received: string, message: string, more: object): MillraceError {
  return new MillraceError('INVALID_CONFIG', message, { details: { config, received, ...more } });
}

/** All configs of a topic with the defaults filled in, in the order of the definitions. */
export function effectiveConfigTexts(overrides: ConfigTexts): Map<string, string> {
  return new Map(TOPIC_CONFIG_DEFINITIONS.map((d) => [d.name, overrides.get(d.name) ?? d.default]));
}

/** `overrides` must have passed `checkConfigTexts`. */
export function parseTopicConfig(overrides: ConfigTexts): TopicConfig {
  const texts = effectiveConfigTexts(overrides);
  const text = (name: string): string => texts.get(name) as string;
  return Object.freeze({
    retentionMs: Number(text('retention.ms')),
    retentionBytes: Number(text('retention.bytes')),
    segmentBytes: Number(text('segment.bytes')),
    segmentMs: Number(text('segment.ms')),
    maxMessageBytes: Number(text('max.message.bytes')),
    timestampType: text('message.timestamp.type') as TimestampType,
    timestampBeforeMaxMs: Number(text('message.timestamp.before.max.ms')),
    timestampAfterMaxMs: Number(text('message.timestamp.after.max.ms')),
    flushMessages: Number(text('flush.messages')),
    flushMs: Number(text('flush.ms')),
  });
}

/** Whether an acknowledgement in a topic of this config waits for stable storage (the default). */
export function isDurable(config: TopicConfig): boolean {
  return config.flushMessages === 1 && config.flushMs === -1;
}
