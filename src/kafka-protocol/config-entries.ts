/**
 * Configs as Kafka's clients see them: with their type, where the value comes from, and what else
 * bears on it. A topic's config has a synonym among those of the broker, which here is always at
 * its default and cannot be set.
 */
import type { Topic } from '../broker/broker.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../model/topic-config-definitions.ts';
import type { TopicConfigType } from '../model/topic-config-definitions.ts';

export interface ConfigEntry extends ConfigSynonym {
  readonly type: number;
  readonly isReadOnly: boolean;
  readonly documentation: string;
  /** What the value could come from, the first being what it does come from. */
  readonly synonyms: readonly ConfigSynonym[];
}

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource. */
export const CONFIG_SOURCE = { TOPIC: 1, STATIC_BROKER: 4, DEFAULT: 5 } as const;

/** Of the same, ConfigType. */
export const CONFIG_TYPE: Readonly<Record<TopicConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** Where it is not the topic's name behind "log." (org.apache.kafka.server.config.ServerTopicConfigSynonyms). */
const BROKER_NAMES: ReadonlyMap<string, string> = new Map([
  ['segment.ms', 'log.roll.ms'],
  ['segment.jitter.ms', 'log.roll.jitter.ms'],
  ['flush.messages', 'log.flush.interval.messages'],
  ['flush.ms', 'log.flush.interval.ms'],
  ['max.message.bytes', 'message.max.bytes'],
  ['file.delete.delay.ms', 'log.segment.delete.delay.ms'],
  ['delete.retention.ms', 'log.cleaner.delete.retention.ms'],
  ['min.cleanable.dirty.ratio', 'log.cleaner.min.cleanable.ratio'],
  ...['unclean.leader.election.enable', 'min.insync.replicas', 'compression.type'].map(
    (name): [string, string] => [name, name],
  ),
]);

/** What the broker calls the default of a topic's config. */
export function brokerConfigName(topicConfig: string): string {
  return BROKER_NAMES.get(topicConfig) ?? `log.${topicConfig}`;
}

/** Made once: most configs of most topics are one of these. */
const AT_DEFAULT: readonly ConfigEntry[] = TOPIC_CONFIG_DEFINITIONS.map((definition) => {
  const { name, default: value, type, doc: documentation } = definition;
  const source = CONFIG_SOURCE.DEFAULT;
  const synonyms = [{ name: brokerConfigName(name), value, source }];
  return {
    name,
    value,
    source,
    type: CONFIG_TYPE[type],
    isReadOnly: false,
    documentation,
    synonyms,
  };
});

/** All of them, also those at their defaults. */
export function topicConfigEntries({
  configOverrides,
}: Pick<Topic, 'configOverrides'>): ConfigEntry[] {
  return AT_DEFAULT.map((entry) => {
    const { name, synonyms } = entry;
    const value = configOverrides.get(name);
    if (value === undefined) return entry;
    const set = { name, value, source: CONFIG_SOURCE.TOPIC };
    return { ...entry, ...set, synonyms: [set, ...synonyms] };
  });
}
