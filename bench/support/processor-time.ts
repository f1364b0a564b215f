/**
 * Who was busy while something was measured: processor time from /proc, of a server's threads and of
 * whatever put the load on it, which is this process and the programs it ran meanwhile.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { median, shown } from './report.ts';

/** Shares of one core, 0 to 1 and above. */
export interface Busy {
  readonly server: number;
  /** Of the busiest thread: what cannot use a second core is at its limit with one. */
  readonly serverThread: number;
  readonly client: number;
  readonly clientThread: number;
}

/** Watches from now on; what is answered tells how busy they were until then. */
export function watchProcessors(serverPid: number): () => Busy {
  const before = timesOf(serverPid);
  const beganMs = performance.now();
  return () => {
    const after = timesOf(serverPid);
    const elapsedMs = performance.now() - beganMs;
    const ran = after.childrenMs - before.childrenMs;
    const server = spentBy(after.server, before.server);
    const client = [...spentBy(after.client, before.client), ran];
    return {
      server: sum(server) / elapsedMs,
      serverThread: Math.max(...server) / elapsedMs,
      client: sum(client) / elapsedMs,
      clientThread: Math.max(...client) / elapsedMs,
    };
  };
}

/** From here on one is taken to be at its limit: the rest are the edges of the time watched. */
const AT_LIMIT = 0.9;

/** What kept a contestant from more, in words. */
export function boundOf(turns: readonly Busy[]): string {
  const middle = (what: keyof Busy): number => median(turns.map((each) => each[what]));
  const shares = `server ${percent(middle('server'))}, client ${percent(middle('client'))}`;
  const isServer = middle('serverThread') >= AT_LIMIT;
  const isClient = middle('clientThread') >= AT_LIMIT;
  if (isServer) return `${isClient ? 'server and client' : 'server'} (${shares})`;
  if (isClient) return `client (${shares})`;
  const isMachine = middle('server') + middle('client') >= AT_LIMIT * availableParallelism();
  return `${isMachine ? 'all cores' : 'waiting'} (${shares})`;
}

function percent(share: number): string {
  return `${shown(100 * share)} %`;
}

interface Times {
  /** Milliseconds by thread. */
  readonly server: ReadonlyMap<string, number>;
  readonly client: ReadonlyMap<string, number>;
  /** Of all programs that this process has run and that have ended. */
  readonly childrenMs: number;
}

function timesOf(serverPid: number): Times {
  const [, childrenMs] = timesIn('/proc/self/stat');
  return { server: threadTimes(serverPid), client: threadTimes('self'), childrenMs };
}

function threadTimes(pid: number | 'self'): Map<string, number> {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      times.set(thread, timesIn(`/proc/${pid}/task/${thread}/stat`)[0]);
    } catch (error) {
      // A thread may end at any time.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    }
  }
  return times;
}

/** Milliseconds: its own, and those of its children. The kernel counts in hundredths of a second. */
function timesIn(path: string): [own: number, children: number] {
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ').map(Number) ?? [];
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11);
  return [(user + system) * 10, (childrenUser + childrenSystem) * 10];
}

function spentBy(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): number[] {
  return [...after].map(([thread, time]) => time - (before.get(thread) ?? 0));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}

/** Of a process with all its threads. */
export function processorMsOf(pid: number): number {
  return timesIn(`/proc/${pid}/stat`)[0];
}
