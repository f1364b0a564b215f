/**
 * Takes a partition's checkpoint: saves the active segment's indexes, then replaces the file, one
 * at a time. Index files are caches, so their failure only makes the next start slower; a sync of
 * the checkpoint that fails fences the partition like any other.
 */
import { writeCheckpoint } from './checkpoint.ts';
import type { IndexFileFacts } from './checkpoint.ts';
import { assertDiskError, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import { saveIndexes } from './index-files.ts';
import type { LogContext } from './log-context.ts';
import { checkpointPath } from './log-context.ts';
import type { LiveSegment } from './log-state.ts';

export interface CheckpointChange {
  readonly logStartOffset?: number;
  /** How many of the oldest segments are left out, because they will be removed. */
  readonly dropSegments?: number;
  /** Makes the change true in memory; called when it is durable, before the next checkpoint. */
  readonly apply?: () => void;
}

export class Checkpointer {
  readonly #context: LogContext;
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: LogContext) {
    this.#context = context;
  }

  /**
   * Resolves when a checkpoint of the state at its turn is on stable storage. What `change` says is
   * written first and becomes true only then: a log start is durable before anybody sees it.
   */
  save(change: CheckpointChange = {}): Promise<void> {
    return this.#inTurn(() => this.#save(change));
  }

  /** Saves the indexes of the active segment; on failure the checkpoint keeps the older facts. */
  async saveIndexes(): Promise<void> {
    await this.#inTurn(async () => this.#saveIndexes(this.#context.state.active));
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #save(change: CheckpointChange): Promise<void> {
    const { state, status } = this.#context;
    // The failed sync may have taken names of files that this would tell of, and a later one that
    // succeeds knows nothing of them. The one that is there is what recovery needs.
    status.checkUnfenced();
    // Until the first wait everything is of one moment; a checkpoint that is older than the state
    // is still a true one.
    const { active, durableOffset, durableActive } = state;
    const closed = state.segments.slice(change.dropSegments ?? 0, -1);
    const facts = {
      durableOffset,
      logStartOffset: Math.max(change.logStartOffset ?? 0, state.logStartOffset),
      producers: state.producers.snapshot(durableOffset),
    };
    const row = { ...durableActive };
    const index = await this.#saveIndexes(active);
    try {
      await writeCheckpoint(this.#context.files, checkpointPath(this.#context), {
        ...facts,
        segments: [...closed, { ...row, index }],
      });
    } catch (error) {
      if (error instanceof UncertainError) {
        await fence(this.#context, error);
        this.#context.changed();
      }
      throw error;
    }
    change.apply?.();
  }

  async #saveIndexes(active: LiveSegment): Promise<IndexFileFacts> {
    const { files, directory, state, log } = this.#context;
    const { baseOffset, index } = active;
    const saving = saveIndexes(files, directory, baseOffset, state.activeIndexes, index);
    try {
      await saving.written;
      active.index = saving.facts;
    } catch (error) {
      assertDiskError(error);
      log.warn({ directory, segment: baseOffset, error }, 'index files were not saved');
    }
    return active.index;
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined); // Told to this caller; the next one tries anew.
    return turn;
  }
}
