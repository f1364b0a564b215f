/**
 * Writes the live table of the groups behind the commits of their log, so that what stands in
 * front can go. Commits go on meanwhile.
 *
 *     ... commits ... | start  commits  piece  commits  piece ...  commits  last piece | ...
 *
 * It promises: who applies the records from `start` on, or from anywhere before it, has the same
 * table as who applies them all. Because, for each key, by its last change before the end:
 *
 * - It lies at or behind `start`: it is there itself, and no piece behind it says anything older.
 *   A piece is made of the table as it stands when the piece takes its place in the log, and leaves
 *   out every key of which a change has a place already and is not yet in the table.
 * - It lies before `start`: it is in the table when the walk begins and, as nothing changes it,
 *   still when the walk comes by. A value is written then; a tombstone leaves nothing to write, and
 *   nothing behind `start` for it to hide.
 *
 * A change that makes a piece leave its key out must not fail while the piece succeeds. A log
 * fails all that is queued behind a failure; where no piece follows, the change is waited for.
 */
import type { GroupRecord } from '../../codec/group-records.ts';
import type { GroupTable } from './group-table.ts';
import { approximateBytes } from './group-table.ts';

/** Changes of one append that have their place in the log and are not yet in the table. */
export interface PendingChanges {
  readonly records: readonly GroupRecord[];
  /** Rejects when the append fails. */
  readonly done: Promise<void>;
}

export interface SnapshotMeans {
  readonly table: Pick<GroupTable, 'group' | 'groups'>;
  readonly pending: Iterable<PendingChanges>;
  /** The end of what is in the table. */
  readonly appliedOffset: () => number;
  /** Takes a place in the log at once, and resolves when that is durable. */
  readonly append: (records: readonly GroupRecord[]) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** One piece: encoded in about a millisecond, and no burden to the flush that it shares. */
const PIECE_RECORDS_MAX = 1_000;
const PIECE_BYTES_MAX = 262_144;

/**
 * Resolves to `start` when all of it is durable; to undefined when it was stopped. Rejects when an
 * append fails. Either leaves pieces behind that say nothing new.
 */
export async function writeSnapshot(means: SnapshotMeans): Promise<number | undefined> {
  const start = means.appliedOffset();
  const live = liveRecords(means.table);
  for (let isOver = false; !isOver;) {
    if (means.isStopped()) return undefined;
    const pending = [...means.pending];
    const piece: GroupRecord[] = [];
    isOver = fillPiece(piece, live, keysOf(pending));
    if (piece.length > 0) await means.append(piece);
    else await Promise.all(pending.map(({ done }) => done));
  }
  return start;
}

/** Answers whether the walk is over. All in one turn: a piece shows one moment. */
function fillPiece(piece: GroupRecord[], live: Iterator<GroupRecord>, left: PendingKeys): boolean {
  let bytes = 0;
  while (piece.length < PIECE_RECORDS_MAX && bytes < PIECE_BYTES_MAX) {
    const next = live.next();
    if (next.done === true) return true;
    const record = next.value;
    if (left.get(record.group)?.has(keyInGroup(record)) === true) continue;
    piece.push(record);
    bytes += approximateBytes(record);
  }
  return false;
}

/** By group. */
type PendingKeys = ReadonlyMap<string, ReadonlySet<string>>;

function keysOf(pending: readonly PendingChanges[]): PendingKeys {
  const keys = new Map<string, Set<string>>();
  for (const { records } of pending) {
    for (const record of records) {
      let inGroup = keys.get(record.group);
      if (inGroup === undefined) {
        inGroup = new Set();
        keys.set(record.group, inGroup);
      }
      inGroup.add(keyInGroup(record));
    }
  }
  return keys;
}

/** The partition stands first, so that none is equal to that of metadata. */
function keyInGroup(record: GroupRecord): string {
  return record.kind === 'group-metadata' ? 'metadata' : `${record.partition}/${record.topic}`;
}

/**
 * Each value as it is when the walk comes by. The table changes meanwhile: a Map's iterator shows
 * all that was there at the beginning and still is, which is what a snapshot needs. Of groups that
 * came later all records are behind the snapshot's start.
 */
function* liveRecords(table: SnapshotMeans['table']): Generator<GroupRecord, void> {
  for (const group of Array.from(table.groups(), ({ name }) => name)) {
    const found = table.group(group);
    if (found?.metadata !== undefined) {
      yield { kind: 'group-metadata', group, value: found.metadata };
    }
    for (const [topic, partitions] of found?.offsets ?? []) {
      for (const [partition, value] of partitions) {
        yield { kind: 'offset-commit', group, topic, partition, value };
      }
    }
  }
}
