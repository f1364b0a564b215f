/**
 * Gets the indexes of a segment: the active one's from the state, a closed one's from the cache,
 * from its files, or, if those are doubtful, from the segment itself. Deleting every index file
 * changes no answer.
 */
import { assertDiskError } from './disk-errors.ts';
import { loadIndexes, NO_INDEX_FILES, saveIndexes } from './index-files.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import type { LiveSegment } from './log-state.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import type { SegmentIndexes } from './segment.ts';

export async function indexesOf(
  context: LogContext,
  segment: LiveSegment,
): Promise<SegmentIndexes> {
  if (segment === context.state.active) return context.state.activeIndexes;
  return context.shared.indexes.get(
    segmentPath(context, segment.baseOffset),
    async () =>
      (await loadIndexes(context.files, context.directory, segment)) ?? rebuild(context, segment),
  );
}

/** What cost a read of the whole segment is kept, so that it costs it once. */
async function rebuild(context: LogContext, segment: LiveSegment): Promise<SegmentIndexes> {
  const { files, directory, log } = context;
  const rebuilt = await rebuildIndexes(context, segment);
  // Otherwise the segment is damaged, and the indexes lead as far as it is intact.
  if (rebuilt.logBytes !== segment.bytes) return rebuilt;
  const saving = saveIndexes(files, directory, segment.baseOffset, rebuilt, NO_INDEX_FILES);
  try {
    await saving.written;
    // Known to the next checkpoint.
    segment.index = saving.facts;
  } catch (error) {
    assertDiskError(error);
    log.warn({ directory, segment: segment.baseOffset, error }, 'index files were not saved');
  }
  return rebuilt;
}
