/**
 * Closes the active segment and begins the next one. The order is what makes closed segments
 * durable by construction: the old one is synced (the writer did), the new one is created, the
 * directory is synced, and only then anything is acknowledged into it.
 */
import type { Checkpointer } from './checkpointer.ts';
import { hasErrorCode } from './files.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { removeIfThere, syncDirectory } from './replace-file.ts';
import { certainly, UncertainError } from './disk-errors.ts';

/**
 * On failure nothing has changed, or, with `UncertainError`, the partition is to be fenced. All
 * that is readable must be durable.
 */
export async function rollSegment(context: LogContext, checkpointer: Checkpointer): Promise<void> {
  const { state, shared } = context;
  const closing = state.active;
  state.activeIndexes.seal(closing);
  await checkpointer.saveIndexes();
  await createSegment(context, segmentPath(context, closing.endOffset));
  shared.indexes.set(segmentPath(context, closing.baseOffset), state.activeIndexes);
  state.addSegment();
}

async function createSegment({ files, directory }: LogContext, path: string): Promise<void> {
  try {
    const file = await files.open(path, 'create');
    // The sync needs a descriptor, and this may have been the last one.
    await file.close();
    await syncDirectory(files, directory);
  } catch (error) {
    const isOurs = !hasErrorCode(error, 'EEXIST');
    if (isOurs && !(error instanceof UncertainError)) await takeBack({ files, directory }, path);
    throw error;
  }
}

/**
 * The next append may still fit the old segment. A new one that stayed behind, or came back after
 * a power cut, would then stand in the middle of it.
 */
async function takeBack(
  { files, directory }: Pick<LogContext, 'files' | 'directory'>,
  path: string,
): Promise<void> {
  const remove = async (): Promise<void> => {
    if (await removeIfThere(files, path)) await syncDirectory(files, directory);
  };
  await certainly(`${path} could not be taken back`, remove());
}
