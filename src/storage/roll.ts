/**
 * Closes the active segment and begins the next one. The order is what makes closed segments
 * durable by construction: the old one is synced (the writer did), the new one is created, the
 * directory is synced, and only then anything is acknowledged into it.
 */
import type { Checkpointer } from './checkpointer.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { removeIfThere } from './replace-file.ts';

/** On failure nothing has changed but perhaps an empty file, which the next attempt replaces. */
export async function rollSegment(context: LogContext, checkpointer: Checkpointer): Promise<void> {
  const { state, files, openFiles, shared, log, directory } = context;
  const closing = state.active;
  const closingPath = segmentPath(context, closing.baseOffset);
  const path = segmentPath(context, closing.endOffset);
  state.activeIndexes.seal(closing);
  await checkpointer.saveIndexes();
  await removeIfThere(files, path);
  const file = await files.open(path, 'create');
  try {
    await files.syncDir(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  await openFiles.adopt(path, file);
  shared.indexes.set(closingPath, state.activeIndexes);
  state.addSegment();
  try {
    await checkpointer.save();
  } catch (error) {
    // Recovery finds the new segment by where the old one ends.
    log.warn({ directory, error }, 'no checkpoint was written at the start of a segment');
  }
}
