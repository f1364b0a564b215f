/**
 * Keeps the groups in one log, `groups/0` of the data directory: the same kind of log as any
 * partition's, holding Kafka's own `__consumer_offsets` records, and beside it the live table.
 *
 * It promises: a change is durable before it is in the table; changes come into the table in the
 * order of their offsets, so that the table is always what a restart would find; the log stays in
 * proportion to what is live (commit-log-shrinker.ts).
 *
 * A log that is damaged or cannot be read whole does not keep the server from starting: what is
 * known is served, and nothing is appended. Then `isComplete` is false, and who finds nothing in
 * the table must not take it for "never committed".
 */
import { encodeGroupRecord } from '../../codec/group-records.ts';
import type { GroupRecord } from '../../codec/group-records.ts';
import type { Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import { COMMIT_LOG_BYTES_MAX } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import type { PartitionState } from '../../model/partition-state.ts';
import { NO_HEADERS } from '../../model/record.ts';
import { recordsInput } from '../../storage/log-appender.ts';
import type { RecordsInput } from '../../storage/log-appender.ts';
import type { AppendResult } from '../../storage/pending-flush.ts';
import { shuttingDown } from '../refusals.ts';
import { openCommitLogPartition } from './commit-log-partition.ts';
import type { CommitLogPlace } from './commit-log-partition.ts';
import { CommitLogShrinker } from './commit-log-shrinker.ts';
import { writeSnapshot } from './group-snapshot.ts';
import type { PendingChanges } from './group-snapshot.ts';
import type { GroupStore, StoredGroup } from './group-store.ts';
import { GroupTable } from './group-table.ts';
import { loadGroupTable } from './group-table-load.ts';
import type { Partition } from './partition.ts';

export interface CommitLogOptions {
  readonly place: CommitLogPlace;
  readonly clock: Clock;
  readonly log: Log;
  /** Size beyond which the log is shrunk, and of its segments: smaller in tests. */
  readonly bytesMax?: number;
  readonly segmentBytes?: number;
}

export interface CommitLogStats {
  /** Of the log on disk. */
  readonly bytes: number;
  /** Live ones: committed offsets, and groups' metadata. */
  readonly records: number;
  readonly state: PartitionState;
  /** Why it is not online, for people. */
  readonly reason: string | undefined;
  /** Whether everything that was ever acknowledged is in the table. */
  readonly isComplete: boolean;
}

export class CommitLog implements GroupStore {
  readonly #options: CommitLogOptions;
  readonly #partition: Partition;
  readonly #shrinker: CommitLogShrinker;
  /** Appends that have their place in the log, in order, and are not yet in the table. */
  readonly #pending = new Set<PendingChanges>();
  #table = new GroupTable();
  /** The end of what is in the table. */
  #appliedOffset = 0;
  /** Why something may be missing in the table. */
  #missing: string | undefined;
  /** Records that a newer version wrote. They are kept, so nothing is. */
  #unknownCount = 0;
  #closing: Promise<void> | undefined;

  /** Recovers what is there. Rejects for nothing that the disk does: then it opens offline. */
  static async open(options: CommitLogOptions): Promise<CommitLog> {
    const opened = new CommitLog(options, await openCommitLogPartition(options));
    await opened.#load();
    return opened;
  }

  private constructor(options: CommitLogOptions, partition: Partition) {
    this.#options = options;
    this.#partition = partition;
    this.#shrinker = new CommitLogShrinker({
      partition,
      clock: options.clock,
      log: options.log,
      bytesMax: options.bytesMax ?? COMMIT_LOG_BYTES_MAX,
      liveBytes: () => this.#table.bytes,
      isComplete: () => this.#missing === undefined && this.#unknownCount === 0,
      writeSnapshot: (isStopped) =>
        writeSnapshot({
          table: this.#table,
          pending: this.#pending,
          appliedOffset: () => this.#appliedOffset,
          append: (records) => this.#append(records, 'piece'),
          isStopped,
        }),
    });
    partition.onChange(() => this.#shrinker.look());
  }

  get groupCount(): number {
    return this.#table.groupCount;
  }

  group(name: string): StoredGroup | undefined {
    return this.#table.group(name);
  }

  groups(): Iterable<StoredGroup> {
    return this.#table.groups();
  }

  append(records: readonly GroupRecord[]): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(shuttingDown({ written: 'no' }));
    return records.length === 0 ? Promise.resolve() : this.#append(records, 'change');
  }

  stats(): CommitLogStats {
    const { bytes, state, reason } = this.#partition;
    const missing = this.#missing;
    return {
      bytes,
      records: this.#table.recordCount,
      state: missing !== undefined && state === 'online' ? 'offline' : state,
      reason: reason ?? missing,
      isComplete: missing === undefined,
    };
  }

  /** What time brings: a repair that waited for room, another try of what has failed. */
  async housekeep(given: { readonly clockIsSteady: boolean }): Promise<number> {
    const segmentsRemoved = await this.#partition.housekeep(given);
    if (this.#missing !== undefined && this.#partition.state === 'online') await this.#load();
    this.#shrinker.look();
    return segmentsRemoved;
  }

  /** Resolves when nothing is done in the background. */
  idle(): Promise<void> {
    return this.#shrinker.idle();
  }

  /** Flushes what waits, leaves a checkpoint. Later calls are refused. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#shrinker.stop();
    await this.#partition.close();
  }

  /** Nothing is appended until it is through, so it may be done again. */
  async #load(): Promise<void> {
    const { table, unknownCount, fault } = await loadGroupTable(this.#partition);
    const { state, reason, highWatermark } = this.#partition;
    this.#table = table;
    this.#appliedOffset = highWatermark;
    this.#unknownCount = unknownCount;
    this.#missing = fault ?? (state === 'online' ? undefined : reason);
    this.#tellLoaded();
  }

  #tellLoaded(): void {
    const { log } = this.#options;
    const facts = { groups: this.groupCount, ...this.stats() };
    if (this.#missing !== undefined) log.error(facts, 'committed offsets may be missing');
    else log.debug(facts, 'the log of the groups was read');
    if (this.#unknownCount === 0) return;
    log.warn(
      { records: this.#unknownCount },
      'the log of the groups holds records of a newer version; it is kept whole and not shrunk',
    );
  }

  /** A hot path: tens of thousands of commits a second. A piece says nothing new to the table. */
  #append(records: readonly GroupRecord[], kind: 'change' | 'piece'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const changes: PendingChanges = { records, done: promise };
    const waiter = {
      acknowledged: ({ baseOffset, count }: AppendResult): void => {
        this.#appliedOffset = baseOffset + count;
        if (kind === 'change') {
          for (const record of records) this.#table.apply(record);
          this.#pending.delete(changes);
        }
        resolve();
      },
      failed: (error: MillraceError): void => {
        this.#pending.delete(changes);
        reject(aboutTheLog(error));
      },
    };
    try {
      const input = this.#inputOf(records);
      this.#partition.check(input);
      if (this.#missing !== undefined) throw notReadWhole(this.#missing);
      this.#partition.append(input, waiter);
      if (kind === 'change') this.#pending.add(changes);
    } catch (error) {
      reject(error instanceof MillraceError ? aboutTheLog(error) : error);
    }
    return promise;
  }

  #inputOf(records: readonly GroupRecord[]): RecordsInput {
    const timestamp = this.#options.clock.wallMs();
    return recordsInput(
      records.map((record) => {
        const { key, value } = encodeGroupRecord(record);
        return { key, value, headers: NO_HEADERS, timestamp };
      }),
    );
  }
}

/** Its own words speak of a partition, and the caller knows of none. */
function aboutTheLog(error: MillraceError): MillraceError {
  const { code, retriable, written, details } = error;
  return new MillraceError(code, `the log of committed offsets: ${error.message}`, {
    retriable,
    ...(written && { written }),
    details,
    cause: error.cause,
  });
}

function notReadWhole(reason: string): MillraceError {
  return new MillraceError('KAFKA_STORAGE_ERROR', `it could not be read whole: ${reason}`, {
    written: 'no',
    retriable: true,
    details: { reason },
  });
}
