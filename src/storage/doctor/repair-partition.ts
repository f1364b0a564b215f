/**
 * Puts a damaged partition back into service, offline, and keeps every byte. The plan is on stable
 * storage before anything moves, as `repair.unfinished` in the partition's directory:
 *
 *   1. what leaves its place is moved into `set-aside-N`
 *   2. what is sound of it is written as segments of their own, from there
 *   3. the checkpoint is written that knows them
 *   4. the plan itself is moved into `set-aside-N`: the repair is done
 *
 * Each step can be done again, so an interrupted repair is carried out from the start of the plan.
 * Until then a server holds the partition offline, whatever stands there.
 */
import { join } from 'node:path';
import {
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  batchBytesAt,
  leaderEpochAt,
  setBatchPlace,
} from '../../codec/batch-header.ts';
import { writeCheckpoint } from '../checkpoint.ts';
import { certainly } from '../disk-errors.ts';
import type { FileHandle, Files } from '../files.ts';
import { checkpointPath } from '../log-context.ts';
import {
  noSpace,
  readWholeFile,
  removeIfThere,
  replaceFile,
  syncDirectory,
  writeNewFile,
} from '../replace-file.ts';
import type { NewSegment, RepairPlan } from './repair-plan.ts';
import { copyBytes } from '../recovery-repair.ts';
import { decodeSealed, encodeSealed } from '../sealed-text.ts';
import type { SealedReading } from '../sealed-text.ts';
import { logPath, REPAIR_FILE, TEMPORARY_SUFFIX } from '../segment-files.ts';

const TITLE = 'millrace-repair 1';

export interface RepairedPlace {
  readonly directory: string;
  readonly files: Files;
  /** Told of bytes as they are copied; what it throws interrupts the repair. */
  readonly copied?: (bytes: number) => void;
}

/** The plan of a repair that was interrupted. */
export async function unfinishedRepair({
  directory,
  files,
}: Pick<RepairedPlace, 'directory' | 'files'>): Promise<SealedReading<RepairPlan>> {
  return decodeSealed(TITLE, await readWholeFile(files, join(directory, REPAIR_FILE)));
}

/** Rejects with what the file system says; then it is unfinished, and can be done again. */
export async function repairPartition(place: RepairedPlace, plan: RepairPlan): Promise<void> {
  await replaceFile(place.files, join(place.directory, REPAIR_FILE), encodeSealed(TITLE, plan));
  await carryOut(place, plan);
}

export async function carryOut(place: RepairedPlace, plan: RepairPlan): Promise<void> {
  const { directory, files } = place;
  const aside = join(directory, plan.aside);
  await files.makeDir(aside);
  await syncDirectory(files, directory);
  await moveAside(place, plan);
  for (const segment of plan.makes) await makeSegment(place, { ...segment, aside });
  const last = plan.checkpoint.segments.at(-1);
  if (last?.bytes === 0 && !plan.keeps.includes(last.baseOffset)) {
    await writeNewFile(files, logPath(directory, last.baseOffset), Buffer.alloc(0));
  }
  for (const baseOffset of plan.keeps) await syncFile(files, logPath(directory, baseOffset));
  await syncDirectory(files, directory);
  await writeCheckpoint(files, checkpointPath(place), plan.checkpoint);
  await files.rename(join(directory, REPAIR_FILE), join(aside, 'repair.done'));
  await syncDirectory(files, aside);
  await syncDirectory(files, directory);
}

/** What is there already was moved by an earlier attempt; of that name something new may stand here. */
async function moveAside({ directory, files }: RepairedPlace, plan: RepairPlan): Promise<void> {
  const aside = join(directory, plan.aside);
  const moved = new Set((await files.list(aside)).map(({ name }) => name));
  for (const name of plan.moves) {
    if (!moved.has(name)) await files.rename(join(directory, name), join(aside, name));
  }
  await syncDirectory(files, aside);
  await syncDirectory(files, directory);
}

async function makeSegment(
  { directory, files, copied }: RepairedPlace,
  segment: NewSegment & { readonly aside: string },
): Promise<void> {
  const { baseOffset, from, to } = segment;
  const path = logPath(directory, baseOffset);
  const temporary = path + TEMPORARY_SUFFIX;
  await removeIfThere(files, temporary);
  const source = await files.open(join(segment.aside, segment.source), 'read');
  try {
    const target = await files.open(temporary, 'create');
    try {
      await copyBytes(source, target, { start: from, end: to }, temporary);
      await beginFlush(target, segment, temporary);
      await certainly(`the sync of ${temporary} failed`, target.sync());
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  await files.rename(temporary, path);
  copied?.(to - from);
}

/**
 * A flush never spans two segments. Where its beginning is lost, the rest of it says from now on
 * that it began here: the field is not under the CRC, and never leaves the server.
 */
async function beginFlush(
  file: FileHandle,
  { baseOffset: start, flushStart }: NewSegment,
  path: string,
): Promise<void> {
  if (flushStart === start) return;
  const header = Buffer.alloc(BATCH_HEADER_BYTES);
  const bytes = await file.size();
  for (let at = 0; at < bytes; at += batchBytesAt(header, 0)) {
    await file.read(header, at);
    const baseOffset = baseOffsetAt(header, 0);
    if (baseOffset - leaderEpochAt(header, 0) !== flushStart) return;
    setBatchPlace(header, 0, { baseOffset, leaderEpoch: baseOffset - start });
    const written = await file.write([header], at);
    if (written < header.length) throw noSpace(path, header.length, written);
  }
}

/** What no checkpoint has covered may not be on stable storage yet. */
async function syncFile(files: Files, path: string): Promise<void> {
  const file = await files.open(path, 'read-write');
  try {
    await certainly(`the sync of ${path} failed`, file.sync());
  } finally {
    await file.close();
  }
}
