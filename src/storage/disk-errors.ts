/**
 * What goes wrong with a disk: told apart from our own mistakes, which nobody should handle, and
 * the worst kind by a class of its own.
 */
import { hasErrorCode } from './files.ts';

/**
 * A failure after which nobody knows what is on the disk: a sync that failed (the kernel may have
 * dropped the pages and will call the next sync a success), or a step that could not be taken back.
 * It is never an ordinary state, whatever its code: a partition that meets one is fenced.
 */
export class UncertainError extends Error {
  override readonly name = 'UncertainError';
  /** Node's code of the cause, if it had one. */
  readonly code: unknown;

  constructor(what: string, cause: unknown) {
    super(`${what}: ${messageOf(cause)}`, { cause });
    this.code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  }
}

/** Whatever makes `step` fail leaves the disk uncertain; `what` says what failed then. */
export async function certainly<T>(what: string, step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw error instanceof UncertainError ? error : new UncertainError(what, error);
  }
}

/** Whether this is what the file system said, and no mistake of ours. */
export function isDiskError(error: unknown): error is Error {
  if (error instanceof UncertainError) return true;
  const isSystemCode = /^E[A-Z0-9]+$/; // Node's own codes have underscores.
  return error instanceof Error && isSystemCode.test(String((error as NodeJS.ErrnoException).code));
}

/**
 * Whether the process or the machine had no descriptor left for a call. It has done nothing then: a
 * sync of which this is said was never begun.
 */
export function lacksDescriptor(error: unknown): boolean {
  return hasErrorCode(error, 'EMFILE') || hasErrorCode(error, 'ENFILE');
}

/** For those who handle what a disk does: a mistake of ours is thrown on, to be seen. */
export function assertDiskError(error: unknown): asserts error is Error {
  if (!isDiskError(error)) throw error;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
