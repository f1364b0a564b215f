/**
 * Decides what a repair of a partition does, from what an examination has found. Pure.
 *
 * Kept is every sound batch, in its place: on both sides of damage. Offsets that are lost are given
 * to nobody else: where records behind them are kept, or would follow, a gap is left, which the
 * checkpoint knows by segments that do not meet; at the beginning the log start moves. Whatever
 * leaves its place is set aside whole.
 */
import { basename } from 'node:path';
import type { Checkpoint, SegmentRow } from '../checkpoint.ts';
import type { SoundStretch } from './examine-segment.ts';
import type { ExaminedSegment } from './examine-segments.ts';
import type { PartitionExamination } from './examine-partition.ts';
import { NO_INDEX_FILES } from '../index-files.ts';
import { newSegment } from '../log-state.ts';
import { CHECKPOINT_FILE, numberOfSetAside, segmentNames } from '../segment-files.ts';

/** A stretch of a file that is set aside, and becomes a segment of its own. */
export interface NewSegment {
  /** Name of the file in the directory of what is set aside. */
  readonly source: string;
  readonly from: number;
  readonly to: number;
  readonly baseOffset: number;
  /** Of its first batch, as it stands there: the segment itself begins a flush. */
  readonly flushStart: number;
}

export interface RepairPlan {
  /** Name of the directory in the partition's that takes what is set aside. */
  readonly aside: string;
  readonly moves: readonly string[];
  readonly makes: readonly NewSegment[];
  /** Base offsets of segments that stay as they are. */
  readonly keeps: readonly number[];
  /** What is true when all of that is done. */
  readonly checkpoint: Checkpoint;
  /** Offsets in front of the log's new start that are lost. */
  readonly lostAtStart: readonly { readonly from: number; readonly to: number }[];
}

export interface PlanFacts {
  /** What stands in the page cache proves nothing: all that no checkpoint covers is written anew. */
  readonly mustRewrite: boolean;
  readonly nowMs: number;
}

export function planRepair(found: PartitionExamination, facts: PlanFacts): RepairPlan {
  const { names, checkpoint, segments, findings, endOffset } = found;
  const staying = segments.filter((each) => canStay(each, facts));
  const leaving = segments.filter((each) => !staying.includes(each));
  const makes = leaving.flatMap(newSegmentsOf);
  const rows = [
    ...staying.map((each) => rowOf(each, facts)),
    ...leaving.flatMap((each) => each.sound.map((part) => madeRow(part, each.row, facts))),
  ].sort((one, other) => one.baseOffset - other.baseOffset);
  // The offsets up to the end were given out: the next record begins behind them.
  if (rows.at(-1)?.endOffset !== endOffset) rows.push(newSegment(endOffset));
  const unreadable = findings.filter(({ kind }) => kind === 'mark-unreadable');
  const left = new Set([
    CHECKPOINT_FILE,
    ...leaving.flatMap(({ baseOffset }) => segmentNames(baseOffset)),
    ...unreadable.map(({ file }) => basename(file)),
  ]);
  const first = (rows[0] as SegmentRow).baseOffset;
  const from = checkpoint.logStartOffset;
  return {
    aside: `set-aside-${1 + Math.max(0, ...names.map((name) => numberOfSetAside(name) ?? 0))}`,
    moves: names.filter((name) => left.has(name)),
    makes,
    keeps: staying.map(({ baseOffset }) => baseOffset),
    checkpoint: {
      durableOffset: endOffset,
      logStartOffset: Math.max(from, first),
      segments: rows,
      producers: found.producers,
    },
    lostAtStart: from < first ? [{ from, to: first }] : [],
  };
}

/** Sound from its first byte to its last, and known to be on stable storage or able to be synced. */
function canStay(segment: ExaminedSegment, { mustRewrite }: PlanFacts): boolean {
  const { sound, fileBytes, row, baseOffset } = segment;
  if (fileBytes === undefined) return false;
  const [only] = sound;
  if (only === undefined)
    return fileBytes === 0 && row?.bytes === 0 && row.endOffset === baseOffset;
  const isWhole = sound.length === 1 && only.from === 0 && only.to === fileBytes;
  const beginsFlush = only.flushStart === baseOffset;
  const fits = row === undefined || only.facts.endOffset >= row.endOffset;
  const isCovered = row?.bytes === fileBytes;
  return isWhole && beginsFlush && fits && (isCovered || !mustRewrite);
}

function newSegmentsOf({ baseOffset, sound }: ExaminedSegment): NewSegment[] {
  const [source = ''] = segmentNames(baseOffset);
  return sound.map(({ from, to, flushStart, facts }) => {
    return { source, from, to, baseOffset: facts.baseOffset, flushStart };
  });
}

function rowOf(segment: ExaminedSegment, facts: PlanFacts): SegmentRow {
  const { row, fileBytes } = segment;
  if (row !== undefined && row.bytes === fileBytes) return row;
  return madeRow(segment.sound[0] as SoundStretch, row, facts);
}

/** Its age is that of the segment it comes from, as far as that is known. */
function madeRow(
  { facts }: SoundStretch,
  row: SegmentRow | undefined,
  { nowMs }: PlanFacts,
): SegmentRow {
  const isKnown = row !== undefined && row.firstAppendMs !== -1;
  const firstAppendMs = isKnown ? row.firstAppendMs : nowMs;
  const lastAppendMs = isKnown && facts.endOffset <= row.endOffset ? row.lastAppendMs : nowMs;
  return { ...facts, firstAppendMs, lastAppendMs, index: NO_INDEX_FILES };
}
