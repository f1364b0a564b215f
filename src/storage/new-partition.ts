/** The directory of a partition at birth: one empty segment and the checkpoint that knows it. */
import type { Checkpoint } from './checkpoint.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { Files } from './files.ts';
import { checkpointPath } from './log-context.ts';
import { newSegment } from './log-state.ts';
import { writeNewFile } from './replace-file.ts';
import { logPath } from './segment-files.ts';

/** Durable when it resolves, but for the directory's own name in its parent. */
export async function createPartition(files: Files, directory: string): Promise<void> {
  await files.makeDir(directory);
  await writeNewFile(files, logPath(directory, 0), Buffer.alloc(0));
  // Syncs the directory, so the segment's name is durable together with the checkpoint's.
  await writeCheckpoint(files, checkpointPath({ directory }), emptyCheckpoint(0));
}

export function emptyCheckpoint(baseOffset: number): Checkpoint {
  return {
    durableOffset: baseOffset,
    logStartOffset: baseOffset,
    segments: [newSegment(baseOffset)],
    producers: [],
  };
}
