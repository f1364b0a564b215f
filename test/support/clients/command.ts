/** Runs another program to its end and keeps what it printed. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Given on standard input. */
  readonly input?: string;
  /** Killed after this long: a client that finds no broker may wait for ever. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** null when a signal ended it; undefined when there is no such program. */
  readonly code: number | null | undefined;
  readonly out: string;
  readonly err: string;
}

const TIMEOUT_MS = 60_000;

export function runCommand(
  command: string,
  args: readonly string[],
  { cwd, environment = {}, input = '', timeoutMs = TIMEOUT_MS }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, ...environment },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  // It may end without having read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    const end = (code: number | null | undefined): void => {
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') end(undefined);
      else reject(error);
    });
    child.on('close', (code) => end(code));
  });
}
