/**
 * Opens a partition's directory: from files to a state that may be served.
 *
 * 1. The checkpoint says what was durable. Without a readable one, everything is read.
 * 2. Closed segments are held against it: a wrong length or a missing file is damage.
 * 3. The tail behind it is read batch by batch: at most one checkpoint interval.
 * 4. A torn end, never acknowledged, is cut and kept aside. Anything else that is wrong is
 *    damage: the partition is served as far as it is intact and takes no more writes.
 * 5. What is accepted is made durable (recovery-repair.ts) before it is served or appended to.
 *
 * A full disk in step 5 leaves the partition read-only at the checkpoint's end; calling again
 * tries again. Doing all this twice, or crashing in the middle, changes nothing.
 */
import type { Clock } from '../model/clock.ts';
import type { Log } from '../model/log.ts';
import { messageOf } from './append-failure.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { damageError } from './damage.ts';
import type { Damage } from './damage.ts';
import type { Files } from './files.ts';
import { loadIndexes, NO_INDEX_FILES } from './index-files.ts';
import { checkpointPath, fencedPath } from './log-context.ts';
import { emptyCheckpoint } from './new-partition.ts';
import type { LiveSegment } from './log-state.ts';
import { LogState } from './log-state.ts';
import type { LogStatus } from './log-status.ts';
import type { OpenFiles } from './open-files.ts';
import { ProducerState } from './producer-state.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import { findFileDamage, finishRetention, listPartition, sizeOf } from './recovery-files.ts';
import type { PartitionFiles } from './recovery-files.ts';
import { finishSplit, repairTail } from './recovery-repair.ts';
import { RecoveryState } from './recovery-state.ts';
import { readTail } from './recovery-tail.ts';
import type { Tail } from './recovery-tail.ts';
import { isDiskFull, removeIfThere } from './replace-file.ts';
import { FENCED_FILE, logPath } from './segment-files.ts';
import { SegmentIndexes } from './segment.ts';

/** How the last owner of the data directory ended; see owner-lock.ts. */
export type PreviousRun = 'none' | 'clean' | 'same-boot' | 'rebooted';

export interface RecoveryPlace {
  readonly directory: string;
  readonly files: Files;
  readonly openFiles: OpenFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly status: LogStatus;
  readonly previousRun: PreviousRun;
}

export interface Recovered {
  readonly state: LogState;
  /** A full disk kept the repair from being done; the status is read-only. */
  readonly repairIsPending: boolean;
}

export async function recoverLog(place: RecoveryPlace): Promise<Recovered> {
  const { files, directory } = place;
  const listing = await listPartition(files, directory, FENCED_FILE);
  const checkpoint = await trustedCheckpoint(place, listing);
  if (checkpoint === undefined) return nothingLeft(place);
  await finishRetention(files, directory, listing.segments, checkpoint);
  const damage = await findFileDamage(files, directory, listing.segments, checkpoint);
  if (damage !== undefined) {
    damageError(place, damage);
    const isUsable = !isInLastSegment(checkpoint, damage);
    if (!isUsable) return { state: await stateOf(place, checkpoint), repairIsPending: false };
  }
  return recoverTail(place, listing, checkpoint);
}

async function recoverTail(
  place: RecoveryPlace,
  listing: PartitionFiles,
  checkpoint: Checkpoint,
): Promise<Recovered> {
  const last = checkpoint.segments.at(-1) as LiveSegment;
  const later = listing.segments.filter((each) => each > last.baseOffset);
  const bytes = await sizeOf(place.files, logPath(place.directory, last.baseOffset));
  const hasTail = later.length > 0 || bytes !== last.bytes || listing.isFenced;
  if (!hasTail) return { state: await stateOf(place, checkpoint), repairIsPending: false };
  const rewrite = listing.isFenced || place.previousRun === 'same-boot';
  try {
    if (later.includes(checkpoint.durableOffset)) {
      await finishSplit(place, last.baseOffset, last.bytes);
    }
    const { state, tail } = await scanTail(place, checkpoint, later, rewrite);
    if (tail.damage !== undefined) {
      damageError(place, tail.damage);
      // As it stands on disk: nothing is moved in a damaged partition.
      const asItStands = await scanTail(place, checkpoint, later, false);
      return { state: asItStands.state, repairIsPending: false };
    }
    tellTorn(place, tail);
    if (place.status.state === 'offline') return { state, repairIsPending: false };
    await repairTail(place, tail, rewrite);
    await settle(place, state);
    place.status.healed();
    return { state, repairIsPending: false };
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    place.log.warn({ directory: place.directory, error }, 'no room to mend the tail: read-only');
    place.status.readOnly('the disk is full, and its tail has to be written anew first');
    return { state: await stateOf(place, checkpoint), repairIsPending: true };
  }
}

async function scanTail(
  place: RecoveryPlace,
  checkpoint: Checkpoint,
  later: readonly number[],
  split: boolean,
): Promise<{ state: LogState; tail: Tail }> {
  const last = checkpoint.segments.at(-1) as LiveSegment;
  const builder = new RecoveryState({
    checkpoint,
    activeIndexes: await activeIndexes(place, checkpoint),
    nowMs: place.clock.wallMs(),
    split,
  });
  const tail = await readTail(
    {
      directory: place.directory,
      openFiles: place.openFiles,
      segment: last.baseOffset,
      position: last.bytes,
      offset: checkpoint.durableOffset,
      later,
    },
    (batch, segment) => builder.add(batch, segment),
  );
  for (const piece of tail.pieces) if (piece.from === 0) builder.addSegment(piece.segment);
  return { state: builder.build(), tail };
}

/** Writes the checkpoint of what was recovered, so that the next start finds no tail. */
async function settle(place: RecoveryPlace, state: LogState): Promise<void> {
  const { files, directory, log } = place;
  try {
    await writeCheckpoint(files, checkpointPath(place), {
      durableOffset: state.durableOffset,
      logStartOffset: state.logStartOffset,
      // The index files were not saved: what the older checkpoint knew of them still holds.
      segments: state.segments,
      producers: state.producers.snapshot(state.durableOffset),
    });
    await removeIfThere(files, fencedPath(place));
    await files.syncDir(directory);
  } catch (error) {
    // The repaired files speak for themselves; only the next recovery reads them once more.
    log.warn({ directory, error }, 'no checkpoint was written after recovery');
  }
}

async function trustedCheckpoint(
  place: RecoveryPlace,
  listing: PartitionFiles,
): Promise<Checkpoint | undefined> {
  const path = checkpointPath(place);
  const reading = await readCheckpoint(place.files, path);
  if (reading.kind === 'read') return reading.checkpoint;
  const [first] = listing.segments;
  if (reading.kind === 'damaged') {
    const aside = `${path}.damaged`;
    place.log.error({ file: path, aside, ...reading }, 'damaged checkpoint: reading everything');
    await place.files.rename(path, aside);
  }
  // Everything is tail then. The log start of an earlier delete-records is not known any more.
  return first === undefined ? undefined : emptyCheckpoint(first);
}

/** A partition that the catalogue knows and that has no files: they were taken away. */
function nothingLeft(place: RecoveryPlace): Recovered {
  damageError(place, {
    segment: 0,
    position: 0,
    field: 'segment',
    expected: 'at least one segment file',
    found: 'none, and no checkpoint',
  });
  const checkpoint = emptyCheckpoint(0);
  const segments = checkpoint.segments.map((each) => ({ ...each }));
  const state = new LogState({
    segments,
    activeIndexes: SegmentIndexes.empty(0),
    logStartOffset: 0,
    producers: new ProducerState(),
  });
  return { state, repairIsPending: false };
}

/** The state at the checkpoint's end, whatever stands behind it. */
async function stateOf(place: RecoveryPlace, checkpoint: Checkpoint): Promise<LogState> {
  return new RecoveryState({
    checkpoint,
    activeIndexes: await activeIndexes(place, checkpoint),
    nowMs: place.clock.wallMs(),
    split: false,
  }).build();
}

async function activeIndexes(place: RecoveryPlace, checkpoint: Checkpoint): Promise<SegmentIndexes> {
  const last = checkpoint.segments.at(-1) as LiveSegment;
  const loaded = await loadIndexes(place.files, place.directory, last);
  if (loaded !== undefined) return loaded;
  last.index = NO_INDEX_FILES;
  try {
    return await rebuildIndexes(place, last);
  } catch (error) {
    place.log.error({ directory: place.directory, error }, `no index: ${messageOf(error)}`);
    return SegmentIndexes.empty(last.baseOffset);
  }
}

function isInLastSegment(checkpoint: Checkpoint, damage: Damage): boolean {
  return damage.segment === checkpoint.segments.at(-1)?.baseOffset;
}

function tellTorn(place: RecoveryPlace, tail: Tail): void {
  if (tail.torn === undefined) return;
  const { segment, from, to } = tail.torn;
  place.log.warn(
    { directory: place.directory, segment, position: from, bytes: to - from },
    'a torn tail, never acknowledged, is cut and kept aside',
  );
}
