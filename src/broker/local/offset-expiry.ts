/**
 * Which committed offsets are kept no longer: those of topics that are gone, and those of groups
 * that have been without members for the retention time. The decision alone.
 *
 * Other than in Kafka, a commit of nobody in a group long empty lives for its own retention time.
 */
import type { TopicPartition } from '../groups.ts';
import type { FindTopic } from './committed-offsets.ts';
import type { StoredGroup } from './group-store.ts';

export interface ExpiryFacts {
  readonly nowMs: number;
  readonly retentionMs: number;
  readonly hasMembers: boolean;
  readonly findTopic: FindTopic;
}

export function expiredOffsets(
  { offsets, metadata }: StoredGroup,
  { nowMs, retentionMs, hasMembers, findTopic }: ExpiryFacts,
): TopicPartition[] {
  // -1 where it is not known: then each commit's own age counts.
  const emptySinceMs = metadata?.currentStateTimestampMs ?? -1;
  const expired: TopicPartition[] = [];
  for (const [topic, partitions] of offsets) {
    const topicId = findTopic(topic)?.topicId;
    for (const [partition, value] of partitions) {
      const unusedSinceMs = Math.max(value.commitTimestampMs, emptySinceMs);
      const isOld = !hasMembers && nowMs - unusedSinceMs >= retentionMs;
      if (isOld || value.topicId !== topicId) expired.push({ topic, partition });
    }
  }
  return expired;
}
