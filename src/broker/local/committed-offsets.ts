/**
 * Commits and what is kept of them: which offsets are taken, the records they become, and what a
 * reader is told. A commit belongs to the topic that had the name then, by its id: a namesake that
 * is made later finds nothing.
 */
import type { GroupRecord } from '../../codec/group-records.ts';
import { MillraceError } from '../../model/errors.ts';
import { OFFSET_METADATA_BYTES_MAX, OFFSETS_PER_GROUP_MAX } from '../../model/limits.ts';
import { quote } from '../../model/names.ts';
import type { CommitOutcome, CommittedOffset, OffsetToCommit, TopicPartition } from '../groups.ts';
import { tooMany, unknownPartition, unknownTopic } from '../refusals.ts';
import type { StoredGroup } from './group-store.ts';

export interface KnownTopic {
  readonly topicId: string;
  readonly partitionCount: number;
}

/** undefined: there is no such topic. */
export type FindTopic = (name: string) => KnownTopic | undefined;

export interface CheckedOffsets {
  readonly records: readonly GroupRecord[];
  /** In the order given, also of those that became no record. */
  readonly outcomes: readonly CommitOutcome[];
}

/** The fault of one leaves the others. */
export function checkedCommit(
  group: string,
  offsets: readonly OffsetToCommit[],
  given: { readonly findTopic: FindTopic; readonly commitTimestampMs: number },
): CheckedOffsets {
  const records: GroupRecord[] = [];
  const outcomes: CommitOutcome[] = [];
  for (const { topic, partition, offset, leaderEpoch, metadata } of offsets) {
    const known = given.findTopic(topic);
    const error = placeFault({ topic, partition }, known) ?? metadataFault(metadata);
    outcomes.push({ topic, partition, error });
    if (error !== undefined || known === undefined) continue;
    const { topicId } = known;
    const { commitTimestampMs } = given;
    const value = { offset, leaderEpoch, metadata, commitTimestampMs, topicId };
    records.push({ kind: 'offset-commit', group, topic, partition, value });
  }
  return { records, outcomes };
}

/** Likewise. `isRead` says whether members are subscribed to a topic. */
export function checkedDeletion(
  group: string,
  partitions: readonly TopicPartition[],
  given: { readonly findTopic: FindTopic; readonly isRead: (topic: string) => boolean },
): CheckedOffsets {
  const outcomes = partitions.map(({ topic, partition }): CommitOutcome => {
    const fault = placeFault({ topic, partition }, given.findTopic(topic));
    const error = fault ?? (given.isRead(topic) ? isSubscribed(group, topic) : undefined);
    return { topic, partition, error };
  });
  const records = outcomes
    .filter(({ error }) => error === undefined)
    .map((place) => tombstone(group, place));
  return { records, outcomes };
}

export function tombstone(group: string, { topic, partition }: TopicPartition): GroupRecord {
  return { kind: 'offset-commit', group, topic, partition, value: null };
}

/** Sorted by topic and partition. */
export function committedOffsets(stored: StoredGroup, findTopic: FindTopic): CommittedOffset[] {
  const committed: CommittedOffset[] = [];
  for (const topic of [...stored.offsets.keys()].sort()) {
    const known = findTopic(topic);
    const partitions = stored.offsets.get(topic);
    if (known === undefined || partitions === undefined) continue;
    for (const [partition, value] of [...partitions].sort(([one], [other]) => one - other)) {
      const { topicId, ...offset } = value;
      if (topicId === known.topicId) committed.push({ topic, partition, ...offset });
    }
  }
  return committed;
}

/** Throws POLICY_VIOLATION when the group would have too many. */
export function checkOffsetCount(
  stored: StoredGroup | undefined,
  records: readonly GroupRecord[],
): void {
  let added = 0;
  for (const record of records) {
    if (record.kind !== 'offset-commit') continue;
    if (stored?.offsets.get(record.topic)?.has(record.partition) !== true) added += 1;
  }
  // The usual commit is of what was committed before: then nothing need be counted.
  if (added === 0) return;
  const received = added + (stored === undefined ? 0 : offsetCount(stored));
  if (received > OFFSETS_PER_GROUP_MAX) {
    throw tooMany('committed offsets of one group', { received, allowed: OFFSETS_PER_GROUP_MAX });
  }
}

function offsetCount({ offsets }: StoredGroup): number {
  let count = 0;
  for (const partitions of offsets.values()) count += partitions.size;
  return count;
}

function placeFault(
  { topic, partition }: TopicPartition,
  known: KnownTopic | undefined,
): MillraceError | undefined {
  if (known === undefined) return unknownTopic(topic, { written: 'no' });
  const { partitionCount } = known;
  if (Number.isInteger(partition) && partition >= 0 && partition < partitionCount) return undefined;
  return unknownPartition(topic, { partition, partitionCount }, { written: 'no' });
}

function metadataFault(metadata: string): MillraceError | undefined {
  const received = Buffer.byteLength(metadata);
  const allowed = OFFSET_METADATA_BYTES_MAX;
  if (received <= allowed) return undefined;
  return new MillraceError(
    'OFFSET_METADATA_TOO_LARGE',
    `the metadata of an offset has ${received} bytes; at most ${allowed} are allowed`,
    { written: 'no', details: { received, allowed } },
  );
}

function isSubscribed(group: string, topic: string): MillraceError {
  return new MillraceError(
    'GROUP_SUBSCRIBED_TO_TOPIC',
    `members of group ${quote(group)} are reading topic ${quote(topic)}`,
    { written: 'no', details: { group, topic } },
  );
}
