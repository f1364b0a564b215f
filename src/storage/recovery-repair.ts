/**
 * Makes what recovery accepted durable, and takes away what it did not.
 *
 * After an unclean end in the same kernel boot the page cache may hold bytes and names that a
 * failed sync has dropped: reading them proves nothing. So the whole tail is written anew, which
 * is at most one checkpoint interval: into temporary files, synced, renamed. What stood in the
 * checkpoint's last segment becomes a segment of its own that begins where the checkpoint ends,
 * and then the old one is cut there. A crash in between leaves both; the next start sees that by
 * the new segment's name, and goes on.
 *
 * After a reboot what is read is what is stored: the torn end is cut, and all is synced.
 *
 * Torn bytes are kept aside in a `.torn` file. Every step can be done again.
 */
import { dirname } from 'node:path';
import type { FileHandle, Files } from './files.ts';
import type { OpenFiles } from './open-files.ts';
import type { Tail, TailPiece } from './recovery-tail.ts';
import { noSpace, removeIfThere, syncDirectory } from './replace-file.ts';
import { logPath, TEMPORARY_SUFFIX, tornPath } from './segment-files.ts';
import { certainly } from './disk-errors.ts';

export interface RepairPlace {
  readonly directory: string;
  readonly files: Files;
  readonly openFiles: OpenFiles;
}

/** Fails with ENOSPC when there is no room; then nothing that was there is lost. */
export async function repairTail(place: RepairPlace, tail: Tail, rewrite: boolean): Promise<void> {
  const { torn } = tail;
  if (torn !== undefined && torn.to > torn.from) {
    await copyStretch(place, {
      from: logPath(place.directory, torn.segment),
      start: torn.from,
      end: torn.to,
      to: tornPath(place.directory, torn.segment, torn.from),
    });
  }
  // The newest first: the oldest is only cut when all that came behind it is durable elsewhere.
  for (const piece of tail.pieces.toReversed()) {
    const isNewFile = piece.from === 0;
    if (rewrite && (isNewFile || piece.to > piece.from)) await rewritePiece(place, piece);
    else await cutAndSync(place, piece.segment, piece.to);
    await syncDirectory(place.files, place.directory);
  }
}

/** Makes what was read durable as it stands. */
export async function syncTail(place: RepairPlace, tail: Tail): Promise<void> {
  for (const { segment } of tail.pieces) {
    const path = logPath(place.directory, segment);
    await place.openFiles.use(path, (file) => synced(file, path));
  }
  await syncDirectory(place.files, place.directory);
}

async function rewritePiece(place: RepairPlace, piece: TailPiece): Promise<void> {
  const old = logPath(place.directory, piece.segment);
  const target = logPath(place.directory, piece.from === 0 ? piece.segment : piece.startOffset);
  await copyStretch(place, { from: old, start: piece.from, end: piece.to, to: target });
  if (target !== old) await cutAndSync(place, piece.segment, piece.from);
}

async function cutAndSync(place: RepairPlace, segment: number, bytes: number): Promise<void> {
  const path = logPath(place.directory, segment);
  await place.openFiles.use(path, async (file) => {
    if ((await file.size()) !== bytes) await file.truncate(bytes);
    await synced(file, path);
  });
}

function synced(file: FileHandle, path: string): Promise<void> {
  return certainly(`the sync of ${path} failed`, file.sync());
}

const COPY_BYTES = 4_194_304;

/** Writes a stretch of one file into a new file and gives it its name when it is on disk. */
async function copyStretch(
  place: RepairPlace,
  copy: {
    readonly from: string;
    readonly start: number;
    readonly end: number;
    readonly to: string;
  },
): Promise<void> {
  const { files, openFiles } = place;
  const temporary = copy.to + TEMPORARY_SUFFIX;
  await removeIfThere(files, temporary);
  // The segment file first: see spare-descriptors.ts.
  await openFiles.use(copy.from, async (source) => {
    const target = await files.open(temporary, 'create');
    try {
      await copyBytes(source, target, copy, temporary);
      await synced(target, temporary);
    } catch (error) {
      // What is left of it, the next start removes; the first error is the one to tell.
      await target.close().catch(() => undefined);
      await removeIfThere(files, temporary).catch(() => undefined);
      throw error;
    }
    await target.close();
  });
  await files.rename(temporary, copy.to);
  // Afterwards: a reader may have opened the old file once more, and appends would go there too.
  await openFiles.forget(copy.to);
  await syncDirectory(files, dirname(copy.to));
}

/** Positions of the source, half open; they come to stand at the start of the target. */
export async function copyBytes(
  source: FileHandle,
  target: FileHandle,
  copy: { readonly start: number; readonly end: number },
  path: string,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, copy.end - copy.start));
  for (let done = copy.start; done < copy.end;) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, copy.end - done));
    const count = await source.read(chunk, done);
    if (count < chunk.length) throw endedEarly(path, done + count);
    const written = await target.write([chunk], done - copy.start);
    if (written < chunk.length) throw noSpace(path, chunk.length, written);
    done += count;
  }
}

function endedEarly(path: string, position: number): Error {
  return Object.assign(new Error(`${path}: its source ended at ${position}`), { code: 'EIO' });
}
