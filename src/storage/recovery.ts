/**
 * Opens a partition's directory: from files to a state that may be served.
 *
 * 1. The checkpoint says what was durable. Without a readable one, everything is read.
 * 2. Closed segments are held against it: a wrong length or a missing file is damage. One in which
 *    a read has met damage is read again.
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
import type { Checkpoint, SegmentRow } from './checkpoint.ts';
import { readCheckpoint } from './checkpoint.ts';
import { damageError } from './damage.ts';
import type { Damage } from './damage.ts';
import { findMarkedDamage } from './damage-marks.ts';
import { assertDiskError, lacksDescriptor, messageOf, UncertainError } from './disk-errors.ts';
import { fence } from './fence.ts';
import type { Files } from './files.ts';
import { loadIndexes, NO_INDEX_FILES } from './index-files.ts';
import { checkpointPath } from './log-context.ts';
import { emptyCheckpoint } from './new-partition.ts';
import type { LiveSegment } from './log-state.ts';
import { LogState } from './log-state.ts';
import type { LogStatus } from './log-status.ts';
import type { OpenFiles } from './open-files.ts';
import type { PreviousRun } from './owner-file.ts';
import { ProducerState } from './producer-state.ts';
import { rebuildIndexes } from './rebuild-indexes.ts';
import {
  findFileDamage,
  leftoversOf,
  listPartition,
  markedIn,
  sizeOf,
  withoutLeft,
} from './recovery-files.ts';
import type { PartitionFiles } from './recovery-files.ts';
import { repairTail, syncTail } from './recovery-repair.ts';
import { settle } from './recovery-settle.ts';
import { RecoveryState } from './recovery-state.ts';
import { readTail } from './recovery-tail.ts';
import type { Tail, TailPiece } from './recovery-tail.ts';
import { isRepairUnfinished, tellGaps } from './repair-traces.ts';
import { isDiskFull, syncDirectory } from './replace-file.ts';
import { logPath } from './segment-files.ts';
import { SegmentIndexes } from './segment.ts';

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
  const listing = await listPartition(files, directory);
  if (isRepairUnfinished(place, listing)) return nothingReadable();
  const known = await knownFrom(place, listing);
  if (known === undefined) return nothingLeft(place);
  const { checkpoint } = known;
  tellGaps(place, checkpoint);
  const damage = await findFileDamage(files, directory, listing.segments, checkpoint);
  if (damage !== undefined) {
    damageError(place, damage);
    if (isInLastSegment(checkpoint, damage)) return atCheckpoint(place, checkpoint);
  }
  const marked = await findMarkedDamage(place, markedIn(listing, checkpoint));
  if (marked !== undefined) damageError(place, marked);
  try {
    // The last thing before an unclean end may have been the rename of the very checkpoint that is
    // read here: what is served from now on must not depend on a name that a power cut takes back.
    if (place.previousRun !== 'clean') await syncDirectory(files, directory);
    if (await isAtItsEnd(place, listing, known)) return await atCheckpoint(place, checkpoint);
    return { state: await recoverTail(place, listing, known), repairIsPending: false };
  } catch (error) {
    // A sync that was never begun is in no doubt: another try does everything again.
    if (lacksDescriptor(error)) throw error;
    if (error instanceof UncertainError) await fence(place, error);
    else if (!isDiskFull(error)) throw error;
    else {
      place.log.warn({ directory, error }, 'no room to mend the tail: read-only');
      place.status.readOnly('the disk is full, and its tail has to be written anew first');
    }
    return { ...(await atCheckpoint(place, checkpoint)), repairIsPending: isDiskFull(error) };
  }
}

/** Whether the files end where the checkpoint does, and nothing is left to be done. */
async function isAtItsEnd(
  place: RecoveryPlace,
  listing: PartitionFiles,
  { checkpoint, damaged }: Known,
): Promise<boolean> {
  const last = checkpoint.segments.at(-1) as SegmentRow;
  if (listing.isFenced || damaged !== undefined) return false;
  if (listing.segments.at(-1) !== last.baseOffset) return false;
  if (leftoversOf(listing, checkpoint).length > 0) return false;
  return (await sizeOf(place.files, logPath(place.directory, last.baseOffset))) === last.bytes;
}

async function recoverTail(
  place: RecoveryPlace,
  listing: PartitionFiles,
  known: Known,
): Promise<LogState> {
  const { checkpoint } = known;
  const last = checkpoint.segments.at(-1) as SegmentRow;
  const later = listing.segments.filter((each) => each > last.baseOffset);
  if (place.status.state === 'offline') return asItStands(place, checkpoint, later);
  const rewrite = listing.isFenced || place.previousRun === 'same-boot';
  const { state, tail } = await scanTail(place, checkpoint, { later, rewrite });
  if (tail.damage !== undefined) {
    damageError(place, tail.damage);
    return asItStands(place, checkpoint, later);
  }
  tellTorn(place, tail);
  await repairTail(place, tail, rewrite);
  await settle(place, state, {
    damagedCheckpoint: known.damaged,
    leftovers: leftoversOf(listing, checkpoint),
  });
  return state;
}

/** Nothing is moved or cut in a damaged partition; what is intact is made durable and served. */
async function asItStands(
  place: RecoveryPlace,
  checkpoint: Checkpoint,
  later: readonly number[],
): Promise<LogState> {
  const { state, tail } = await scanTail(place, checkpoint, { later, rewrite: false });
  await syncTail(place, tail);
  return state;
}

async function scanTail(
  place: RecoveryPlace,
  checkpoint: Checkpoint,
  { later, rewrite }: { readonly later: readonly number[]; readonly rewrite: boolean },
): Promise<{ state: LogState; tail: Tail }> {
  const { directory, files, openFiles } = place;
  const last = checkpoint.segments.at(-1) as LiveSegment;
  const builder = new RecoveryState({
    checkpoint,
    activeIndexes: await activeIndexes(place, checkpoint),
    nowMs: place.clock.wallMs(),
    split: rewrite,
  });
  const isSplit =
    later.includes(checkpoint.durableOffset) &&
    (await sizeOf(files, logPath(directory, checkpoint.durableOffset))) !== 0;
  const tail = await readTail(
    {
      directory,
      openFiles,
      segment: last.baseOffset,
      position: last.bytes,
      isSplit,
      offset: checkpoint.durableOffset,
      later,
    },
    (batch, segment) => builder.add(batch, segment),
  );
  // The newest segment may have no batch yet.
  builder.addSegment((tail.pieces.at(-1) as TailPiece).segment);
  return { state: builder.build(), tail };
}

interface Known {
  readonly checkpoint: Checkpoint;
  /** Set when the checkpoint that was found is damaged: where it is to be kept. */
  readonly damaged: string | undefined;
}

/** Without a readable checkpoint everything is tail, and an earlier delete-records is forgotten. */
async function knownFrom(
  place: RecoveryPlace,
  listing: PartitionFiles,
): Promise<Known | undefined> {
  const path = checkpointPath(place);
  const reading = await readCheckpoint(place.files, path);
  if (reading.kind === 'read') {
    return { checkpoint: withoutLeft(reading.checkpoint, listing), damaged: undefined };
  }
  const damaged = reading.kind === 'damaged' ? `${path}.damaged` : undefined;
  place.log.error({ file: path, ...reading }, 'no checkpoint to trust: reading everything');
  const [first] = listing.segments;
  return first === undefined ? undefined : { checkpoint: emptyCheckpoint(first), damaged };
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
  return nothingReadable();
}

/** For every offset there may be a record, and none can be shown. */
function nothingReadable(): Recovered {
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
async function atCheckpoint(place: RecoveryPlace, checkpoint: Checkpoint): Promise<Recovered> {
  const state = new RecoveryState({
    checkpoint,
    activeIndexes: await activeIndexes(place, checkpoint),
    nowMs: place.clock.wallMs(),
    split: false,
  }).build();
  return { state, repairIsPending: false };
}

async function activeIndexes(
  place: RecoveryPlace,
  checkpoint: Checkpoint,
): Promise<SegmentIndexes> {
  const last = checkpoint.segments.at(-1) as LiveSegment;
  const loaded = await loadIndexes(place.files, place.directory, last);
  if (loaded !== undefined) return loaded;
  last.index = NO_INDEX_FILES;
  try {
    return await rebuildIndexes(place, last);
  } catch (error) {
    assertDiskError(error);
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
