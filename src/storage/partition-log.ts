/**
 * One partition's log: append, read, trim, recover. What the parts promise stands in their files:
 * log-appender.ts, log-writer.ts, log-reader.ts, log-trimmer.ts, recovery.ts; the drawings and
 * the crash cases in README.md.
 */
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { PartitionState } from '../model/partition-state.ts';
import type { TopicConfig } from '../model/topic-config.ts';
import { Checkpointer } from './checkpointer.ts';
import { assertDiskError } from './disk-errors.ts';
import { markFenced } from './fence.ts';
import type { Files } from './files.ts';
import { LogAppender } from './log-appender.ts';
import type { AppendInput } from './log-appender.ts';
import type { AppendWaiter } from './pending-flush.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { LogReader } from './log-reader.ts';
import type { LogShared } from './log-shared.ts';
import { LogStatus } from './log-status.ts';
import { LogTrimmer } from './log-trimmer.ts';
import { LogWriter } from './log-writer.ts';
import { createPartition } from './new-partition.ts';
import type { OpenFiles } from './open-files.ts';
import type { PreviousRun } from './owner-file.ts';
import { recoverLog } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { Tail } from './tail-cache.ts';
import { findByTimestamp } from './time-lookup.ts';
import type { TimedOffset } from './time-lookup.ts';

export interface PartitionLogOptions {
  readonly directory: string;
  readonly files: Files;
  readonly openFiles: OpenFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly shared: LogShared;
  readonly config: TopicConfig;
  /** How the data directory's last owner ended. */
  readonly previousRun: PreviousRun;
}

export class PartitionLog {
  readonly #options: PartitionLogOptions;
  readonly #context: LogContext;
  readonly #checkpointer: Checkpointer;
  readonly #writer: LogWriter;
  readonly #appender: LogAppender;
  readonly #reader: LogReader;
  readonly #trimmer: LogTrimmer;
  readonly #listeners = new Set<() => void>();
  #repairIsPending: boolean;
  #closing: Promise<void> | undefined;

  /** Makes the files of a new, empty partition and opens it. */
  static async create(options: PartitionLogOptions): Promise<PartitionLog> {
    await createPartition(options.files, options.directory);
    return PartitionLog.open(options);
  }

  /**
   * Recovers what is there. Damage does not throw: the partition opens offline and says why.
   * Rejects only when the file system itself fails (EIO, EACCES).
   */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const status = new LogStatus();
    return new PartitionLog(options, status, await recoverLog({ ...options, status }));
  }

  private constructor(options: PartitionLogOptions, status: LogStatus, recovered: Recovered) {
    this.#options = options;
    this.#repairIsPending = recovered.repairIsPending;
    this.#context = {
      directory: options.directory,
      files: options.files,
      openFiles: options.openFiles,
      clock: options.clock,
      log: options.log,
      shared: options.shared,
      config: options.config,
      tail: new Tail(options.shared.tail),
      status,
      state: recovered.state,
      changed: () => {
        for (const listener of this.#listeners) listener();
      },
    };
    this.#checkpointer = new Checkpointer(this.#context);
    this.#writer = new LogWriter(this.#context, this.#checkpointer);
    this.#appender = new LogAppender(this.#context, this.#writer);
    this.#reader = new LogReader(this.#context);
    this.#trimmer = new LogTrimmer(this.#context, this.#checkpointer);
  }

  get logStartOffset(): number {
    return this.#context.state.logStartOffset;
  }

  get durableOffset(): number {
    return this.#context.state.durableOffset;
  }

  get highWatermark(): number {
    return this.#context.state.highWatermark;
  }

  get logEndOffset(): number {
    return this.#context.state.logEndOffset;
  }

  /** Of its segments. */
  get bytes(): number {
    return this.#context.state.bytes;
  }

  get segmentCount(): number {
    return this.#context.state.segments.length;
  }

  /** Bytes made readable since it was opened: tells a waiting reader when enough may be there. */
  get bytesAppended(): number {
    return this.#context.state.bytesAppended;
  }

  /** Of all records in segments that are still kept; -1 when there is none. */
  get largestTimestamp(): number {
    const { segments, logStartOffset } = this.#context.state;
    let largest = -1;
    for (const { endOffset, maxTimestamp } of segments) {
      if (endOffset > logStartOffset) largest = Math.max(largest, maxTimestamp);
    }
    return largest;
  }

  get state(): PartitionState {
    return this.#context.status.state;
  }

  /** Why it is not online, for people. */
  get reason(): string | undefined {
    return this.#context.status.reason;
  }

  setConfig(config: TopicConfig): void {
    this.#context.config = config;
    const { state, status } = this.#context;
    // What the weaker mode left unsynced may now be promised more.
    if (state.durableOffset < state.highWatermark && !status.isEnded) void this.#writer.syncAll();
  }

  /** Throws the refusal of `input`, with `written: 'no'`; changes nothing. Synchronous. */
  check(input: AppendInput): void {
    this.#appender.check(input);
  }

  /**
   * Appends what `check` let pass in this same turn; `waiter` is told when it is acknowledged or
   * has failed. A callback, because a promise of each append is a good part of a small one's cost.
   */
  append(input: AppendInput, waiter: AppendWaiter): void {
    this.#appender.append(input, waiter);
  }

  /**
   * Whole batches from the one that holds `offset`, below the high watermark: at least one, no
   * more than fit `bytesMax`, none at the high watermark itself. In a gap that a repair has left,
   * from the first batch behind it; none if there is none. Shared: not to be written to.
   * Throws or rejects with OFFSET_OUT_OF_RANGE or KAFKA_STORAGE_ERROR.
   */
  read(offset: number, bytesMax: number): Buffer | Promise<Buffer> {
    return this.#reader.read(offset, bytesMax);
  }

  /** The first record at or above the timestamp; undefined when all are older. */
  offsetForTimestamp(timestampMs: number): Promise<TimedOffset | undefined> {
    return findByTimestamp(this.#context, this.#reader, timestampMs);
  }

  /** Moves the log start up to `beforeOffset` (-1 = the high watermark); answers where it is now. */
  async deleteRecords(beforeOffset: number): Promise<number> {
    const { state } = this.#context;
    const before = beforeOffset === -1 ? state.highWatermark : beforeOffset;
    if (before > state.highWatermark) {
      throw new MillraceError(
        'OFFSET_OUT_OF_RANGE',
        `records before offset ${before} cannot be deleted: the high watermark is ${state.highWatermark}`,
        { details: { offset: before, high_watermark: state.highWatermark } },
      );
    }
    if (before > state.durableOffset) await this.#writer.syncAll();
    return this.#trimmer.deleteRecords(Math.min(before, state.durableOffset));
  }

  /**
   * What time brings: a repair that waited for room, the roll of an old segment, retention,
   * forgotten producers. By a clock that has just jumped nothing can be called old: then the
   * repair alone. Answers how many segments left. Rejects with what the file system says; the next
   * call tries again.
   */
  async housekeep({ clockIsSteady }: { readonly clockIsSteady: boolean }): Promise<number> {
    const { status, clock } = this.#context;
    if (status.isEnded) return 0;
    if (this.#repairIsPending) await this.#trimmer.exclusively(() => this.#retryRepair());
    if (!clockIsSteady) return 0;
    this.#context.state.producers.expire(clock.wallMs());
    if (status.state === 'online') await this.#writer.rollIfOld();
    return this.#trimmer.retain();
  }

  /** Called after the high watermark or the log start moved or the state changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Flushes what waits, syncs, leaves a checkpoint. Later calls are refused. Idempotent. Rejects
   * when a fenced partition could not be marked: that must not pass for a stop in order.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The topic is being deleted: ends everything at once and lets go of the files. */
  async discard(): Promise<void> {
    const { status, tail } = this.#context;
    status.end('discarded');
    this.#context.changed();
    await this.#writer.abort(status.endedError() as MillraceError);
    await this.#trimmer.idle();
    await this.#checkpointer.idle();
    tail.clear();
    await this.#forgetFiles();
  }

  async #close(): Promise<void> {
    const { status, log, directory } = this.#context;
    status.end('closed');
    this.#context.changed();
    await this.#writer.stop();
    await this.#trimmer.idle();
    try {
      // A partition that is not online keeps the checkpoint that recovery will need.
      if (status.state === 'online') await this.#checkpointer.save();
    } catch (error) {
      assertDiskError(error);
      log.warn({ directory, error }, 'no checkpoint at the stop; the next start reads more');
    }
    this.#context.tail.clear();
    await this.#forgetFiles();
    // Without its marker the next start would trust what this one could not bring to the disk.
    await markFenced(this.#context);
  }

  async #forgetFiles(): Promise<void> {
    const { state, openFiles, shared } = this.#context;
    for (const segment of state.segments) {
      const path = segmentPath(this.#context, segment.baseOffset);
      shared.indexes.delete(path);
      await openFiles.forget(path);
    }
  }

  async #retryRepair(): Promise<void> {
    const { status } = this.#context;
    if (status.isEnded) return;
    const recovered = await recoverLog({ ...this.#options, status });
    this.#repairIsPending = recovered.repairIsPending;
    // In one turn: nothing may be appended to the state that is given up.
    this.#context.state = recovered.state;
    if (!recovered.repairIsPending) status.healed();
    this.#context.changed();
  }
}
