/** How partitions stand, in the words of the seam. */
import type { BrokerHealth, PartitionDescription } from '../broker.ts';
import type { CommitLog } from './commit-log.ts';
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

/** The log of what groups have committed, under the name that it has in Kafka. */
export function logNotOnline(commitLog: Pick<CommitLog, 'stats'>): BrokerHealth['notOnline'] {
  const { state, reason = '' } = commitLog.stats();
  return state === 'online' ? [] : [{ topic: '__consumer_offsets', partition: 0, state, reason }];
}
