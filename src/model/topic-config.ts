/**
 * What can be set on a topic: Kafka's names, Kafka's defaults where one machine has no better,
 * and text as the form that is stored and shown.
 */
import { MillraceError } from './errors.ts';
import { INT32_MAX, MESSAGE_BYTES_DEFAULT, MESSAGE_BYTES_MAX } from './limits.ts';
import { quote } from './names.ts';

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

interface Definition {
  readonly name: string;
  readonly default: string;
  /** One line for people: what it does, in which unit. */
  readonly doc: string;
  /** Returns what is allowed when `text` is not; undefined when it is fine. */
  check(text: string): string | undefined;
}

/** Kafka's Long.MAX_VALUE, which its users write for "for ever"; precision is not needed up there. */
const LONG_MAX = 9_223_372_036_854_775_807n;

function integer(min: number, max: number | bigint): (text: string) => string | undefined {
  return (text) => {
    const fine = /^-?\d{1,19}$/.test(text) && BigInt(text) >= min && BigInt(text) <= max;
    return fine ? undefined : `an integer from ${min} to ${max}`;
  };
}

function oneOf(...allowed: readonly string[]): (text: string) => string | undefined {
  return (text) => (allowed.includes(text) ? undefined : allowed.map((a) => `"${a}"`).join(' or '));
}

export const TOPIC_CONFIG_DEFINITIONS: readonly Definition[] = [
  {
    name: 'retention.ms',
    default: '604800000',
    doc: 'Milliseconds after which a whole segment may be removed, by append time; -1 keeps for ever.',
    check: integer(-1, LONG_MAX),
  },
  {
    name: 'retention.bytes',
    default: '-1',
    doc: 'Bytes of one partition above which whole segments are removed, oldest first; -1 = no limit.',
    check: integer(-1, LONG_MAX),
  },
  {
    name: 'segment.bytes',
    default: '1073741824',
    doc: 'Bytes at which a segment is closed and the next begun.',
    // Kafka's own minimum, so that tests with tiny segments run here as there.
    check: integer(14, INT32_MAX),
  },
  {
    name: 'segment.ms',
    default: '604800000',
    doc: 'Milliseconds after its first append at which a segment is closed.',
    check: integer(1, LONG_MAX),
  },
  {
    name: 'max.message.bytes',
    default: String(MESSAGE_BYTES_DEFAULT),
    doc: 'Largest encoded record batch in bytes; a single record counts as a batch of one.',
    check: integer(0, MESSAGE_BYTES_MAX),
  },
  {
    name: 'cleanup.policy',
    default: 'delete',
    doc: 'How old records leave; compaction is not supported.',
    check: oneOf('delete'),
  },
  {
    name: 'message.timestamp.type',
    default: 'CreateTime',
    doc: 'CreateTime keeps the record timestamps as sent; LogAppendTime shows the server clock at append.',
    check: oneOf('CreateTime', 'LogAppendTime'),
  },
  {
    name: 'message.timestamp.before.max.ms',
    default: String(LONG_MAX),
    doc: 'Milliseconds that a record timestamp may lie behind the server clock; older is refused.',
    check: integer(0, LONG_MAX),
  },
  {
    name: 'message.timestamp.after.max.ms',
    default: '3600000',
    doc: 'Milliseconds that a record timestamp may lie ahead of the server clock; later is refused.',
    check: integer(0, LONG_MAX),
  },
  {
    name: 'compression.type',
    default: 'producer',
    doc: 'Batches are stored as the producer compressed them; recompression is not supported.',
    check: oneOf('producer'),
  },
  {
    name: 'flush.messages',
    default: '1',
    doc: '1: acknowledge only what is on stable storage. More: acknowledge what is written and sync after so many records (a crash of the machine may lose them).',
    check: integer(1, LONG_MAX),
  },
  {
    name: 'flush.ms',
    default: '-1',
    doc: '-1: acknowledge only what is on stable storage. 0 or more: acknowledge what is written and sync after so many milliseconds (a crash of the machine may lose them).',
    check: integer(-1, LONG_MAX),
  },
];

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
