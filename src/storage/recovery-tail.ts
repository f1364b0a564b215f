/**
 * Reads what came after the checkpoint and says what it is. Changes nothing on disk.
 *
 * The tail begins in the newest segment the checkpoint knows, and goes on in segments that begin
 * exactly where the one before ends (a roll whose checkpoint was not written).
 */
import type { BatchHeader } from '../codec/batch-header.ts';
import { scanBatches } from './batch-scan.ts';
import type { ScanFault } from './batch-scan.ts';
import type { Damage } from './damage.ts';
import type { OpenFiles } from './open-files.ts';
import { logPath } from './segment-files.ts';
import { wasDurable } from './torn-tail.ts';

export interface TailQuestion {
  readonly directory: string;
  readonly openFiles: OpenFiles;
  /** Where the checkpoint ends: a segment, a position in it, and the offset there. */
  readonly segment: number;
  readonly position: number;
  readonly offset: number;
  /**
   * What stands behind that position was written anew into the segment that begins at `offset`,
   * and is only still to be cut (recovery-repair.ts).
   */
  readonly isSplit: boolean;
  /** Base offsets of the segment files behind that segment, rising. */
  readonly later: readonly number[];
}

/** A stretch of valid batches in one segment file. */
export interface TailPiece {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

export interface Tail {
  readonly pieces: readonly TailPiece[];
  /** Bytes behind the last piece that were never acknowledged. */
  readonly torn:
    | { readonly segment: number; readonly from: number; readonly to: number }
    | undefined;
  readonly damage: Damage | undefined;
}

/** `visit` sees every valid batch, with the piece's segment and the position in that file. */
export async function readTail(
  question: TailQuestion,
  visit: (batch: BatchHeader, segment: number, position: number) => void,
): Promise<Tail> {
  const pieces: TailPiece[] = [];
  let at = { segment: question.segment, from: question.position, offset: question.offset };
  const later = [...question.later];
  for (;;) {
    const { piece, fault, fileBytes, proven } = await readPiece(question, at, visit);
    pieces.push(piece);
    const bad = { segment: piece.segment, from: piece.to, to: fileBytes };
    if (fault !== undefined && (proven || later.length > 0)) {
      return {
        pieces,
        torn: undefined,
        damage: { segment: bad.segment, position: bad.from, ...fault },
      };
    }
    if (fault !== undefined) return { pieces, torn: bad, damage: undefined };
    const next = later.shift();
    if (next === undefined) return { pieces, torn: undefined, damage: undefined };
    if (next !== piece.endOffset) {
      const expected = String(piece.endOffset);
      const gap = {
        segment: next,
        position: 0,
        field: 'first offset',
        expected,
        found: String(next),
      };
      return { pieces, torn: undefined, damage: gap };
    }
    at = { segment: next, from: 0, offset: next };
  }
}

interface PieceReading {
  readonly piece: TailPiece;
  readonly fileBytes: number;
  readonly fault: ScanFault | undefined;
  /** Something behind the fault proves that it had been durable. */
  readonly proven: boolean;
}

function readPiece(
  question: TailQuestion,
  at: { readonly segment: number; readonly from: number; readonly offset: number },
  visit: (batch: BatchHeader, segment: number, position: number) => void,
): Promise<PieceReading> {
  const path = logPath(question.directory, at.segment);
  return question.openFiles.use(path, async (file) => {
    const isCut = question.isSplit && at.segment === question.segment;
    const fileBytes = isCut ? at.from : await file.size();
    const end = await scanBatches(
      file,
      { from: at.from, to: fileBytes, expectedOffset: at.offset, flushStart: at.offset },
      (batch, position) => visit(batch, at.segment, position),
    );
    const proven =
      end.fault !== undefined &&
      (await wasDurable(file, { position: end.position, offset: end.nextOffset, fileBytes }));
    const piece = {
      segment: at.segment,
      from: at.from,
      to: end.position,
      startOffset: at.offset,
      endOffset: end.nextOffset,
    };
    return { piece, fileBytes, fault: end.fault, proven };
  });
}
