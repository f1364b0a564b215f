/**
 * The two index files of a segment: written beside a checkpoint, which keeps their lengths and
 * checksums, and believed only if both still fit. They are caches, so nothing is synced.
 */
import assert from 'node:assert/strict';
import { crc32c } from '../codec/crc32c.ts';
import type { IndexFileFacts, SegmentRow } from './checkpoint.ts';
import { isDiskError, lacksDescriptor } from './disk-errors.ts';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import { OffsetIndex } from './offset-index.ts';
import { noSpace, readWholeFile } from './replace-file.ts';
import { offsetIndexPath, timeIndexPath } from './segment-files.ts';
import { SegmentIndexes } from './segment.ts';
import { TimeIndex } from './time-index.ts';

export const NO_INDEX_FILES: IndexFileFacts = {
  logBytes: 0,
  offsetBytes: 0,
  offsetCrc: 0,
  timeBytes: 0,
  timeCrc: 0,
  bytesSinceEntry: 0,
};

/**
 * What the checkpoint says of these indexes, and the writing of what `saved` does not yet cover.
 * The facts are taken at once; the indexes may grow while the files are written.
 */
export function saveIndexes(
  files: Files,
  directory: string,
  baseOffset: number,
  indexes: SegmentIndexes,
  saved: IndexFileFacts,
): { readonly facts: IndexFileFacts; readonly written: Promise<void> } {
  const offsets = indexes.offsets.stored;
  const times = indexes.times.stored;
  const facts = {
    logBytes: indexes.logBytes,
    offsetBytes: offsets.length,
    offsetCrc: crc32c(offsets),
    timeBytes: times.length,
    timeCrc: crc32c(times),
    bytesSinceEntry: indexes.bytesSinceEntry,
  };
  const write = async (): Promise<void> => {
    await appendFrom(files, offsetIndexPath(directory, baseOffset), offsets, saved.offsetBytes);
    await appendFrom(files, timeIndexPath(directory, baseOffset), times, saved.timeBytes);
  };
  return { facts, written: write() };
}

/**
 * Undefined when a file is missing, short or not what the checkpoint knew, or when the files do not
 * reach the segment's end: rebuild them then.
 */
export async function loadIndexes(
  files: Files,
  directory: string,
  segment: SegmentRow,
): Promise<SegmentIndexes | undefined> {
  const { baseOffset, index: facts } = segment;
  if (facts.logBytes < segment.bytes) return undefined;
  const offsetsFile = offsetIndexPath(directory, baseOffset);
  const offsets = await readChecked(files, offsetsFile, facts.offsetBytes, facts.offsetCrc);
  const timesFile = timeIndexPath(directory, baseOffset);
  const times = await readChecked(files, timesFile, facts.timeBytes, facts.timeCrc);
  if (offsets === undefined || times === undefined) return undefined;
  const index = new OffsetIndex(baseOffset, offsets);
  // In the weaker mode it may know batches that were written and not synced.
  if (index.lastPosition >= segment.bytes && index.bytes > 0) return undefined;
  return new SegmentIndexes(index, new TimeIndex(baseOffset, times), {
    logBytes: segment.bytes,
    bytesSinceEntry: facts.bytesSinceEntry - (facts.logBytes - segment.bytes),
  });
}

async function appendFrom(
  files: Files,
  path: string,
  stored: Buffer,
  savedBytes: number,
): Promise<void> {
  if (stored.length === savedBytes) return;
  // The indexes of a segment that shrank are others: nothing of theirs was saved.
  assert(stored.length > savedBytes);
  const file = await openOrCreate(files, path);
  try {
    const rest = stored.subarray(savedBytes);
    const written = await file.write([rest], savedBytes);
    if (written !== rest.length) throw noSpace(path, rest.length, written);
    // What stood behind is from an index that was given up.
    await file.truncate(stored.length);
  } finally {
    await file.close();
  }
}

async function openOrCreate(files: Files, path: string) {
  try {
    return await files.open(path, 'read-write');
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    return files.open(path, 'create');
  }
}

async function readChecked(
  files: Files,
  path: string,
  bytes: number,
  crc: number,
): Promise<Buffer | undefined> {
  // Small partitions have no entries and cost no I/O here: a thousand of them open fast.
  if (bytes === 0) return Buffer.alloc(0);
  const content = await readIfPossible(files, path);
  if (content === undefined || content.length < bytes) return undefined;
  const stored = content.subarray(0, bytes);
  return crc32c(stored) === crc ? stored : undefined;
}

/** A cache that cannot be read is one that is not there. */
async function readIfPossible(files: Files, path: string): Promise<Buffer | undefined> {
  try {
    return await readWholeFile(files, path);
  } catch (error) {
    // Without descriptors the segment could not be read instead.
    if (lacksDescriptor(error) || !isDiskError(error)) throw error;
    return undefined;
  }
}
