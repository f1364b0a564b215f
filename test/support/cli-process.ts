/** The command as a process of its own: what pipes, signals and exit codes are tried on. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { Captured } from './cli-world.ts';

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  readonly out: Captured;
  readonly err: Captured;
  readonly ended: Promise<Ended>;
}

export interface ProcessOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Before `src/main.ts`, for Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** `millrace` with these arguments; it is killed with the test if it has not ended. */
export function startMillrace(
  args: readonly string[],
  { environment = {}, nodeArgs = [] }: ProcessOptions = {},
): CliProcess {
  return watch(
    spawn(process.execPath, [...nodeArgs, 'src/main.ts', ...args], {
      env: { ...process.env, ...environment },
    }),
  );
}

/** A shell line in which `millrace` is the command; the shell's own exit code counts every pipe. */
export function startShell(line: string, { environment = {} }: ProcessOptions = {}): CliProcess {
  const script = `set -o pipefail; millrace() { "$0" src/main.ts "$@"; }; ${line}`;
  return watch(
    spawn('bash', ['-c', script, process.execPath], {
      env: { ...process.env, ...environment },
    }),
  );
}

function watch(child: ChildProcess): CliProcess {
  onTestFinished(() => void child.kill('SIGKILL'));
  const [out, err] = [new Captured(), new Captured()];
  child.stdout?.pipe(out);
  child.stderr?.pipe(err);
  return { child, out, err, ended: endOf(child, out, err) };
}

async function endOf(child: ChildProcess, out: Captured, err: Captured): Promise<Ended> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out: out.text, err: err.text };
}
