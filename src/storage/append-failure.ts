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
 * A sync that fails at the roll fences too (fence.ts), though nothing of this flush was written.
 */
import { MillraceError } from '../model/errors.ts';
import { assertDiskError, certainly, messageOf, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import type { LogContext } from './log-context.ts';
import { segmentPath } from './log-context.ts';
import { isDiskFull } from './replace-file.ts';

export type FlushPhase = 'open' | 'write' | 'sync';

export interface FlushFailure {
  readonly phase: FlushPhase;
  readonly error: unknown;
}

export async function settleFailedFlush(
  context: LogContext,
  { phase, error }: FlushFailure,
): Promise<MillraceError> {
  context.shared.counters.flushErrors += 1;
  try {
    if (phase === 'write') await cutBack(context);
    else if (phase === 'sync' || error instanceof UncertainError) throw error;
    return notWritten(context, error);
  } catch (uncertain) {
    assertDiskError(uncertain);
    await fence(context, uncertain);
    const { state, reason } = context.status;
    return new MillraceError('KAFKA_STORAGE_ERROR', `the partition went offline: ${reason}`, {
      written: phase === 'open' ? 'no' : 'unknown',
      cause: error,
      details: { state, reason },
    });
  }
}

/** Removes what a failed write may have left behind the last good end, durably. */
async function cutBack(context: LogContext): Promise<void> {
  const { baseOffset, bytes } = context.state.active;
  const cut = context.openFiles.use(segmentPath(context, baseOffset), async (file) => {
    await file.truncate(bytes);
    await file.sync();
  });
  await certainly('a failed write could not be taken back', cut);
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

/** For those whose flush had not begun: it never will. */
export function queuedBehind(error: MillraceError): MillraceError {
  return new MillraceError(
    error.code,
    `not begun, because the write before it failed: ${error.message}`,
    { written: 'no', retriable: true, cause: error, details: error.details },
  );
}
