/**
 * Brings a partition back into a defined state after a flush has failed, and says what is known
 * about the bytes that were in it.
 *
 *   failed at   then                                                 answer
 *   open, roll  nothing was written                                  no
 *   write       cut back to the last good end and sync that          no
 *               the cut or its sync fails too: fence                 unknown
 *   sync        fence: the kernel may have dropped the pages         unknown
 *
 * A fenced partition never acknowledges again in this process, and its marker makes the next
 * start distrust the page cache.
 */
import { MillraceError } from '../model/errors.ts';
import type { LogContext } from './log-context.ts';
import { fencedPath, segmentPath } from './log-context.ts';
import { isDiskFull, replaceFile } from './replace-file.ts';

export type FlushPhase = 'open' | 'write' | 'sync';

export interface FlushFailure {
  readonly phase: FlushPhase;
  readonly error: unknown;
}

export async function settleFailedFlush(
  context: LogContext,
  failure: FlushFailure,
): Promise<MillraceError> {
  context.shared.counters.flushErrors += 1;
  if (failure.phase === 'sync') return fence(context, failure.error, 'a sync failed');
  if (failure.phase === 'write') {
    try {
      await cutBack(context);
    } catch (cutError) {
      return fence(context, cutError, 'a failed write could not be taken back');
    }
  }
  return notWritten(context, failure.error);
}

/** Removes what a failed write may have left behind the last good end, durably. */
async function cutBack(context: LogContext): Promise<void> {
  const { baseOffset, bytes } = context.state.active;
  await context.openFiles.use(segmentPath(context, baseOffset), async (file) => {
    await file.truncate(bytes);
    await file.sync();
  });
}

function notWritten(context: LogContext, error: unknown): MillraceError {
  const { directory, log } = context;
  if (isDiskFull(error)) {
    log.warn({ directory, error }, 'the disk is full: produces are refused until there is room');
    return new MillraceError('DISK_FULL', 'the disk is full; nothing of this was written', {
      written: 'no',
      retriable: true,
      cause: error,
    });
  }
  log.error({ directory, error }, 'an append failed and was taken back');
  return new MillraceError('KAFKA_STORAGE_ERROR', `an append failed: ${messageOf(error)}`, {
    written: 'no',
    retriable: true,
    cause: error,
  });
}

async function fence(context: LogContext, error: unknown, what: string): Promise<MillraceError> {
  const { directory, files, log, status } = context;
  const reason = `${what} (${messageOf(error)}); restart the server to recover this partition`;
  status.offline(reason);
  log.error({ directory, error }, `partition fenced: ${what}`);
  try {
    await replaceFile(files, fencedPath(context), Buffer.from(`${reason}\n`));
  } catch (markerError) {
    // Recovery distrusts the page cache after any unclean end in the same boot, marker or not.
    log.error({ directory, error: markerError }, 'the marker of the fenced partition was not written');
  }
  return new MillraceError('KAFKA_STORAGE_ERROR', `the partition went offline: ${reason}`, {
    written: 'unknown',
    cause: error,
    details: { state: status.state, reason },
  });
}

/** For those whose flush had not begun: it never will. */
export function queuedBehind(error: MillraceError): MillraceError {
  return new MillraceError(error.code, `not begun, because the write before it failed: ${error.message}`, {
    written: 'no',
    retriable: true,
    cause: error,
    details: error.details,
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
