/** All that a broker keeps for its callers, to be compared before and after a request. */
import type { Broker, PartitionDescription } from '../../src/broker/broker.ts';
import type { CommittedOffset, GroupDescription } from '../../src/broker/groups.ts';
import type { ConfigTexts } from '../../src/model/topic-config.ts';

export interface BrokerState {
  readonly topics: ReadonlyMap<string, TopicState>;
  readonly groups: ReadonlyMap<string, GroupDescription & GroupOffsets>;
}

interface TopicState {
  readonly topicId: string;
  readonly configs: ConfigTexts;
  readonly partitions: readonly PartitionDescription[];
}

interface GroupOffsets {
  readonly offsets: readonly CommittedOffset[];
}

export async function stateOf(broker: Broker): Promise<BrokerState> {
  const topics = new Map<string, TopicState>();
  for (const { name, topicId, configOverrides: configs } of await broker.listTopics()) {
    topics.set(name, { topicId, configs, partitions: await broker.describePartitions(name) });
  }
  const groups = new Map<string, GroupDescription & GroupOffsets>();
  for (const { group } of await broker.listGroups()) {
    const offsets = await broker.fetchOffsets(group);
    groups.set(group, { ...(await broker.describeGroup(group)), offsets });
  }
  return { topics, groups };
}
