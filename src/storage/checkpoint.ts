/**
 * recovery.checkpoint: what recovery may take for granted, so that it reads only what came later.
 *
 *   line 1:  millrace-checkpoint 1 <CRC-32C of everything behind line 1, 8 hex digits>\n
 *   rest:    JSON, see `Checkpoint`; offsets and times as numbers
 *
 * It is always replaced as a whole (replace-file.ts), and written when the partition is made, at
 * each roll, whenever the log start moves, after a recovery that mended something, at a clean stop,
 * and when another flush of the last one's size would bring the appends since the last time above
 * 64 MiB. So recovery reads no more than that, unless a flush was larger than those before it, or
 * checkpoints failed. Text, so that a person can read it; with a checksum, so that a flipped bit is
 * not believed.
 */
import type { Files } from './files.ts';
import type { ProducerSnapshot } from './producer-state.ts';
import { readWholeFile, replaceFile } from './replace-file.ts';
import { decodeSealed, encodeSealed } from './sealed-text.ts';
import type { SegmentFacts } from './segment.ts';

const TITLE = 'millrace-checkpoint 1';

export interface Checkpoint {
  /** Every record below it was on stable storage. Equals the last segment's endOffset. */
  readonly durableOffset: number;
  readonly logStartOffset: number;
  /** In order of their offsets, at least one; all but the last are closed. */
  readonly segments: readonly SegmentRow[];
  readonly producers: readonly ProducerSnapshot[];
}

/** A segment and the state of its index files when the checkpoint was taken. */
export interface SegmentRow extends Readonly<SegmentFacts> {
  readonly index: IndexFileFacts;
}

export interface IndexFileFacts {
  /** Bytes of log that the files cover; fewer than there are means: do not use them. */
  readonly logBytes: number;
  readonly offsetBytes: number;
  readonly offsetCrc: number;
  readonly timeBytes: number;
  readonly timeCrc: number;
  /** Bytes of log from the last entry's batch to `logBytes`. */
  readonly bytesSinceEntry: number;
}

export type CheckpointReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly expected: string; readonly found: string }
  | { readonly kind: 'read'; readonly checkpoint: Checkpoint };

export async function writeCheckpoint(
  files: Files,
  path: string,
  checkpoint: Checkpoint,
): Promise<void> {
  await replaceFile(files, path, encodeCheckpoint(checkpoint));
}

export async function readCheckpoint(files: Files, path: string): Promise<CheckpointReading> {
  return decodeCheckpoint(await readWholeFile(files, path));
}

export function encodeCheckpoint(checkpoint: Checkpoint): Buffer {
  return encodeSealed(TITLE, checkpoint);
}

/** `content` undefined: there is none. */
export function decodeCheckpoint(content: Buffer | undefined): CheckpointReading {
  const reading = decodeSealed<Checkpoint>(TITLE, content);
  return reading.kind === 'read' ? { kind: 'read', checkpoint: reading.value } : reading;
}
