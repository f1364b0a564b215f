/** The bodies of PUT and PATCH on a topic: what they may hold, and how PUT compares. */
import type { Topic } from '../broker/broker.ts';
import { MillraceError } from '../model/errors.ts';
import { PARTITIONS_PER_TOPIC_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { ConfigTexts } from '../model/topic-config.ts';
import { checkConfigTexts, effectiveConfigTexts } from '../model/topic-config.ts';
import type { JsonObject } from './json-body.ts';
import { refuseUnknownMembers } from './json-body.ts';

const MEMBERS = ['partitions', 'configs'] as const;

export interface TopicWish {
  readonly partitions: number | undefined;
  readonly configs: ConfigTexts;
}

export interface TopicChange {
  readonly partitions: number | undefined;
  /** null returns a config to its default. */
  readonly configs: ReadonlyMap<string, string | null>;
}

/** PUT's body, which may be missing. Throws INVALID_REQUEST, INVALID_PARTITIONS, INVALID_CONFIG. */
export function readTopicWish(body: JsonObject | undefined): TopicWish {
  const { partitions, configs } = readTopicChange(body ?? {});
  for (const [name, value] of configs) {
    if (value === null) throw badConfigValue(name, null, 'a string, a number or a boolean');
  }
  return { partitions, configs: configs as ConfigTexts };
}

/** PATCH's body. */
export function readTopicChange(body: JsonObject): TopicChange {
  refuseUnknownMembers(body, MEMBERS, 'the body');
  const configs = readConfigs(body['configs']);
  const texts = [...configs].filter((each): each is [string, string] => each[1] !== null);
  checkConfigTexts(new Map(texts));
  // Also the names that are to go back to their default must be known ones.
  const defaults = [...configs.keys()].filter((name) => configs.get(name) === null);
  const known = effectiveConfigTexts(new Map());
  checkConfigTexts(new Map(defaults.map((name) => [name, known.get(name) ?? ''])));
  return { partitions: readPartitions(body['partitions']), configs };
}

function readPartitions(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) {
    if (value >= 1 && value <= PARTITIONS_PER_TOPIC_MAX) return value;
  }
  throw new MillraceError(
    'INVALID_PARTITIONS',
    `partitions is ${quote(JSON.stringify(value))}; it must be an integer from 1 to ${PARTITIONS_PER_TOPIC_MAX}`,
    { details: { received: value, min: 1, max: PARTITIONS_PER_TOPIC_MAX } },
  );
}

function readConfigs(value: unknown): Map<string, string | null> {
  if (value === undefined) return new Map();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MillraceError('INVALID_REQUEST', 'configs must be an object of names and values');
  }
  return new Map(Object.entries(value).map(([name, each]) => [name, configText(name, each)]));
}

/** Numbers and booleans are taken as the text they stand for, as everyone writes them. */
function configText(name: string, value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  throw badConfigValue(name, value, 'a string, a number, a boolean, or null');
}

function badConfigValue(name: string, value: unknown, allowed: string): MillraceError {
  return new MillraceError('INVALID_CONFIG', `config ${quote(name)} must be ${allowed}`, {
    details: { config: name.slice(0, 200), received: value, allowed },
  });
}

interface Difference {
  readonly asked: string | number;
  readonly actual: string | number;
}

/** Throws TOPIC_ALREADY_EXISTS with both values and a way out unless `topic` is what was asked for. */
export function checkSameTopic(topic: Topic, wish: TopicWish): void {
  const differences = new Map<string, Difference>();
  if (wish.partitions !== undefined && wish.partitions !== topic.partitionCount) {
    differences.set('partitions', { asked: wish.partitions, actual: topic.partitionCount });
  }
  const actual = effectiveConfigTexts(topic.configOverrides);
  for (const [name, asked] of wish.configs) {
    const has = actual.get(name) ?? '';
    if (has !== asked) differences.set(name, { asked, actual: has });
  }
  if (differences.size === 0) return;
  const named = [...differences]
    .map(([name, each]) => `${name} is ${each.actual}, asked for ${each.asked}`)
    .join('; ');
  throw new MillraceError(
    'TOPIC_ALREADY_EXISTS',
    `topic ${topic.name} exists and differs: ${named}; ${wayOut(topic.name, differences)}`,
    { details: { topic: topic.name, differences: Object.fromEntries(differences) } },
  );
}

/** In words for somebody at a terminal, whether curl or the command is in front of them. */
function wayOut(topic: string, differences: ReadonlyMap<string, Difference>): string {
  const patch = `PATCH /topics/${topic} changes`;
  const partitions = differences.get('partitions');
  if (partitions === undefined || partitions.asked > partitions.actual) {
    return `${patch} ${differences.size === 1 ? 'it' : 'them'}`;
  }
  const never = 'partitions never become fewer';
  return differences.size === 1 ? never : `${never}; ${patch} the rest`;
}
