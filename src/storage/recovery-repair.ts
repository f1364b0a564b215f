/**
 * Makes what recovery accepted durable, and takes away what it did not.
 *
 * After an unclean end in the same kernel boot the page cache may hold bytes that a failed sync
 * has dropped: reading them proves nothing. So the whole tail is written anew, which is at most
 * one checkpoint interval: into a temporary file, synced, renamed to a segment of its own that
 * begins where the checkpoint ends; then the old segment is cut there. A crash in between leaves
 * both, and the next start finishes the cut (`finishSplit`).
 *
 * After a reboot what is read is what is stored: the torn end is cut, and all is synced.
 *
 * Torn bytes are kept aside in a `.torn` file. Every step can be done again.
 */
import { dirname } from 'node:path';
import type { FileHandle, Files } from './files.ts';
import type { OpenFiles } from './open-files.ts';
import type { Tail, TailPiece } from './recovery-tail.ts';
import { noSpace, removeIfThere } from './replace-file.ts';
import { logPath, TEMPORARY_SUFFIX, tornPath } from './segment-files.ts';

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
  for (const piece of tail.pieces) {
    if (rewrite && piece.to > piece.from) await rewritePiece(place, piece);
    else await cutAndSync(place, piece.segment, piece.to);
  }
  await place.files.syncDir(place.directory);
}

/** Ends a rewriting that a crash interrupted between the rename and the cut. */
export async function finishSplit(
  place: RepairPlace,
  segment: number,
  checkpointBytes: number,
): Promise<void> {
  await cutAndSync(place, segment, checkpointBytes);
}

async function rewritePiece(place: RepairPlace, piece: TailPiece): Promise<void> {
  const old = logPath(place.directory, piece.segment);
  const target = logPath(place.directory, piece.from === 0 ? piece.segment : piece.startOffset);
  await copyStretch(place, { from: old, start: piece.from, end: piece.to, to: target });
  if (target !== old) await cutAndSync(place, piece.segment, piece.from);
}

async function cutAndSync(place: RepairPlace, segment: number, bytes: number): Promise<void> {
  await place.openFiles.use(logPath(place.directory, segment), async (file) => {
    if ((await file.size()) !== bytes) await file.truncate(bytes);
    await file.sync();
  });
}

const COPY_BYTES = 4_194_304;

/** Writes a stretch of one file into a new file and gives it its name when it is on disk. */
async function copyStretch(
  place: RepairPlace,
  copy: { readonly from: string; readonly start: number; readonly end: number; readonly to: string },
): Promise<void> {
  const { files, openFiles } = place;
  const temporary = copy.to + TEMPORARY_SUFFIX;
  await removeIfThere(files, temporary);
  const target = await files.open(temporary, 'create');
  try {
    await openFiles.use(copy.from, (source) => copyBytes(source, target, copy, temporary));
    await target.sync();
  } catch (error) {
    await target.close();
    await removeIfThere(files, temporary);
    throw error;
  }
  await target.close();
  await openFiles.forget(copy.to);
  await files.rename(temporary, copy.to);
  await files.syncDir(dirname(copy.to));
}

async function copyBytes(
  source: FileHandle,
  target: FileHandle,
  copy: { readonly start: number; readonly end: number },
  path: string,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, copy.end - copy.start));
  for (let done = copy.start; done < copy.end; ) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, copy.end - done));
    const count = await source.read(chunk, done);
    if (count < chunk.length) throw new Error(`${path}: its source ended at ${done + count}`);
    const written = await target.write([chunk], done - copy.start);
    if (written < chunk.length) throw noSpace(path, chunk.length, written);
    done += count;
  }
}
