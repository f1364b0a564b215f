/**
 * What the groups need kept: a table of groups with their committed offsets and the outcome of
 * their last rebalance, of which every change is durable before it is seen. `commit-log.ts` keeps
 * it in a log; tests keep it in memory.
 */
import type {
  GroupMetadataValue,
  GroupRecord,
  OffsetCommitValue,
} from '../../codec/group-records.ts';

export interface GroupStore {
  /**
   * Makes all of the records durable, in order and as one flush, then shows them in the table.
   * Rejects with KAFKA_STORAGE_ERROR, DISK_FULL or SHUTTING_DOWN, whose `written` says what is
   * known; then the table is unchanged.
   */
  append(records: readonly GroupRecord[]): Promise<void>;
  /** undefined when nothing is kept of it. Read-only for all but the store. */
  group(name: string): StoredGroup | undefined;
  groups(): Iterable<StoredGroup>;
  readonly groupCount: number;
}

export interface StoredGroup {
  readonly name: string;
  readonly metadata: GroupMetadataValue | undefined;
  /** By topic, then by partition. */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<number, OffsetCommitValue>>;
}
