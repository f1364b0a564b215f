/**
 * One process owns a data directory.
 *
 * The guarantee is the lock on `owner.db`, a SQLite file that holds nothing: the kernel frees it at
 * kill -9, keeps it while the owner is merely stopped, and refuses a second process at once. The
 * kernel also drops it as soon as this process closes any other descriptor of that file, so
 * nothing else ever opens it.
 *
 * `owner.lock`, proper-lockfile's directory, is the courtesy beside it, for a disk shared with
 * another machine whose kernel knows nothing of this lock. `owner.json` says who owns, or owned,
 * the directory and how that ended.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import lockfile from 'proper-lockfile';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import type { Log } from '../model/log.ts';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import type { HostFacts } from './host.ts';
import type { PreviousRun } from './recovery.ts';
import { readWholeFile, replaceFile } from './replace-file.ts';

export interface OwnerLock {
  /** How the owner before this one ended. */
  readonly previousRun: PreviousRun;
  /** Says that everything ended in order, and frees the directory. */
  release(): Promise<void>;
}

export interface OwnerLockOptions {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: HostFacts;
}

interface OwnerFile {
  readonly host: string;
  readonly boot_id?: string;
  readonly pid: number;
  readonly since: string;
  /** Set when the owner has ended in order. */
  readonly released?: string;
}

/** Without a sign of life for so long, an owner on another machine counts as gone. */
const STALE_MS = 30_000;

const SQLITE_BUSY = 5;

/** Rejects with DATA_DIRECTORY_IN_USE, naming who has it. */
export async function acquireOwnerLock(options: OwnerLockOptions): Promise<OwnerLock> {
  const { directory, files } = options;
  const path = join(directory, 'owner.json');
  const previous = await readOwnerFile(files, path);
  const kernelLock = lockKernel(directory, previous);
  try {
    const unlock = await lockCourtesy(options, previous);
    const current = describeSelf(options);
    await replaceFile(files, path, encode(current));
    return {
      previousRun: previousRunOf(previous, options.host),
      async release() {
        const released = new Date(options.clock.wallMs()).toISOString();
        await replaceFile(files, path, encode({ ...current, released }));
        await unlock();
        kernelLock.close();
      },
    };
  } catch (error) {
    kernelLock.close();
    throw error;
  }
}

function lockKernel(directory: string, previous: OwnerFile | undefined): DatabaseSync {
  const database = new DatabaseSync(join(directory, 'owner.db'));
  try {
    // In this mode the lock that BEGIN takes is kept until the file is closed.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw inUse(directory, previous, 'stop it, or choose another directory with --data-dir');
  }
}

/** Answers the function that frees it. */
async function lockCourtesy(
  options: OwnerLockOptions,
  previous: OwnerFile | undefined,
): Promise<() => Promise<void>> {
  const { directory, log } = options;
  const lock = (staleMs: number): Promise<() => Promise<void>> =>
    lockfile.lock(directory, {
      lockfilePath: join(directory, 'owner.lock'),
      realpath: false,
      stale: staleMs,
      update: STALE_MS / 3,
      onCompromised: (error) => log.warn({ directory, error }, 'owner.lock was taken away'),
    });
  // Its shortest time: whoever held it is known to be gone.
  const isGone = previous === undefined || isKnownToBeGone(previous, options.host);
  try {
    return await lock(STALE_MS);
  } catch (error) {
    if (!hasErrorCode(error, 'ELOCKED')) throw error;
    if (!isGone) {
      const advice = `if it is gone, try again in ${STALE_MS / 1000} s`;
      throw inUse(directory, previous, advice);
    }
  }
  await options.files.removeDir(join(directory, 'owner.lock'));
  return lock(STALE_MS);
}

/**
 * We hold the kernel's lock, so no process of this kernel owns the directory. Only another machine
 * could, whose lock this kernel does not see.
 */
function isKnownToBeGone(previous: OwnerFile, host: HostFacts): boolean {
  if (previous.released !== undefined) return true;
  if (host.bootId !== undefined && previous.boot_id === host.bootId) return true;
  if (previous.host !== host.host) return false;
  // Same machine: rebooted since then, or no boot ids here and the process can be asked for.
  return host.bootId !== undefined || !host.isRunning(previous.pid);
}

function previousRunOf(previous: OwnerFile | undefined, host: HostFacts): PreviousRun {
  if (previous === undefined) return 'none';
  if (previous.released !== undefined) return 'clean';
  const isOtherBoot =
    host.bootId !== undefined && previous.boot_id !== undefined && previous.boot_id !== host.bootId;
  return isOtherBoot ? 'rebooted' : 'same-boot';
}

function describeSelf({ host, clock }: OwnerLockOptions): OwnerFile {
  return {
    host: host.host,
    ...(host.bootId === undefined ? {} : { boot_id: host.bootId }),
    pid: host.pid,
    since: new Date(clock.wallMs()).toISOString(),
  };
}

async function readOwnerFile(files: Files, path: string): Promise<OwnerFile | undefined> {
  const content = await readWholeFile(files, path);
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content.toString()) as OwnerFile;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Nobody knows how the last run ended: the careful answer is an unclean one, on this machine.
    return { host: '', pid: -1, since: '' };
  }
}

function encode(owner: OwnerFile): Buffer {
  return Buffer.from(`${JSON.stringify(owner, null, 2)}\n`);
}

function inUse(directory: string, owner: OwnerFile | undefined, advice: string): MillraceError {
  const isNamed = owner !== undefined && owner.host !== '' && owner.released === undefined;
  const who = isNamed
    ? `process ${owner.pid} on ${owner.host}, since ${owner.since}`
    : 'another process';
  return new MillraceError(
    'DATA_DIRECTORY_IN_USE',
    `data directory ${directory} is in use by ${who}; ${advice}`,
    { retriable: true, details: { directory, ...(isNamed ? { owner } : {}) } },
  );
}
