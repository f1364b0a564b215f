/**
 * What is shown as the configs of the broker: settings and bounds of this server under Kafka's
 * names, and the defaults of topics. They are read at the start, so none can be altered.
 */
import {
  INDEX_INTERVAL_BYTES,
  KAFKA_IDLE_MS,
  MEMBERS_PER_GROUP_MAX,
  OFFSET_METADATA_BYTES_MAX,
  PRODUCER_EXPIRATION_MS,
  RETENTION_INTERVAL_MS,
  SESSION_TIMEOUT_MS_MAX,
  SESSION_TIMEOUT_MS_MIN,
} from '../model/limits.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../model/topic-config-definitions.ts';
import type { TopicConfigType } from '../model/topic-config-definitions.ts';
import { NODE_ID } from './cluster.ts';
import { brokerConfigName, CONFIG_SOURCE, CONFIG_TYPE } from './config-entries.ts';
import type { ConfigEntry } from './config-entries.ts';
import type { KafkaContext } from './context.ts';
import { REPLICATION_FACTOR } from './replica-assignment.ts';

type Shown = readonly [name: string, type: TopicConfigType, value: string | number, doc: string];

const MINUTE_MS = 60_000;

type Configured = Pick<KafkaContext, 'settings' | 'connections'>;

export function brokerConfigEntries(context: Configured): ConfigEntry[] {
  const entries = (shown: readonly Shown[], source: number): ConfigEntry[] =>
    shown.map((each) => brokerEntry(each, source));
  return [
    ...entries(ofSettings(context), CONFIG_SOURCE.STATIC_BROKER),
    ...entries(BOUNDS, CONFIG_SOURCE.DEFAULT),
    ...entries(TOPIC_DEFAULTS, CONFIG_SOURCE.DEFAULT),
  ];
}

function ofSettings({ settings, connections }: Configured): Shown[] {
  const offsetsMinutes = Math.round(settings.offsetsRetentionMs / MINUTE_MS);
  return [
    ['node.id', 'int', NODE_ID, 'The only node there is.'],
    ['broker.id', 'int', NODE_ID, 'The same as node.id.'],
    ['log.dirs', 'string', settings.dataDirectory, 'Where everything is kept.'],
    [
      'auto.create.topics.enable',
      'boolean',
      String(settings.autoCreateTopics),
      'Whether a missing topic is made when a client asks for it.',
    ],
    ['num.partitions', 'int', settings.defaultPartitions, 'Of a topic that does not say.'],
    [
      'offsets.retention.minutes',
      'int',
      offsetsMinutes,
      'How long the offsets of a group without members are kept.',
    ],
    [
      'socket.request.max.bytes',
      'int',
      settings.requestBytesMax,
      'Of any request; those without records have a lower bound.',
    ],
    [
      'max.connections',
      'int',
      connections.max,
      'Of clients, over HTTP and by this protocol together.',
    ],
  ];
}

const BOUNDS: readonly Shown[] = [
  ['default.replication.factor', 'int', REPLICATION_FACTOR, 'There is one replica of everything.'],
  ['delete.topic.enable', 'boolean', 'true', 'Topics can be deleted.'],
  [
    'group.initial.rebalance.delay.ms',
    'int',
    0,
    'The first member of a group is not kept waiting for others.',
  ],
  ['group.min.session.timeout.ms', 'int', SESSION_TIMEOUT_MS_MIN, 'What a member may ask for.'],
  ['group.max.session.timeout.ms', 'int', SESSION_TIMEOUT_MS_MAX, 'What a member may ask for.'],
  ['group.max.size', 'int', MEMBERS_PER_GROUP_MAX, 'Members of a group.'],
  ['offset.metadata.max.bytes', 'int', OFFSET_METADATA_BYTES_MAX, 'Beside a committed offset.'],
  ['producer.id.expiration.ms', 'int', PRODUCER_EXPIRATION_MS, 'Of a silent producer.'],
  ['connections.max.idle.ms', 'long', KAFKA_IDLE_MS, 'Then a silent connection is closed.'],
  ['log.retention.check.interval.ms', 'long', RETENTION_INTERVAL_MS, 'Between two looks.'],
  ['log.index.interval.bytes', 'int', INDEX_INTERVAL_BYTES, 'Between two entries of an index.'],
];

const TOPIC_DEFAULTS: readonly Shown[] = TOPIC_CONFIG_DEFINITIONS.map((each) => [
  brokerConfigName(each.name),
  each.type,
  each.default,
  each.doc,
]);

function brokerEntry([name, type, shown, documentation]: Shown, source: number): ConfigEntry {
  const value = String(shown);
  return {
    name,
    value,
    source,
    type: CONFIG_TYPE[type],
    isReadOnly: true,
    documentation,
    synonyms: [{ name, value, source }],
  };
}
