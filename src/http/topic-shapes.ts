/**
 * Topics and partitions as JSON. The members of Confluent's v2 come first in their shape (a tool
 * that reads `leader` and `replicas` finds one broker, number 0, in sync), ours follow.
 */
import type { PartitionDescription, Topic } from '../broker/broker.ts';
import { unknownPartition } from '../broker/refusals.ts';
import type { PartitionState } from '../model/partition-state.ts';
import { effectiveConfigTexts } from '../model/topic-config.ts';

/** The only broker there is. */
const BROKER_ID = 0;

export interface PartitionShape {
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly {
    readonly broker: number;
    readonly leader: boolean;
    readonly in_sync: boolean;
  }[];
  readonly beginning_offset: number;
  readonly end_offset: number;
  readonly durable_offset: number;
  readonly bytes: number;
  readonly segments: number;
  readonly state: PartitionState;
  readonly reason?: string;
}

export interface TopicShape {
  readonly name: string;
  readonly topic_id: string;
  readonly configs: Readonly<{ [name: string]: string }>;
  readonly partitions: readonly PartitionShape[];
}

export function topicShape(topic: Topic, partitions: readonly PartitionDescription[]): TopicShape {
  return {
    name: topic.name,
    topic_id: topic.topicId,
    configs: Object.fromEntries(effectiveConfigTexts(topic.configOverrides)),
    partitions: partitions.map(partitionShape),
  };
}

export function partitionShape(partition: PartitionDescription): PartitionShape {
  return {
    partition: partition.partition,
    leader: BROKER_ID,
    replicas: [{ broker: BROKER_ID, leader: true, in_sync: true }],
    beginning_offset: partition.logStartOffset,
    end_offset: partition.highWatermark,
    durable_offset: partition.durableOffset,
    bytes: partition.bytes,
    segments: partition.segmentCount,
    state: partition.state,
    ...(partition.reason === undefined ? {} : { reason: partition.reason }),
  };
}

/** One of a topic's partitions; throws UNKNOWN_TOPIC_OR_PARTITION with the number. */
export function pickPartition(
  topic: string,
  partitions: readonly PartitionDescription[],
  partition: number,
): PartitionDescription {
  const found = partitions.find((each) => each.partition === partition);
  if (found !== undefined) return found;
  throw unknownPartition(topic, { partition, partitionCount: partitions.length });
}
