/**
 * Keeps servers away from a data directory while it is examined, and leaves no trace: `owner.json`
 * goes on telling how the last server ended. The kernel's lock is held meanwhile; that another
 * machine on a shared disk owns the directory is told by its courtesy lock.
 */
import type { Files } from '../files.ts';
import type { HostFacts } from '../host.ts';
import { KERNEL_LOCK_FILE, takeKernelLock } from '../kernel-lock.ts';
import { previousRunOf, whereaboutsOf } from '../owner-file.ts';
import type { LastOwner, PreviousRun } from '../owner-file.ts';
import { inUse, isCourtesyLockFresh, readLastOwner } from '../owner-lock.ts';

export interface HeldDirectory {
  readonly lastOwner: LastOwner;
  readonly previousRun: PreviousRun;
  free(): void;
}

export interface HeldPlace {
  readonly directory: string;
  readonly files: Files;
  readonly host: HostFacts;
}

/** Rejects with DATA_DIRECTORY_IN_USE, naming who has it, or DATA_DIRECTORY_UNUSABLE. */
export async function holdForExamination(place: HeldPlace): Promise<HeldDirectory> {
  const { directory, files, host } = place;
  const entries = await files.list(directory);
  const hadOwner = entries.some(({ name }) => name === KERNEL_LOCK_FILE);
  // Taking the lock would make its file; without one no server of this machine has the directory.
  const lock = hadOwner ? takeKernelLock(directory) : undefined;
  if (hadOwner && lock === undefined)
    throw await inUse(place, await readLastOwner(place, hadOwner));
  try {
    const lastOwner = await readLastOwner(place, hadOwner);
    const where = await whereaboutsOf(lastOwner, host);
    if (where === 'here') throw await inUse(place, lastOwner);
    if (where === 'elsewhere' && (await isCourtesyLockFresh(directory))) {
      throw await inUse(place, lastOwner);
    }
    return { lastOwner, previousRun: previousRunOf(lastOwner, host), free: () => lock?.free() };
  } catch (error) {
    lock?.free();
    throw error;
  }
}
