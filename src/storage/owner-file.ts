/**
 * `owner.json`: who owns a data directory, or owned it last and how that ended.
 *
 *   {
 *     "host": "build-7",
 *     "boot_id": "4e6f...",           missing where the kernel does not tell
 *     "pid": 4711,
 *     "process_start": "8123456",     missing where the kernel does not tell
 *     "since": "2026-02-03T04:05:06.789Z",
 *     "released": "2026-02-03T05:05:06.789Z"    only after an end in order
 *   }
 *
 * It says what is likely, the locks say what is: nothing here gives the directory to anybody.
 */
import type { HostFacts } from './host.ts';
import { parseStoredJson } from './stored-json.ts';

export interface Owner {
  readonly host: string;
  readonly boot_id?: string | undefined;
  readonly pid: number;
  readonly process_start?: string | undefined;
  readonly since: string;
  readonly released?: string | undefined;
}

/** `unknown`: the file is unreadable, or missing where there has been an owner. */
export type LastOwner = Owner | 'none' | 'unknown';

export function describeOwner(host: HostFacts, nowMs: number): Owner {
  return {
    host: host.hostName,
    boot_id: host.bootId,
    pid: host.pid,
    process_start: host.processStart,
    since: new Date(nowMs).toISOString(),
  };
}

export function encodeOwner(owner: Owner): Buffer {
  return Buffer.from(`${JSON.stringify(owner, null, 2)}\n`);
}

export function decodeOwner(content: Buffer): Owner | 'unknown' {
  const value = parseStoredJson(content.toString());
  return isOwner(value) ? value : 'unknown';
}

/**
 * How the last owner ended:
 *
 *   none        there was none
 *   clean       in order: everything was made durable
 *   same-boot   not in order, and the kernel's page cache still is the one that it wrote into
 *   rebooted    not in order, but what is read now is what the disk holds
 */
export type PreviousRun = 'none' | 'clean' | 'same-boot' | 'rebooted';

/** On the careful side, `same-boot`, where it is not known. */
export function previousRunOf(last: LastOwner, host: HostFacts): PreviousRun {
  if (last === 'none') return 'none';
  if (last === 'unknown') return 'same-boot';
  if (last.released !== undefined) return 'clean';
  return isOfAnotherBoot(last, host) ? 'rebooted' : 'same-boot';
}

/**
 * Where the last owner could be at work:
 *
 *   here        its process lives on this kernel
 *   elsewhere   on another machine, whose locks this kernel may not see
 *   nowhere     it ended in order, its process is gone, or the machine has been booted since
 *   unsaid      nobody is named, or the process cannot be told from a later one of its number
 */
export type Whereabouts = 'here' | 'elsewhere' | 'nowhere' | 'unsaid';

export async function whereaboutsOf(last: LastOwner, host: HostFacts): Promise<Whereabouts> {
  if (last === 'none' || last === 'unknown') return 'unsaid';
  if (last.released !== undefined) return 'nowhere';
  const isSameHost = last.host === host.hostName;
  if (isOfAnotherBoot(last, host)) return isSameHost ? 'nowhere' : 'elsewhere';
  // Containers of one machine have names of their own; the kernel's boot id is one for all.
  const isThisKernel = last.boot_id !== undefined && last.boot_id === host.bootId;
  if (!isThisKernel && !isSameHost) return 'elsewhere';
  if (last.process_start === undefined) return 'unsaid';
  return (await host.isAlive(last.pid, last.process_start)) ? 'here' : 'nowhere';
}

function isOfAnotherBoot(owner: Owner, host: HostFacts): boolean {
  return owner.boot_id !== undefined && host.bootId !== undefined && owner.boot_id !== host.bootId;
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  const isText = (name: string): boolean => typeof members.get(name) === 'string';
  const isTextOrMissing = (name: string): boolean => isText(name) || !members.has(name);
  return (
    Number.isSafeInteger(members.get('pid')) &&
    ['host', 'since'].every(isText) &&
    ['boot_id', 'process_start', 'released'].every(isTextOrMissing)
  );
}
