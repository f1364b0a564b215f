/** Makes the indexes of a segment anew from its batches: one sequential read. */
import type { Log } from '../model/log.ts';
import { scanBatches } from './batch-scan.ts';
import type { OpenFiles } from './open-files.ts';
import { logPath } from './segment-files.ts';
import { addBatch, emptySegment, SegmentIndexes } from './segment.ts';
import type { SegmentFacts } from './segment.ts';

/**
 * Indexes the valid part of the segment. Damage ends the indexing where it is met; who reads
 * there finds it again and tells: the indexes' `logBytes` is less than the segment's then.
 */
export async function rebuildIndexes(
  place: { readonly directory: string; readonly openFiles: OpenFiles; readonly log: Log },
  segment: Readonly<SegmentFacts>,
): Promise<SegmentIndexes> {
  const { baseOffset, bytes } = segment;
  const { directory, log } = place;
  log.warn({ directory, segment: baseOffset }, 'index files are missing or doubtful: rebuilding');
  const indexes = SegmentIndexes.empty(baseOffset);
  const facts = emptySegment(baseOffset);
  await place.openFiles.use(logPath(directory, baseOffset), (file) =>
    scanBatches(
      file,
      { from: 0, to: bytes, expectedOffset: baseOffset, flushStart: baseOffset },
      (batch) => {
        addBatch(facts, batch, -1);
        indexes.add(facts, batch);
      },
    ),
  );
  indexes.seal(facts);
  return indexes;
}
