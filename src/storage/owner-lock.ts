/**
 * One process owns a data directory.
 *
 * The guarantee is the kernel's lock (kernel-lock.ts). Beside it stands `owner.lock`, the
 * directory of proper-lockfile, which stays fresh while its owner lives: a courtesy on a disk that
 * is shared with a machine whose kernel knows nothing of our lock. A fresh one is respected only if
 * owner.json names an owner on another machine, and until it has become stale; any other is taken
 * over at once, because the kernel's lock has shown that its holder is gone. Losing it only writes a
 * line to the log. proper-lockfile is worth its place for that: refreshing, staleness, clocks of
 * other machines.
 *
 * Promises, on one machine: after kill -9 the next start works at once; while the owner is stopped,
 * a second start is refused at once.
 */
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import { OWNER_LOCK_REFRESH_MS, OWNER_LOCK_STALE_MS } from '../model/limits.ts';
import type { Log } from '../model/log.ts';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import type { HostFacts } from './host.ts';
import { KERNEL_LOCK_FILE, takeKernelLock } from './kernel-lock.ts';
import type { KernelLock } from './kernel-lock.ts';
import type { LastOwner, Owner, PreviousRun } from './owner-file.ts';
import {
  decodeOwner,
  describeOwner,
  encodeOwner,
  previousRunOf,
  whereaboutsOf,
} from './owner-file.ts';
import { isDiskFull, readWholeFile, removeIfThere, replaceFile } from './replace-file.ts';

export interface OwnerLock {
  /** How the owner before this one ended. */
  readonly previousRun: PreviousRun;
  /**
   * Frees the directory. `clean` tells the next owner that everything ended in order; after
   * `unclean` it takes the same care as after a crash.
   */
  release(ending: 'clean' | 'unclean'): Promise<void>;
}

export interface OwnerLockOptions {
  /** Must exist. */
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: HostFacts;
}

const OWNER_FILE = 'owner.json';
const COURTESY_LOCK = 'owner.lock';

/** Rejects with DATA_DIRECTORY_IN_USE, naming who has it, or DATA_DIRECTORY_UNUSABLE. */
export async function acquireOwnerLock(options: OwnerLockOptions): Promise<OwnerLock> {
  const hadOwner = await hasHadOwner(options);
  const kernelLock = takeKernelLock(options.directory);
  if (kernelLock === undefined) throw await inUse(options, await readLastOwner(options, hadOwner));
  try {
    // Not before the lock is ours: until then another one may come, and go without an end in order.
    const last = await readLastOwner(options, hadOwner);
    // It lives, and has lost its lock: somebody has removed `owner.db`.
    if ((await whereaboutsOf(last, options.host)) === 'here') throw await inUse(options, last);
    const courtesyLock = await takeCourtesyLock(options, last);
    try {
      return await becomeOwner(options, last, [courtesyLock, kernelLock]);
    } catch (error) {
      await courtesyLock.free();
      throw error;
    }
  } catch (error) {
    kernelLock.free();
    throw error;
  }
}

async function becomeOwner(
  options: OwnerLockOptions,
  last: LastOwner,
  [courtesyLock, kernelLock]: readonly [CourtesyLock, KernelLock],
): Promise<OwnerLock> {
  const { clock, host } = options;
  const owner = describeOwner(host, clock.wallMs());
  await writeOwner(options, owner);
  return {
    previousRun: previousRunOf(last, host),
    async release(ending) {
      try {
        const released = new Date(clock.wallMs()).toISOString();
        if (ending === 'clean') await writeOwner(options, { ...owner, released });
      } finally {
        await freeBoth(courtesyLock, kernelLock);
      }
    },
  };
}

async function freeBoth(courtesyLock: CourtesyLock, kernelLock: KernelLock): Promise<void> {
  try {
    await courtesyLock.free();
  } finally {
    kernelLock.free();
  }
}

async function hasHadOwner({ files, directory }: OwnerLockOptions): Promise<boolean> {
  const entries = await files.list(directory);
  return entries.some(({ name }) => name === KERNEL_LOCK_FILE);
}

export async function readLastOwner(
  { files, directory }: Pick<OwnerLockOptions, 'files' | 'directory'>,
  hadOwner: boolean,
): Promise<LastOwner> {
  const content = await readWholeFile(files, join(directory, OWNER_FILE));
  if (content !== undefined) return decodeOwner(content);
  return hadOwner ? 'unknown' : 'none';
}

/** Durable, so that also after a power cut nobody takes this run for one that ended in order. */
async function writeOwner(options: OwnerLockOptions, owner: Owner): Promise<void> {
  const { directory, files, log } = options;
  const path = join(directory, OWNER_FILE);
  try {
    await replaceFile(files, path, encodeOwner(owner));
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    // A full disk is no reason not to serve. Without the file the next start takes most care.
    log.warn({ file: path, error }, 'no room to name the owner of the data directory');
    await removeIfThere(files, path);
    await files.syncDir(directory);
  }
}

interface CourtesyLock {
  free(): Promise<void>;
}

async function takeCourtesyLock(options: OwnerLockOptions, last: LastOwner): Promise<CourtesyLock> {
  const path = join(options.directory, COURTESY_LOCK);
  try {
    return await lockCourtesy(options);
  } catch (error) {
    if (isDiskFull(error)) {
      options.log.warn({ file: path, error }, 'no room for owner.lock; the kernel keeps its own');
      return { free: () => Promise.resolve() };
    }
    if (!hasErrorCode(error, 'ELOCKED')) throw error;
    // It is fresh, so it was held a moment ago.
    if ((await whereaboutsOf(last, options.host)) === 'elsewhere') throw await inUse(options, last);
  }
  await options.files.removeDir(path);
  try {
    return await lockCourtesy(options);
  } catch (error) {
    // Whoever was faster has no kernel lock here: another machine, and no word from it yet.
    throw hasErrorCode(error, 'ELOCKED') ? await inUse(options, 'unknown') : error;
  }
}

async function lockCourtesy({ directory, log }: OwnerLockOptions): Promise<CourtesyLock> {
  const path = join(directory, COURTESY_LOCK);
  let isHeld = true;
  const unlock = await lockfile.lock(directory, {
    lockfilePath: path,
    realpath: false,
    stale: OWNER_LOCK_STALE_MS,
    update: OWNER_LOCK_REFRESH_MS,
    // The default throws out of a timer. This may also be called late, after the release.
    onCompromised(error) {
      if (isHeld) log.error({ file: path, error }, 'owner.lock was taken from this process');
      isHeld = false;
    },
  });
  return {
    async free() {
      // Once it was taken, what stands there is another's.
      const mustUnlock = isHeld;
      isHeld = false;
      if (mustUnlock) await unlock();
    },
  };
}

/** Whether somebody, perhaps on another machine, has shown a sign of life there lately. */
export function isCourtesyLockFresh(directory: string): Promise<boolean> {
  const lockfilePath = join(directory, COURTESY_LOCK);
  return lockfile.check(directory, { lockfilePath, realpath: false, stale: OWNER_LOCK_STALE_MS });
}

/** The refusal, saying who has the directory and what can be done. */
export async function inUse(
  options: Pick<OwnerLockOptions, 'directory' | 'host'>,
  last: LastOwner,
): Promise<MillraceError> {
  const { directory, host } = options;
  const where = await whereaboutsOf(last, host);
  const owner = typeof last === 'object' && where !== 'nowhere' ? last : undefined;
  const who =
    owner === undefined
      ? 'another process, which has not said who it is'
      : `process ${owner.pid} on host ${owner.host} since ${owner.since}`;
  const advice =
    where === 'elsewhere'
      ? `stop it there; if that machine is gone, a start works ${OWNER_LOCK_STALE_MS / 1_000} s after its last sign of life`
      : 'stop it, or choose another directory with --data-dir';
  const facts = owner && { host: owner.host, pid: owner.pid, since: owner.since };
  const wait = where === 'elsewhere' && { stale_after_ms: OWNER_LOCK_STALE_MS };
  return new MillraceError(
    'DATA_DIRECTORY_IN_USE',
    `data directory ${directory} is in use by ${who}; ${advice}`,
    { retriable: true, details: { directory, ...facts, ...wait } },
  );
}
