/**
 * Lets the oldest records go: by request (delete-records) or by retention. Segments leave only
 * whole, and the new log start is durable before the first file is removed: a crash in between
 * leaves files below the log start, which the next start removes. On a disk too full for that the
 * files' own names say it (set-aside.ts).
 */
import { MillraceError } from '../model/errors.ts';
import { RETENTION_SEGMENTS_PER_PASS_MAX } from '../model/limits.ts';
import type { TopicConfig } from '../model/topic-config.ts';
import type { Checkpointer } from './checkpointer.ts';
import { assertDiskError, messageOf, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { isDiskFull, removeIfThere, syncDirectory } from './replace-file.ts';
import { countExpiredSegments } from './retention.ts';
import { deletedPath, offsetIndexPath, timeIndexPath } from './segment-files.ts';
import type { SegmentFacts } from './segment.ts';
import { setAside } from './set-aside.ts';

export class LogTrimmer {
  readonly #context: LogContext;
  readonly #checkpointer: Checkpointer;
  /** One at a time: two would drop each other's segments. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: LogContext, checkpointer: Checkpointer) {
    this.#context = context;
    this.#checkpointer = checkpointer;
  }

  /** Moves the log start up to `beforeOffset`, which is durable; answers the log start offset. */
  deleteRecords(beforeOffset: number): Promise<number> {
    return this.exclusively(async () => {
      const refusal = this.#refusal();
      if (refusal !== undefined) throw refusal;
      const { state } = this.#context;
      const { logStartOffset } = state;
      const config = { ...this.#context.config, ...NO_RETENTION };
      try {
        await this.#trim(Math.max(beforeOffset, logStartOffset), config);
      } catch (error) {
        throw notTrimmed(error, { hasMoved: state.logStartOffset > logStartOffset });
      }
      return state.logStartOffset;
    });
  }

  /** One retention pass, bounded; answers how many segments left. */
  retain(): Promise<number> {
    return this.exclusively(async () => {
      if (this.#refusal() !== undefined) return 0;
      const { state, config } = this.#context;
      return this.#trim(state.logStartOffset, config);
    });
  }

  /** Runs a task that no trimming may come between. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined); // Told to its own caller.
    return turn;
  }

  /** Resolves when nothing is being trimmed. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Answers how many segments left. */
  async #trim(beforeOffset: number, config: TopicConfig): Promise<number> {
    const { state, clock, shared, log, directory } = this.#context;
    const count = countExpiredSegments({
      segments: state.segments,
      logStartOffset: beforeOffset,
      config,
      nowMs: clock.wallMs(),
      segmentsMax: RETENTION_SEGMENTS_PER_PASS_MAX,
    });
    const firstKept = state.segments[count] as SegmentFacts;
    const logStartOffset = Math.max(beforeOffset, firstKept.baseOffset);
    if (count === 0 && logStartOffset === state.logStartOffset) return 0;
    const leaving = state.segments.slice(0, count);
    try {
      await this.#save(count, logStartOffset);
    } catch (error) {
      if (!isDiskFull(error) || count === 0) throw error;
      await this.#makeRoom(leaving);
      await this.#save(0, logStartOffset);
    }
    if (count === 0) return 0;
    shared.counters.segmentsDeleted += count;
    log.info({ directory, segments: count, logStartOffset }, 'old segments removed');
    await this.#removeFiles(leaving);
    return count;
  }

  async #save(dropSegments: number, logStartOffset: number): Promise<void> {
    const apply = (): void => this.#drop(dropSegments, logStartOffset);
    await this.#checkpointer.save({ logStartOffset, dropSegments, apply });
  }

  #drop(segments: number, logStartOffset: number): void {
    const { state } = this.#context;
    state.segments = state.segments.slice(segments);
    state.logStartOffset = logStartOffset;
    state.check();
    this.#context.changed();
  }

  /** On a full disk there is no room for the checkpoint that should come first. */
  async #makeRoom(leaving: readonly SegmentFacts[]): Promise<void> {
    const { state } = this.#context;
    try {
      for (const segment of leaving) {
        await setAside(this.#context, segment, () => {
          this.#drop(1, Math.max(state.logStartOffset, segment.endOffset));
        });
        await this.#removeIndexFiles(segment);
      }
    } catch (error) {
      if (error instanceof UncertainError) await this.#fence(error);
      throw error;
    }
  }

  /** What cannot be removed now is removed at the next start: it is below the checkpoint. */
  async #removeFiles(leaving: readonly SegmentFacts[]): Promise<void> {
    const { files, openFiles, shared, directory, log } = this.#context;
    try {
      for (const segment of leaving) {
        const path = segmentPath(this.#context, segment.baseOffset);
        shared.indexes.delete(path);
        await removeIfThere(files, path);
        await removeIfThere(files, deletedPath(directory, segment.baseOffset));
        // Afterwards: a reader may have opened it once more, and would keep its room taken.
        await openFiles.forget(path);
        await this.#removeIndexFiles(segment);
      }
      await syncDirectory(files, directory);
    } catch (error) {
      assertDiskError(error);
      log.warn({ directory, error }, `files of old segments were left: ${messageOf(error)}`);
      if (error instanceof UncertainError) await this.#fence(error);
    }
  }

  async #fence(error: UncertainError): Promise<void> {
    await fence(this.#context, error);
    this.#context.changed();
  }

  async #removeIndexFiles(segment: SegmentFacts): Promise<void> {
    const { files, directory } = this.#context;
    await removeIfThere(files, offsetIndexPath(directory, segment.baseOffset));
    await removeIfThere(files, timeIndexPath(directory, segment.baseOffset));
  }

  /** A damaged partition keeps every file. */
  #refusal(): MillraceError | undefined {
    const { status } = this.#context;
    const ended = status.endedError();
    if (ended !== undefined) return ended;
    return status.state === 'offline' ? status.offlineError() : undefined;
  }
}

const NO_RETENTION = { retentionMs: -1, retentionBytes: -1 };

/** `hasMoved`: some segments have left, but not all that was asked for. */
function notTrimmed(error: unknown, { hasMoved }: { readonly hasMoved: boolean }): MillraceError {
  assertDiskError(error);
  const isFull = isDiskFull(error);
  const what = hasMoved ? 'not all of these records were deleted' : 'no record was deleted';
  return new MillraceError(
    isFull ? 'DISK_FULL' : 'KAFKA_STORAGE_ERROR',
    `${what}: ${isFull ? 'the disk is full' : error.message}`,
    {
      written: hasMoved || error instanceof UncertainError ? 'unknown' : 'no',
      retriable: isFull,
      cause: error,
    },
  );
}
