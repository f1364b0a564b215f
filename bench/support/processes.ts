/** Starts the contestants as real processes, and looks at what they use. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Started {
  readonly pid: number;
  /** Milliseconds from the start of the process to the first answer to `firstRequest`. */
  readonly startMs: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Contestant extends Started {
  readonly url: string;
}

export interface StartOptions {
  readonly dataDirectory: string;
  /** Any free one, if not said. */
  readonly kafkaPort?: number;
  /** Runs in front of the command, such as a shell's ulimit. */
  readonly shellPrefix?: string;
  readonly flags?: readonly string[];
}

/** The built form, as the container starts it. */
export async function startMillrace(options: StartOptions): Promise<Contestant> {
  const main = join(root, 'dist', 'main.js');
  if (!existsSync(main)) throw new Error('nothing is built: npm run build');
  const port = await freePort();
  const flags = [
    '--data-dir',
    options.dataDirectory,
    '--http-port',
    `${port}`,
    '--kafka-port',
    `${options.kafkaPort ?? 0}`,
    '--log-level',
    'warn',
  ];
  const args = ['--max-semi-space-size=8', main, 'serve', ...flags, ...(options.flags ?? [])];
  return startServer(args, port, options.shellPrefix);
}

/** The yardstick: a server of the same framework that parses the same body and keeps nothing. */
export function startBareFastify(): Promise<Contestant> {
  return startYardstick('bare-fastify.js');
}

/** The other yardstick: it keeps the body in `file` before it answers, and does nothing else. */
export function startDurableFastify(file: string): Promise<Contestant> {
  return startYardstick('durable-fastify.js', file);
}

async function startYardstick(script: string, ...args: string[]): Promise<Contestant> {
  const port = await freePort();
  const command = [join(root, 'bench', 'support', script), String(port), ...args];
  return startServer(command, port);
}

async function startServer(
  args: readonly string[],
  port: number,
  shellPrefix?: string,
): Promise<Contestant> {
  const url = `http://127.0.0.1:${port}`;
  const command = process.execPath;
  const firstRequest = (): Promise<void> => produceFirst(url);
  const prefix = shellPrefix === undefined ? {} : { shellPrefix };
  return { url, ...(await startProcess({ command, args, firstRequest, ...prefix })) };
}

const FIRST_BODY = JSON.stringify({ records: [{ value: 1 }] });

async function produceFirst(url: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/topics/first`, { method: 'POST', body: FIRST_BODY, headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${answer.status} instead of an answer`);
}

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Asked again and again; rejects as long as nobody listens. */
  readonly firstRequest: () => Promise<void>;
  readonly shellPrefix?: string;
}

export async function startProcess(options: ProcessOptions): Promise<Started> {
  const { command, args, firstRequest, shellPrefix } = options;
  const startedAt = performance.now();
  const child =
    shellPrefix === undefined
      ? spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
      : spawn('sh', ['-c', `${shellPrefix}; exec "$0" "$@"`, command, ...args], {
          stdio: ['ignore', 'inherit', 'inherit'],
        });
  running.add(child);
  child.once('exit', () => running.delete(child));
  await untilServed(firstRequest, child);
  return {
    pid: child.pid as number,
    startMs: performance.now() - startedAt,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

/** A run that fails leaves none behind. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Asks again at once: a pause between two tries would be part of what is measured. */
async function untilServed(request: () => Promise<void>, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with code ${child.exitCode}`);
    try {
      return await request();
    } catch {
      // Nobody listens yet.
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** Resident memory in MiB: now, and the highest so far. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}

/** On the disk that is measured: the working directory's, unless BENCH_DIR names another. */
export async function inTemporaryDirectory<T>(task: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(process.env['BENCH_DIR'] ?? root, '.bench-'));
  try {
    return await task(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
