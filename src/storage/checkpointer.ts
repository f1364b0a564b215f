/**
 * Takes a partition's checkpoint: saves the active segment's indexes, then replaces the file, one
 * at a time. Index files are caches, so their failure only makes the next start slower.
 */
import { writeCheckpoint } from './checkpoint.ts';
import { saveIndexes } from './index-files.ts';
import type { LogContext } from './log-context.ts';
import { checkpointPath } from './log-context.ts';

export class Checkpointer {
  readonly #context: LogContext;
  #last: Promise<void> = Promise.resolve();

  constructor(context: LogContext) {
    this.#context = context;
  }

  /**
   * Resolves when a checkpoint of the state at its turn is on stable storage. What `change` says is
   * written first and becomes true only then: a log start is durable before anybody sees it.
   */
  save(change: CheckpointChange = {}): Promise<void> {
    const turn = this.#last.then(() => this.#save(change));
    this.#last = turn.catch(() => undefined); // Told to this caller; the next one tries anew.
    return turn;
  }

  /** Saves the indexes of the active segment; on failure the checkpoint keeps the older facts. */
  async saveIndexes(): Promise<void> {
    const { files, directory, state, log } = this.#context;
    const { active, activeIndexes } = state;
    const saving = saveIndexes(files, directory, active.baseOffset, activeIndexes, active.index);
    try {
      await saving.written;
      active.index = saving.facts;
    } catch (error) {
      log.warn({ directory, segment: active.baseOffset, error }, 'index files were not saved');
    }
  }

  async #save(change: CheckpointChange): Promise<void> {
    await this.saveIndexes();
    const { state, files } = this.#context;
    // From here to the encoding nothing waits: the checkpoint is of one moment.
    const closed = state.segments.slice(change.dropSegments ?? 0, -1);
    await writeCheckpoint(files, checkpointPath(this.#context), {
      durableOffset: state.durableOffset,
      logStartOffset: Math.max(change.logStartOffset ?? 0, state.logStartOffset),
      segments: [...closed, { ...state.durableActive, index: state.active.index }],
      producers: state.producers.snapshot(state.durableOffset),
    });
    change.apply?.();
  }
}

export interface CheckpointChange {
  readonly logStartOffset?: number;
  /** How many of the oldest segments are left out, because they will be removed. */
  readonly dropSegments?: number;
  /** Makes the change true in memory; called when it is durable, before the next checkpoint. */
  readonly apply?: () => void;
}
