/** How partitions stand, in the words of the seam. */
import type { BrokerHealth, PartitionDescription } from '../broker.ts';
import type { Partition } from './partition.ts';
import type { Topics } from './topics.ts';

export function describePartition(log: Partition, partition: number): PartitionDescription {
  return {
    partition,
    logStartOffset: log.logStartOffset,
    highWatermark: log.highWatermark,
    durableOffset: log.durableOffset,
    bytes: log.bytes,
    segmentCount: log.segmentCount,
    state: log.state,
    reason: log.reason,
  };
}

export function partitionsNotOnline(topics: Pick<Topics, 'list'>): BrokerHealth['notOnline'] {
  return topics
    .list()
    .flatMap(({ topic, partitions }) =>
      partitions.flatMap(({ state, reason = '' }, partition) =>
        state === 'online' ? [] : [{ topic: topic.name, partition, state, reason }],
      ),
    );
}
