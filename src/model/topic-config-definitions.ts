/**
 * What can be set on a topic: Kafka's names, Kafka's defaults where one machine has no better, and
 * what is allowed. Some are taken and shown without any effect, because programs written for Kafka
 * set them. A name that is not here is refused: what it asks for would not happen.
 */
import { INT32_MAX, MESSAGE_BYTES_DEFAULT, MESSAGE_BYTES_MAX } from './limits.ts';

export interface TopicConfigDefinition extends TopicConfigRule {
  readonly name: string;
  readonly default: string;
  /** One line for people: what it does, in which unit. */
  readonly doc: string;
}

interface TopicConfigRule {
  readonly type: TopicConfigType;
  /** Returns what is allowed when `text` is not; undefined when it is fine. */
  readonly check: (text: string) => string | undefined;
}

/** Kafka's (org.apache.kafka.common.config.ConfigDef.Type). A list is text with commas. */
export type TopicConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

/** Kafka's Long.MAX_VALUE, which its users write for "for ever"; precision is not needed up there. */
const LONG_MAX = 9_223_372_036_854_775_807n;

export const TOPIC_CONFIG_DEFINITIONS: readonly TopicConfigDefinition[] = [
  {
    name: 'retention.ms',
    default: '604800000',
    doc: 'Milliseconds after which a whole segment may be removed, by append time; -1 keeps for ever.',
    ...long(-1),
  },
  {
    name: 'retention.bytes',
    default: '-1',
    doc: 'Bytes of one partition above which whole segments are removed, oldest first; -1 = no limit.',
    ...long(-1),
  },
  {
    name: 'segment.bytes',
    default: '1073741824',
    doc: 'Bytes at which a segment is closed and the next begun.',
    // Kafka's own minimum for long, so that tests with tiny segments run here as there.
    ...int(14),
  },
  {
    name: 'segment.ms',
    default: '604800000',
    doc: 'Milliseconds after its first append at which a segment is closed.',
    ...long(1),
  },
  {
    name: 'max.message.bytes',
    default: String(MESSAGE_BYTES_DEFAULT),
    doc: 'Largest encoded record batch in bytes; a single record counts as a batch of one.',
    ...int(0, MESSAGE_BYTES_MAX),
  },
  {
    name: 'cleanup.policy',
    default: 'delete',
    doc: 'How old records leave; compaction is not supported.',
    ...oneOf('list', ['delete']),
  },
  {
    name: 'message.timestamp.type',
    default: 'CreateTime',
    doc: 'CreateTime keeps the record timestamps as sent; LogAppendTime shows the server clock at append.',
    ...oneOf('string', ['CreateTime', 'LogAppendTime']),
  },
  {
    name: 'message.timestamp.before.max.ms',
    default: String(LONG_MAX),
    doc: 'Milliseconds that a record timestamp may lie behind the server clock; older is refused.',
    ...long(0),
  },
  {
    name: 'message.timestamp.after.max.ms',
    default: '3600000',
    doc: 'Milliseconds that a record timestamp may lie ahead of the server clock; later is refused.',
    ...long(0),
  },
  {
    name: 'compression.type',
    default: 'producer',
    doc: 'Batches are stored as the producer compressed them; recompression is not supported.',
    ...oneOf('string', ['producer']),
  },
  {
    name: 'flush.messages',
    default: '1',
    doc: '1: acknowledge only what is on stable storage. More: acknowledge what is written and sync after so many records (a crash of the machine may lose them).',
    ...long(1),
  },
  {
    name: 'flush.ms',
    default: '-1',
    doc: '-1: acknowledge only what is on stable storage. 0 or more: acknowledge what is written and sync after so many milliseconds (a crash of the machine may lose them).',
    ...long(-1),
  },
  {
    name: 'min.insync.replicas',
    default: '1',
    doc: 'Without effect: there is one replica, and it is always in sync.',
    ...int(1),
  },
  {
    name: 'unclean.leader.election.enable',
    default: 'false',
    doc: 'Without effect: no leader is ever elected.',
    ...boolean(),
  },
  {
    name: 'segment.jitter.ms',
    default: '0',
    doc: 'Without effect: segments are closed when segment.ms says, without jitter.',
    ...long(0),
  },
  {
    name: 'preallocate',
    default: 'false',
    doc: 'Without effect: segment files grow as they are written.',
    ...boolean(),
  },
  {
    name: 'file.delete.delay.ms',
    default: '60000',
    doc: 'Without effect: files are removed as soon as nobody needs them.',
    ...long(0),
  },
  {
    name: 'min.cleanable.dirty.ratio',
    default: '0.5',
    doc: 'Without effect: compaction is not supported.',
    ...ratio(),
  },
  {
    name: 'delete.retention.ms',
    default: '86400000',
    doc: 'Without effect: compaction is not supported.',
    ...long(0),
  },
];

function int(min: number, max = INT32_MAX): TopicConfigRule {
  return { type: 'int', check: integer(min, max) };
}

function long(min: number): TopicConfigRule {
  return { type: 'long', check: integer(min, LONG_MAX) };
}

function integer(min: number, max: number | bigint): TopicConfigRule['check'] {
  return (text) => {
    const fine = /^-?\d{1,19}$/.test(text) && BigInt(text) >= min && BigInt(text) <= max;
    return fine ? undefined : `an integer from ${min} to ${max}`;
  };
}

function oneOf(type: 'string' | 'list', allowed: readonly string[]): TopicConfigRule {
  const check = (text: string): string | undefined =>
    allowed.includes(text) ? undefined : allowed.map((a) => `"${a}"`).join(' or ');
  return { type, check };
}

/** Kafka does not mind the case, and Python writes "True". */
function boolean(): TopicConfigRule {
  const check = (text: string): string | undefined =>
    /^(?:true|false)$/i.test(text) ? undefined : '"true" or "false"';
  return { type: 'boolean', check };
}

function ratio(): TopicConfigRule {
  const check = (text: string): string | undefined =>
    /^\d(?:\.\d{1,17})?$/.test(text) && Number(text) <= 1 ? undefined : 'a number from 0 to 1';
  return { type: 'double', check };
}
