/** What may be asked of a topic: pure checks, the same for every broker. */
import { MillraceError } from '../model/errors.ts';
import { PARTITIONS_PER_TOPIC_MAX } from '../model/limits.ts';
import { checkTopicName, quote } from '../model/names.ts';
import { checkConfigTexts } from '../model/topic-config.ts';
import type { ConfigTexts } from '../model/topic-config.ts';
import { TOPIC_CONFIG_DEFINITIONS } from '../model/topic-config-definitions.ts';
import type { ConfigChanges, TopicSpec } from './broker.ts';
import { tooMany } from './refusals.ts';

/** A topic to be made, complete and allowed. */
export interface NewTopic {
  readonly name: string;
  readonly partitionCount: number;
  readonly configOverrides: ConfigTexts;
}

const NO_CONFIGS: ConfigTexts = new Map();

/** Throws INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG or POLICY_VIOLATION. */
export function checkedTopic(spec: TopicSpec, defaultPartitions: number): NewTopic {
  const { name, partitionCount = defaultPartitions, configOverrides = NO_CONFIGS } = spec;
  checkTopicName(name);
  checkPartitionCount(name, { partitionCount, atLeast: 1 });
  checkConfigTexts(configOverrides);
  return { name, partitionCount, configOverrides: new Map(configOverrides) };
}

/** Throws INVALID_PARTITIONS or POLICY_VIOLATION. Partitions never become fewer. */
export function checkPartitionCount(
  topic: string,
  { partitionCount, atLeast }: { readonly partitionCount: number; readonly atLeast: number },
): void {
  if (!Number.isSafeInteger(partitionCount) || partitionCount < atLeast) {
    throw new MillraceError(
      'INVALID_PARTITIONS',
      `topic ${quote(topic)} cannot have ${partitionCount} partitions; an integer from ${atLeast} is allowed`,
      { details: { topic, received: partitionCount, allowed_min: atLeast } },
    );
  }
  if (partitionCount > PARTITIONS_PER_TOPIC_MAX) {
    throw tooMany(`partitions in topic ${quote(topic)}`, {
      received: partitionCount,
      allowed: PARTITIONS_PER_TOPIC_MAX,
    });
  }
}

/** The overrides after `changes`, or INVALID_CONFIG and nothing changed. */
export function alteredConfigs(
  overrides: ConfigTexts,
  changes: ConfigChanges,
): Map<string, string> {
  // A name that is only to be reset must be known, too: its default passes its own check.
  checkConfigTexts(new Map([...changes].map(([name, text]) => [name, text ?? defaultOf(name)])));
  const altered = new Map(overrides);
  for (const [name, text] of changes) {
    if (text === null) altered.delete(name);
    else altered.set(name, text);
  }
  return altered;
}

function defaultOf(name: string): string {
  return TOPIC_CONFIG_DEFINITIONS.find((each) => each.name === name)?.default ?? '';
}
