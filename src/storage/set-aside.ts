/**
 * How a segment leaves when the disk is too full for the checkpoint that should say so first: its
 * file is renamed, and the name `.log.deleted`, once durable, says that this segment and all before
 * it have left. Then its room is freed; the empty file stays until a checkpoint knows.
 */
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { syncDirectory } from './replace-file.ts';
import { deletedPath } from './segment-files.ts';
import type { SegmentFacts } from './segment.ts';

/**
 * `gone` is called as soon as the segment has left, and must make that so in memory. The caller
 * takes the oldest segment first, one at a time.
 */
export async function setAside(
  context: LogContext,
  segment: Readonly<SegmentFacts>,
  gone: () => void,
): Promise<void> {
  const { files, openFiles, directory } = context;
  const path = segmentPath(context, segment.baseOffset);
  const aside = deletedPath(directory, segment.baseOffset);
  // In use, so that readers go on with this very file until it is gone for them too.
  await openFiles.use(path, async () => {
    await files.rename(path, aside);
    try {
      await syncDirectory(files, directory);
    } finally {
      gone();
    }
  });
  // Waits for the last reader.
  await openFiles.forget(path);
  const file = await files.open(aside, 'read-write');
  try {
    await file.truncate(0);
  } finally {
    await file.close();
  }
}
