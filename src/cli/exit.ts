/** Exit codes that scripts can branch on, and the one line that goes with each failure. */
import { ServerError, UnreachableError } from '../client/server-error.ts';

export const EXIT = {
  ok: 0,
  /** The server refused, or a check failed. */
  failed: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
  /** Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

/** A mistake in the arguments that the parser cannot see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ends a command with a code and a line of its own. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Ending {
  readonly exitCode: number;
  /** For stderr; undefined when there is nothing to say. */
  readonly message?: string;
}

/** What an error means for the user; undefined when it is a fault of ours and should be thrown. */
export function endingOf(error: unknown): Ending | undefined {
  if (error instanceof UsageError) return { exitCode: EXIT.usage, message: error.message };
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof UnreachableError) {
    const message = `${error.message}\nIs the server running? Start it with: millrace serve`;
    return { exitCode: EXIT.unreachable, message };
  }
  if (error instanceof ServerError) {
    const exitCode = error.status === 404 ? EXIT.notFound : EXIT.failed;
    return { exitCode, message: `${error.message} (${error.code})` };
  }
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  // The reader of a pipe has enough (`| head`): that is how it says so.
  if (code === 'EPIPE') return { exitCode: EXIT.ok };
  if (error.name === 'AbortError') return { exitCode: EXIT.interrupted };
  if (code !== undefined && /^E[A-Z]+$/.test(code)) {
    return { exitCode: EXIT.failed, message: error.message };
  }
  return undefined;
}
