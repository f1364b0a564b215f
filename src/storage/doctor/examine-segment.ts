/**
 * Reads a stretch of a segment file to its end and says which parts of it are sound: unlike
 * every other reader here it goes on behind damage. Changes nothing, holds one batch at a time.
 *
 * Behind a bad region the next batch is where the length of the bad one says, else the next whole
 * batch whose offset fits: bytes that imitate a batch inside a record value are taken for one only
 * where that very record's batch has lost its length.
 */
import {
  BATCH_HEADER_BYTES,
  baseOffsetAt,
  batchBytesAt,
  leaderEpochAt,
  recordCountAt,
} from '../../codec/batch-header.ts';
import { scanBatches } from '../batch-scan.ts';
import type { ScanFault } from '../batch-scan.ts';
import type { BatchHeader } from '../../codec/batch-header.ts';
import { findBatch } from '../batch-search.ts';
import type { FileHandle } from '../files.ts';
import { addBatch, emptySegment } from '../segment.ts';
import type { SegmentFacts } from '../segment.ts';

/** Valid batches that follow one another without a gap. */
export interface SoundStretch {
  /** Positions in the file, half open. */
  readonly from: number;
  readonly to: number;
  /** Of the flush that wrote the first batch; below `baseOffset` when that flush began in a bad region. */
  readonly flushStart: number;
  /** As a segment of its own; append times are not known. */
  readonly facts: SegmentFacts;
}

/** Bytes that are no valid batches in their place; none where only a batch's flush start is wrong. */
export interface BadStretch {
  readonly from: number;
  readonly to: number;
  readonly fault: ScanFault;
  /** The offsets that should stand there, half open; `to` undefined when nothing says it. */
  readonly offsets: { readonly from: number; readonly to: number | undefined };
}

export interface SegmentReading {
  readonly sound: readonly SoundStretch[];
  readonly bad: readonly BadStretch[];
}

export interface SegmentQuestion {
  /** What part of the file is looked at. */
  readonly from: number;
  readonly to: number;
  /** Of the first batch there, which begins a flush. */
  readonly offset: number;
  /** The first offset that cannot be there; undefined for the newest segment. */
  readonly offsetEnd: number | undefined;
}

/** A file worse than this is one bad region from there on: each costs a search. */
const BAD_STRETCHES_MAX = 1_000;

/** `visit` sees every valid batch; what it throws ends the reading. */
export async function examineSegment(
  file: FileHandle,
  { from: start, to: bytes, offset, offsetEnd }: SegmentQuestion,
  visit: (batch: BatchHeader) => void,
): Promise<SegmentReading> {
  const sound: SoundStretch[] = [];
  const bad: BadStretch[] = [];
  let next: FoundBatch | undefined = {
    position: start,
    baseOffset: offset,
    flushStart: offset,
  };
  while (next !== undefined) {
    const { position: from, baseOffset: expectedOffset, flushStart } = next;
    const facts = emptySegment(expectedOffset);
    const stretch = { from, to: bytes, expectedOffset, flushStart };
    const end = await scanBatches(file, stretch, (batch) => {
      addBatch(facts, batch, -1);
      visit(batch);
    });
    if (facts.bytes > 0) sound.push({ from, to: end.position, flushStart, facts });
    if (end.fault === undefined) break;
    const { fault, position } = end;
    const region = { from: position, to: bytes, fault, offsetMin: end.nextOffset, offsetEnd };
    next = bad.length < BAD_STRETCHES_MAX ? await findNext(file, region) : undefined;
    const offsets = { from: end.nextOffset, to: next?.baseOffset ?? offsetEnd };
    bad.push({ from: position, to: next?.position ?? bytes, fault, offsets });
  }
  return { sound, bad };
}

interface FoundBatch {
  readonly position: number;
  readonly baseOffset: number;
  readonly flushStart: number;
}

interface BadRegion {
  readonly from: number;
  readonly to: number;
  readonly fault: ScanFault;
  readonly offsetMin: number;
  readonly offsetEnd: number | undefined;
}

async function findNext(file: FileHandle, region: BadRegion): Promise<FoundBatch | undefined> {
  const { offsetEnd = Infinity, to, fault } = region;
  const header = Buffer.alloc(BATCH_HEADER_BYTES);
  await file.read(header, region.from);
  // A whole batch under a wrong offset: its own count says what must follow, or the file is another.
  const isMisplaced = fault.field === 'baseOffset' && baseOffsetAt(header, 0) >= 0;
  const offsetMin = region.offsetMin + (isMisplaced ? recordCountAt(header, 0) : 0);
  const offsetMax = isMisplaced ? offsetMin : offsetEnd - 1;
  const isWanted = (buffer: Buffer, at: number): boolean => {
    const offset = baseOffsetAt(buffer, at);
    return offset >= offsetMin && offset <= offsetMax;
  };
  // It says to be of a flush that it cannot be of; its records are what their CRC was made of.
  const isWhole = fault.field === 'partitionLeaderEpoch' && leaderEpochAt(header, 0) >= 0;
  if (isWhole) return foundAt(header, region.from);
  const bytes = batchBytesAt(header, 0);
  if (bytes >= BATCH_HEADER_BYTES && region.from + bytes + BATCH_HEADER_BYTES <= to) {
    const from = region.from + bytes;
    await file.read(header, from);
    const next = { from, to: Math.min(to, from + batchBytesAt(header, 0)), isWanted };
    if ((await findBatch(file, next)) === from) return foundAt(header, from);
  }
  if (isMisplaced) return undefined;
  const found = await findBatch(file, { from: region.from + 1, to, isWanted });
  if (found === undefined || found === 'undecided') return undefined;
  await file.read(header, found);
  return foundAt(header, found);
}

function foundAt(header: Buffer, position: number): FoundBatch {
  const baseOffset = baseOffsetAt(header, 0);
  return { position, baseOffset, flushStart: baseOffset - leaderEpochAt(header, 0) };
}
