/** Exit codes that scripts can branch on, and the one line that goes with each failure. */
import { ServerError, UnreachableError } from '../client/server-error.ts';
import { MillraceError } from '../model/errors.ts';

export const EXIT = {
  ok: 0,
  /** The server refused, or a check failed. */
  failed: 1,
  usage: 2,
  notFound: 3,
  unreachable: 4,
} as const;

/** For the help texts. */
export const EXIT_CODES = `Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no such topic,
partition or group, 4 server not reachable or stopping, 130 interrupted (143 by
SIGTERM).`;

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

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const;

export type StopSignal = keyof typeof SIGNAL_NUMBERS;

/** The user, or a supervisor, has had enough: why `CliIo.interrupted` fired. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** As shells count it. */
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + SIGNAL_NUMBERS[signal];
  }
}

export interface Ending {
  readonly exitCode: number;
  /** One line for stderr; undefined when there is nothing to say. */
  readonly message?: string;
}

/** What an error means for the user; undefined when it is a fault of ours and should be thrown. */
export function endingOf(error: unknown): Ending | undefined {
  if (error instanceof Interruption) return { exitCode: error.exitCode };
  if (error instanceof UsageError) return { exitCode: EXIT.usage, message: error.message };
  if (error instanceof CommandFailure) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof UnreachableError) {
    const hint = error.mayHaveArrived ? '' : '; is the server running? (millrace serve starts it)';
    return { exitCode: EXIT.unreachable, message: error.message + hint };
  }
  if (error instanceof ServerError || error instanceof MillraceError) {
    return { exitCode: exitCodeOf(error.code), message: `${error.message} (${error.code})` };
  }
  return error instanceof Error ? systemEnding(error) : undefined;
}

function exitCodeOf(code: string): number {
  if (code === 'UNKNOWN_TOPIC_OR_PARTITION' || code === 'GROUP_ID_NOT_FOUND') return EXIT.notFound;
  return code === 'SHUTTING_DOWN' ? EXIT.unreachable : EXIT.failed;
}

/** Files, pipes and terminals; Node's own sentence names the call and the path. */
function systemEnding({ code, message }: NodeJS.ErrnoException): Ending | undefined {
  // The reader of a pipe has enough (`| head`): that is how it says so.
  if (code === 'EPIPE') return { exitCode: EXIT.ok };
  return code !== undefined && /^E[A-Z0-9]+$/.test(code)
    ? { exitCode: EXIT.failed, message }
    : undefined;
}
