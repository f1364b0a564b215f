/**
 * A topic as the catalogue keeps it. Rows are checked when they are read, because a topic id
 * becomes a path and a damaged row must not become a topic.
 */
import { PARTITIONS_PER_TOPIC_MAX } from '../model/limits.ts';
import { topicNameFault } from '../model/names.ts';
import type { ConfigTexts } from '../model/topic-config.ts';
import { parseStoredJson } from './stored-json.ts';

export interface CatalogueTopic {
  /** UUID, lower-case with hyphens. */
  readonly topicId: string;
  readonly name: string;
  readonly partitions: number;
  /** Only what was set, by name. */
  readonly configs: ConfigTexts;
  readonly state: TopicState;
}

/** `creating`: its directories may be missing, and nobody was told of it. `deleting`: they may be gone. */
export type TopicState = 'creating' | 'live' | 'deleting';

const TOPIC_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const STATES: readonly unknown[] = ['creating', 'live', 'deleting'];

export function isTopicId(text: string): boolean {
  return TOPIC_ID.test(text);
}

/** The topic, or in words what is wrong with its row. */
export function topicFrom(row: { readonly [column: string]: unknown }): CatalogueTopic | string {
  const { topic_id: topicId, name, partitions, configs, state } = row;
  const found = JSON.stringify(row);
  if (typeof topicId !== 'string' || !isTopicId(topicId)) return `topic id in ${found}`;
  if (typeof name !== 'string' || topicNameFault(name) !== undefined)
    return `topic name in ${found}`;
  if (!isPartitionCount(partitions)) return `partition count in ${found}`;
  if (!STATES.includes(state)) return `state in ${found}`;
  const texts = textsIn(configs);
  if (texts === undefined) return `configs in ${found}`;
  return { topicId, name, partitions, configs: texts, state: state as TopicState };
}

function isPartitionCount(value: unknown): value is number {
  const isInteger = typeof value === 'number' && Number.isSafeInteger(value);
  return isInteger && value >= 1 && value <= PARTITIONS_PER_TOPIC_MAX;
}

function textsIn(json: unknown): Map<string, string> | undefined {
  const value = parseStoredJson(String(json));
  if (typeof value !== 'object' || value === null) return undefined;
  const texts = new Map<string, string>();
  for (const [name, text] of Object.entries(value) as [string, unknown][]) {
    if (typeof text !== 'string') return undefined;
    texts.set(name, text);
  }
  return texts;
}
