/** Which topics a subscription means right now, and whether that is still what a member joined for. */
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import type { Cursor } from './cursor.ts';
import { fingerprintOf } from './cursor.ts';
import type { GroupBroker } from './group-broker.ts';
import { compileTopicPattern } from './topic-pattern.ts';

export interface SubscribedTopics {
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** Named, and not there: the member is told to join again once they are. */
  readonly missing: readonly string[];
}

export interface TopicFacts {
  readonly topicId: string;
  readonly partitionCount: number;
}

/** Throws INVALID_REQUEST for a pattern that is none. */
export async function subscribedTopics(
  broker: Pick<GroupBroker, 'listTopics' | 'topic'>,
  subscription: Cursor['subscription'],
): Promise<SubscribedTopics> {
  if (subscription.kind === 'topics') return topicsNamed(broker, subscription.topics);
  const matches = compileTopicPattern(subscription.pattern);
  const topics = new Map<string, TopicFacts>();
  for (const { name, topicId, partitionCount } of await broker.listTopics()) {
    if (matches(name)) topics.set(name, { topicId, partitionCount });
  }
  return { topics, missing: [] };
}

/** As many of them as there are. */
export async function topicsNamed(
  broker: Pick<GroupBroker, 'topic'>,
  names: Iterable<string>,
): Promise<SubscribedTopics> {
  const topics = new Map<string, TopicFacts>();
  const missing: string[] = [];
  for (const name of names) {
    const topic = await topicIfThere(broker, name);
    if (topic === undefined) missing.push(name);
    else topics.set(name, topic);
  }
  return { topics, missing };
}

async function topicIfThere(
  broker: Pick<GroupBroker, 'topic'>,
  name: string,
): Promise<TopicFacts | undefined> {
  try {
    const { topicId, partitionCount } = await broker.topic(name);
    return { topicId, partitionCount };
  } catch (error) {
    const isMissing = error instanceof MillraceError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION';
    if (!isMissing) throw error;
    return undefined;
  }
}

/**
 * Rejects with REBALANCE_IN_PROGRESS when partitions were added, a topic was deleted, created or
 * created anew since the member of this cursor joined: it must join again, so that the partitions
 * are shared out as they are now.
 */
export async function checkStillFits(
  broker: Pick<GroupBroker, 'listTopics' | 'topic'>,
  cursor: Cursor,
): Promise<void> {
  const { topics } = await subscribedTopics(broker, cursor.subscription);
  if (fingerprintOf(topics) === cursor.fingerprint) return;
  throw new MillraceError(
    'REBALANCE_IN_PROGRESS',
    `the topics of group ${quote(cursor.group)} or their partitions have changed; join again with the member id`,
    { retriable: true, details: { group: cursor.group } },
  );
}
