/**
 * Lets the oldest records go: by request (delete-records) or by retention. Segments leave only
 * whole, and the new log start is durable before the first file is removed: a crash in between
 * leaves files below the log start, which the next start removes.
 */
import { MillraceError } from '../model/errors.ts';
import { RETENTION_SEGMENTS_PER_PASS_MAX } from '../model/limits.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { isDiskFull, removeIfThere } from './replace-file.ts';
import { countExpiredSegments } from './retention.ts';
import { offsetIndexPath, timeIndexPath } from './segment-files.ts';
import type { SegmentFacts } from './segment.ts';

export class LogTrimmer {
  readonly #context: LogContext;
  readonly #checkpointer: Checkpointer;
  /** One trimming at a time: two would drop each other's segments. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: LogContext, checkpointer: Checkpointer) {
    this.#context = context;
    this.#checkpointer = checkpointer;
  }

  /** Moves the log start up to `beforeOffset`, which is durable; answers the log start offset. */
  deleteRecords(beforeOffset: number): Promise<number> {
    return this.#inTurn(async () => {
      const { state } = this.#context;
      const refusal = this.#refusal();
      if (refusal !== undefined) throw refusal;
      if (beforeOffset > state.logStartOffset) {
        const apply = (): void => {
          state.logStartOffset = beforeOffset;
          state.check();
        };
        await this.#checkpointer.save({ logStartOffset: beforeOffset, apply });
        this.#context.changed();
        await this.#removeExpired();
      }
      return state.logStartOffset;
    });
  }

  /** One retention pass, bounded; answers how many segments left. */
  retain(): Promise<number> {
    return this.#inTurn(async () => (this.#refusal() === undefined ? this.#removeExpired() : 0));
  }

  async #removeExpired(): Promise<number> {
    const { state, config, clock } = this.#context;
    const count = countExpiredSegments({
      segments: state.segments,
      logStartOffset: state.logStartOffset,
      config,
      nowMs: clock.wallMs(),
      segmentsMax: RETENTION_SEGMENTS_PER_PASS_MAX,
    });
    if (count > 0) await this.#removeOldest(count);
    return count;
  }

  async #removeOldest(count: number): Promise<void> {
    const { state, shared, log, directory } = this.#context;
    const leaving = state.segments.slice(0, count);
    const logStartOffset = Math.max(
      state.logStartOffset,
      (state.segments[count] as SegmentFacts).baseOffset,
    );
    const apply = (): void => {
      state.segments = state.segments.slice(count);
      state.logStartOffset = logStartOffset;
      state.check();
    };
    const change = { logStartOffset, dropSegments: count, apply };
    try {
      await this.#checkpointer.save(change);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // The checkpoint needs room before there is room: the caches of what leaves make it.
      for (const segment of leaving) await this.#removeIndexFiles(segment);
      await this.#checkpointer.save(change);
    }
    this.#context.changed();
    shared.counters.segmentsDeleted += count;
    log.info({ directory, segments: count, logStartOffset }, 'old segments removed');
    await this.#removeFiles(leaving);
  }

  async #removeFiles(leaving: readonly SegmentFacts[]): Promise<void> {
    const { files, openFiles, shared, directory } = this.#context;
    for (const segment of leaving) {
      const path = segmentPath(this.#context, segment.baseOffset);
      shared.indexes.delete(path);
      await openFiles.forget(path);
      await removeIfThere(files, path);
      await this.#removeIndexFiles(segment);
    }
    await files.syncDir(directory);
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
    return status.state === 'offline' ? status.appendRefusal() : undefined;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined); // Told to its own caller.
    return turn;
  }
}
