/**
 * The end of a recovery that mended something: a checkpoint of what was recovered, so that the next
 * start finds no tail, and only then the removal of what that makes superfluous.
 *
 * A failure is no harm, because the repaired files speak for themselves; only the next recovery
 * reads them once more. A failed sync is passed on: it fences.
 */
import { join } from 'node:path';
import { writeCheckpoint } from './checkpoint.ts';
import { assertDiskError, UncertainError } from './disk-errors.ts';
import { saveIndexes } from './index-files.ts';
import { checkpointPath, fencedPath } from './log-context.ts';
import type { LogContext } from './log-context.ts';
import type { LogState } from './log-state.ts';
import { removeIfThere, syncDirectory } from './replace-file.ts';

type SettlePlace = Pick<LogContext, 'directory' | 'files' | 'log'>;

export interface Remains {
  /** Where a checkpoint that was found damaged is to be kept. */
  readonly damagedCheckpoint: string | undefined;
  /** Names of files below the first segment: it had left when the server stopped. */
  readonly leftovers: readonly string[];
}

export async function settle(place: SettlePlace, state: LogState, remains: Remains): Promise<void> {
  const { files, directory, log } = place;
  await saveActiveIndexes(place, state);
  try {
    const path = checkpointPath(place);
    if (remains.damagedCheckpoint !== undefined)
      await files.rename(path, remains.damagedCheckpoint);
    await writeCheckpoint(files, path, {
      durableOffset: state.durableOffset,
      logStartOffset: state.logStartOffset,
      segments: state.segments,
      producers: state.producers.snapshot(state.durableOffset),
    });
    state.bytesSinceCheckpoint = 0;
    // The checkpoint that was read may not have been durable; the one just written is.
    for (const name of remains.leftovers) await removeIfThere(files, join(directory, name));
    await removeIfThere(files, fencedPath(place));
    await syncDirectory(files, directory);
  } catch (error) {
    if (error instanceof UncertainError) throw error;
    assertDiskError(error);
    log.warn({ directory, error }, 'recovery is not settled: the next one begins where this did');
  }
}

async function saveActiveIndexes(place: SettlePlace, state: LogState): Promise<void> {
  const { files, directory, log } = place;
  const { active, activeIndexes } = state;
  const saving = saveIndexes(files, directory, active.baseOffset, activeIndexes, active.index);
  try {
    await saving.written;
    active.index = saving.facts;
  } catch (error) {
    assertDiskError(error);
    log.warn({ directory, segment: active.baseOffset, error }, 'index files were not saved');
  }
}
