/**
 * Says what a partition's directory holds and what is wrong there: every byte is read and every
 * check is made, also those that no start makes. It judges as recovery.ts does. Changes nothing.
 */
import type { BatchHeader } from '../../codec/batch-header.ts';
import type { Checkpoint, CheckpointReading } from '../checkpoint.ts';
import { readCheckpoint } from '../checkpoint.ts';
import { decodeMark } from '../damage-marks.ts';
import type { DamageMark } from '../damage-marks.ts';
import { examineNames } from './examine-names.ts';
import { examineSegments } from './examine-segments.ts';
import type { ExaminedSegment } from './examine-segments.ts';
import type { Files } from '../files.ts';
import type { Finding } from './finding.ts';
import { loadIndexes } from '../index-files.ts';
import { checkpointPath } from '../log-context.ts';
import { emptyCheckpoint } from '../new-partition.ts';
import type { PreviousRun } from '../owner-file.ts';
import { ProducerState } from '../producer-state.ts';
import type { ProducerSnapshot } from '../producer-state.ts';
import { markedIn, partitionFilesOf, withoutLeft } from '../recovery-files.ts';
import { gapsOf } from '../repair-traces.ts';
import { readWholeFile } from '../replace-file.ts';
import { damagedPath, logPath, offsetIndexPath } from '../segment-files.ts';

export interface PartitionExamination {
  readonly directory: string;
  readonly names: readonly string[];
  /** What it was held against; without a readable one, an empty one at the first segment. */
  readonly checkpoint: Checkpoint;
  readonly segments: readonly ExaminedSegment[];
  readonly findings: readonly Finding[];
  /** Of the producers that are remembered, what the sound batches say. */
  readonly producers: readonly ProducerSnapshot[];
  readonly logStartOffset: number;
  /** No offset below it may be given again. */
  readonly endOffset: number;
  /** Of its segment files. */
  readonly bytes: number;
}

export interface ExaminedPlace {
  readonly directory: string;
  readonly files: Files;
  readonly nowMs: number;
  /** Only after a clean end the checkpoint knows where the log ended. */
  readonly previousRun: PreviousRun;
  /** Told of every valid batch; what it throws ends the examination. */
  readonly visit: (batch: BatchHeader) => void;
}

/**
 * More records than can stand behind a checkpoint: where the newest segment is lost together with
 * what came there, an unknown number of offsets was given out, and none may be given again.
 */
const LOST_RECORDS_MAX = 1_000_000_000;

/** Rejects with what the file system says. */
export async function examinePartition(place: ExaminedPlace): Promise<PartitionExamination> {
  const { directory, files } = place;
  const entries = await files.list(directory);
  const names = entries.map(({ name }) => name);
  const listing = partitionFilesOf(names);
  const reading = await readCheckpoint(files, checkpointPath(place));
  const checkpoint =
    reading.kind === 'read'
      ? withoutLeft(reading.checkpoint, listing)
      : emptyCheckpoint(listing.segments[0] ?? 0);
  const firstOffset = checkpoint.segments[0]?.baseOffset as number;
  const marks = await readMarks(place, markedIn(listing, checkpoint));
  const producers = ProducerState.restore(checkpoint.producers);
  const visit = (batch: BatchHeader): void => {
    place.visit(batch);
    const { producerId, baseOffset } = batch;
    if (producerId === -1 || baseOffset < checkpoint.durableOffset) return;
    producers.add(batch, baseOffset, place.nowMs);
    producers.settle(producerId, batch.lastOffset + 1);
  };
  const question = { directory, files, checkpoint, present: listing.segments, marks: marks.read };
  const isLost = reading.kind !== 'read' && listing.segments.length === 0;
  const { segments, findings, isTailLost } = isLost
    ? { segments: [], findings: [nothingLeft(directory)], isTailLost: false }
    : await examineSegments({ ...question, visit });
  const ends = segments.flatMap(({ sound }) => sound.map(({ facts }) => facts.endOffset));
  const markEnds = [...marks.read.values()].map((mark) => mark.endOffset);
  const bases = segments.map(({ baseOffset }) => baseOffset);
  const isEndKnown = !isTailLost || place.previousRun === 'clean';
  const endOffset =
    Math.max(checkpoint.durableOffset, ...ends, ...markEnds, ...bases) +
    (isEndKnown ? 0 : LOST_RECORDS_MAX);
  return {
    directory,
    names,
    checkpoint,
    segments,
    findings: [
      ...findings,
      ...checkpointFindings(place, reading),
      ...marks.findings,
      ...markFindings(directory, { marks: marks.read, segments, findings }),
      ...gapFindings(directory, checkpoint),
      ...(await indexFindings(place, segments)),
      ...examineNames(directory, entries, firstOffset),
    ],
    logStartOffset: checkpoint.logStartOffset,
    endOffset,
    producers: producers.snapshot(endOffset),
    bytes: segments.reduce((total, each) => total + (each.fileBytes ?? 0), 0),
  };
}

function nothingLeft(directory: string): Finding {
  const facts = { position: 0, field: 'segment', expected: 'at least one segment file' };
  const found = 'none, and no checkpoint';
  const file = logPath(directory, 0);
  return { severity: 'damage', kind: 'nothing-left', file, ...facts, found };
}

function checkpointFindings(place: ExaminedPlace, reading: CheckpointReading): Finding[] {
  const file = checkpointPath(place);
  if (reading.kind === 'read') return [];
  if (reading.kind === 'none') return [{ severity: 'mended', kind: 'checkpoint-missing', file }];
  const { expected, found } = reading;
  const facts = { position: 0, field: 'first line', expected, found };
  return [{ severity: 'mended', kind: 'checkpoint-damaged', file, ...facts }];
}

interface Marks {
  readonly read: ReadonlyMap<number, DamageMark>;
  readonly findings: readonly Finding[];
}

async function readMarks(place: ExaminedPlace, marked: readonly number[]): Promise<Marks> {
  const read = new Map<number, DamageMark>();
  const findings: Finding[] = [];
  for (const segment of marked) {
    const file = damagedPath(place.directory, segment);
    const mark = decodeMark(await readWholeFile(place.files, file));
    if (mark === undefined) findings.push({ severity: 'damage', kind: 'mark-unreadable', file });
    else read.set(segment, mark);
  }
  return { read, findings };
}

/** A mark says how far its segment was durable, which may be further than anything else knows. */
function markFindings(
  directory: string,
  given: {
    readonly marks: ReadonlyMap<number, DamageMark>;
    readonly segments: readonly ExaminedSegment[];
    readonly findings: readonly Finding[];
  },
): Finding[] {
  const findings: Finding[] = [];
  for (const [baseOffset, { bytes, endOffset }] of given.marks) {
    const segment = given.segments.find((each) => each.baseOffset === baseOffset);
    const file = logPath(directory, baseOffset);
    const [first] = segment?.sound ?? [];
    if (first?.from === 0 && first.to >= bytes) {
      const mark = damagedPath(directory, baseOffset);
      findings.push({ severity: 'note', kind: 'mark-stale', file: mark });
    } else if (!given.findings.some((each) => each.file === file && each.severity === 'damage')) {
      const from = segment?.sound.at(-1)?.facts.endOffset ?? baseOffset;
      const found = `${segment?.fileBytes ?? 0} bytes`;
      const facts = { field: 'file length', expected: `at least ${bytes} bytes`, found };
      const position = segment?.fileBytes ?? 0;
      const offsets = { from, to: endOffset };
      findings.push({
        severity: 'damage',
        kind: 'segment-length',
        file,
        position,
        ...facts,
        offsets,
      });
    }
  }
  return findings;
}

/** Where a repair has taken records out, the checkpoint knows that none are to be expected. */
function gapFindings(directory: string, checkpoint: Checkpoint): Finding[] {
  return gapsOf(checkpoint).map((offsets) => {
    return { severity: 'note', kind: 'gap', file: logPath(directory, offsets.to), offsets };
  });
}

async function indexFindings(
  { directory, files }: ExaminedPlace,
  segments: readonly ExaminedSegment[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { row, baseOffset } of segments) {
    if (row === undefined || row.index.logBytes < row.bytes) continue;
    if ((await loadIndexes(files, directory, row)) !== undefined) continue;
    const file = offsetIndexPath(directory, baseOffset).replace(/index$/, '*index');
    findings.push({ severity: 'mended', kind: 'index-doubtful', file });
  }
  return findings;
}
