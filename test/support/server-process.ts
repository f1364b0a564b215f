/** A real server in a process of its own, on a free port: what kill, stop and limits are tried on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished, TestRunner } from 'vitest';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** What it has logged so far, parsed. */
  readonly log: readonly { readonly [fact: string]: unknown }[];
  /** The exit code; null after SIGKILL. */
  readonly exited: Promise<number | null>;
  /** Sends the signal and answers the same. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServerProcessOptions {
  readonly flags?: readonly string[];
  /** Those of a server that was killed; free ones without. */
  readonly ports?: { readonly http: string; readonly kafka: string };
  /** Runs in the same shell before the server, such as `ulimit -n 1024`. */
  readonly shellPrefix?: string;
  /** For Node itself, before `src/main.ts`: see preloads.ts. */
  readonly nodeArgs?: readonly string[];
}

/** Rejects with what it printed when it ends instead of serving. */
export async function startServerProcess(
  dataDirectory: string,
  { flags = [], ports, shellPrefix = ':', nodeArgs = [] }: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const listen = ['--http-port', ports?.http ?? '0', '--kafka-port', ports?.kafka ?? '0'];
  const serve = ['src/main.ts', 'serve', '--data-dir', dataDirectory, ...listen];
  const command = `${shellPrefix}; exec "$0" "$@"`;
  const child = spawn('sh', ['-c', command, process.execPath, ...nodeArgs, ...serve, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that fails has no chance to stop it; what a hook starts is the hook's to stop.
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const log: { [fact: string]: unknown }[] = [];
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const facts = JSON.parse(line) as { [fact: string]: unknown };
      log.push(facts);
      if (typeof facts['url'] === 'string') resolve(facts['url']);
    });
    child.on('exit', (code, signal) => {
      const how = code === null ? signal : `code ${code}`;
      reject(new Error(`the server ended with ${how}: ${stderr}${JSON.stringify(log)}`));
    });
  });
  return {
    url,
    pid: child.pid as number,
    log,
    exited,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}
