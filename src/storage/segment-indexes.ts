/**
 * Gets the indexes of a segment: the active one's from the state, a closed one's from the cache,
 * from its files, or, if those are doubtful, from the segment itself. Deleting every index file
 * changes no answer.
 */
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import type { LiveSegment } from './log-state.ts';
import { loadIndexes } from './index-files.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import type { SegmentIndexes } from './segment.ts';

export async function indexesOf(
  context: LogContext,
  segment: LiveSegment,
): Promise<SegmentIndexes> {
  if (segment === context.state.active) return context.state.activeIndexes;
  const path = segmentPath(context, segment.baseOffset);
  const cached = context.shared.indexes.get(path);
  if (cached !== undefined) return cached;
  const loaded =
    (await loadIndexes(context.files, context.directory, segment)) ??
    (await rebuildIndexes(context, segment));
  context.shared.indexes.set(path, loaded);
  return loaded;
}
