/**
 * Holds the files of a partition against its checkpoint. Closed segments were durable before the
 * next one was begun, so whatever is wrong with them is damage: it is told, and nothing is cut.
 */
import { join } from 'node:path';
import type { Checkpoint, SegmentRow } from './checkpoint.ts';
import type { Damage } from './damage.ts';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import { emptyCheckpoint } from './new-partition.ts';
import { removeIfThere } from './replace-file.ts';
import {
  baseOffsetOfDamagedName,
  baseOffsetOfDeletedName,
  baseOffsetOfLogName,
  baseOffsetOfName,
  FENCED_FILE,
  logPath,
  TEMPORARY_SUFFIX,
} from './segment-files.ts';

export interface PartitionFiles {
  /** Base offsets of all segment files that have not left, rising. */
  readonly segments: readonly number[];
  /** Segments up to this base offset have left, whatever a checkpoint says; -1 if none. */
  readonly leftUpTo: number;
  readonly names: readonly string[];
  readonly isFenced: boolean;
}

/** Lists the directory; what an unfinished replacement left is removed. */
export async function listPartition(files: Files, directory: string): Promise<PartitionFiles> {
  const names = (await files.list(directory)).map((entry) => entry.name);
  for (const name of names) {
    if (name.endsWith(TEMPORARY_SUFFIX)) await removeIfThere(files, join(directory, name));
  }
  return partitionFilesOf(names);
}

/** What these names say. */
export function partitionFilesOf(names: readonly string[]): PartitionFiles {
  const leftUpTo = Math.max(-1, ...offsetsOf(names, baseOffsetOfDeletedName));
  const segments = offsetsOf(names, baseOffsetOfLogName).filter((each) => each > leftUpTo);
  return { segments, leftUpTo, names, isFenced: names.includes(FENCED_FILE) };
}

function offsetsOf(
  names: readonly string[],
  offsetOf: (name: string) => number | undefined,
): number[] {
  const offsets = names.map(offsetOf).filter((each) => each !== undefined);
  return offsets.sort((a, b) => a - b);
}

/** The checkpoint less the segments that left when there was no room to write another one. */
export function withoutLeft(checkpoint: Checkpoint, listing: PartitionFiles): Checkpoint {
  const segments = checkpoint.segments.filter((each) => each.baseOffset > listing.leftUpTo);
  if (segments.length === checkpoint.segments.length) return checkpoint;
  const first = segments[0]?.baseOffset ?? listing.segments[0];
  // The active segment never leaves: without any these are another log's names.
  if (first === undefined) return checkpoint;
  // All that it knows has left. What its producers did since is gone as well: nothing of them is.
  if (segments.length === 0) return emptyCheckpoint(first);
  return { ...checkpoint, segments, logStartOffset: Math.max(checkpoint.logStartOffset, first) };
}

/** Files of segments below the checkpoint's first: they had left when the server stopped. */
export function leftoversOf(listing: PartitionFiles, checkpoint: Checkpoint): string[] {
  const first = firstOf(checkpoint);
  return listing.names.filter(
    (name) => (baseOffsetOfName(name) ?? baseOffsetOfDeletedName(name) ?? first) < first,
  );
}

function firstOf(checkpoint: Checkpoint): number {
  return (checkpoint.segments[0] as SegmentRow).baseOffset;
}

/** Base offsets of the segments that are marked as damaged and have not left. */
export function markedIn(listing: PartitionFiles, checkpoint: Checkpoint): number[] {
  const first = firstOf(checkpoint);
  return offsetsOf(listing.names, baseOffsetOfDamagedName).filter((each) => each >= first);
}

/** The first thing that does not fit the checkpoint, or undefined. */
export async function findFileDamage(
  files: Files,
  directory: string,
  segments: readonly number[],
  checkpoint: Checkpoint,
): Promise<Damage | undefined> {
  const rows = checkpoint.segments;
  const last = rows.at(-1) as SegmentRow;
  for (const row of rows) {
    const found = await sizeOf(files, logPath(directory, row.baseOffset));
    const isWrong = row === last ? (found ?? -1) < row.bytes : found !== row.bytes;
    if (isWrong) return lengthDamage(row, row === last, found);
  }
  const known = new Set(rows.map((row) => row.baseOffset));
  const first = firstOf(checkpoint);
  const foreign = segments.find(
    (each) => !known.has(each) && first < each && each < last.baseOffset,
  );
  if (foreign === undefined) return undefined;
  return {
    segment: foreign,
    position: 0,
    field: 'segment',
    expected: 'none of this base offset',
    found: 'a file',
  };
}

/** Undefined when the file does not exist. */
export async function sizeOf(files: Files, path: string): Promise<number | undefined> {
  let file;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return await file.size();
  } finally {
    await file.close();
  }
}

function lengthDamage(row: SegmentRow, isLast: boolean, found: number | undefined): Damage {
  return {
    segment: row.baseOffset,
    position: Math.min(found ?? 0, row.bytes),
    field: 'file length',
    expected: `${isLast ? 'at least ' : ''}${row.bytes} bytes`,
    found: found === undefined ? 'no such file' : `${found} bytes`,
  };
}
