/**
 * Holds the segment files of a partition against its checkpoint and against each other, and finds
 * in each what is sound. It judges as recovery does, but goes on behind damage, and reads also
 * what no start reads.
 */
import type { BatchHeader } from '../../codec/batch-header.ts';
import type { Checkpoint, SegmentRow } from '../checkpoint.ts';
import type { DamageMark } from '../damage-marks.ts';
import { examineSegment } from './examine-segment.ts';
import type {
  BadStretch,
  SegmentQuestion,
  SegmentReading,
  SoundStretch,
} from './examine-segment.ts';
import type { Files } from '../files.ts';
import type { Finding } from './finding.ts';
import { sizeOf } from '../recovery-files.ts';
import { endOf, joined } from './sound-stretches.ts';
import { logPath } from '../segment-files.ts';
import { wasDurable } from '../torn-tail.ts';

export interface ExaminedSegment {
  readonly baseOffset: number;
  readonly file: string;
  /** Undefined when there is no such file. */
  readonly fileBytes: number | undefined;
  /** What is good of it, in order. */
  readonly sound: readonly SoundStretch[];
  /** Undefined behind the checkpoint, and for a file that does not belong there. */
  readonly row: SegmentRow | undefined;
}

export interface SegmentsQuestion {
  readonly directory: string;
  readonly files: Files;
  readonly checkpoint: Checkpoint;
  /** Base offsets of the segment files, rising. */
  readonly present: readonly number[];
  readonly marks: ReadonlyMap<number, DamageMark>;
  /** Told of every valid batch; what it throws ends the examination. */
  readonly visit: (batch: BatchHeader) => void;
}

export interface SegmentsExamination {
  readonly segments: readonly ExaminedSegment[];
  readonly findings: readonly Finding[];
  /** The newest segment is not what the checkpoint knows: what came behind it is lost with it. */
  readonly isTailLost: boolean;
}

export async function examineSegments(question: SegmentsQuestion): Promise<SegmentsExamination> {
  const examiner = new SegmentsExaminer(question);
  await examiner.examine();
  return examiner;
}

class SegmentsExaminer implements SegmentsExamination {
  readonly segments: ExaminedSegment[] = [];
  readonly findings: Finding[] = [];
  isTailLost = false;
  readonly #question: SegmentsQuestion;
  /** The offset at which the next segment behind the checkpoint must begin. */
  #end: number;

  constructor(question: SegmentsQuestion) {
    this.#question = question;
    this.#end = question.checkpoint.durableOffset;
  }

  async examine(): Promise<void> {
    const { checkpoint, present } = this.#question;
    const rows = checkpoint.segments;
    const last = rows.at(-1) as SegmentRow;
    const known = new Map(rows.map((row) => [row.baseOffset, row]));
    const first = (rows[0] as SegmentRow).baseOffset;
    const all = new Set([...known.keys(), ...present.filter((each) => each > first)]);
    for (const baseOffset of [...all].sort((one, other) => one - other)) {
      const row = known.get(baseOffset);
      if (row === last) await this.#newest(row);
      else if (row !== undefined) await this.#closed(row);
      else if (baseOffset < last.baseOffset) await this.#foreign(baseOffset);
      else await this.#later(baseOffset);
    }
  }

  /** Durable before the next one was begun: its length and all in it are known. */
  async #closed(row: SegmentRow): Promise<void> {
    const file = this.#path(row.baseOffset);
    const fileBytes = await this.#sizeOf(row);
    if (fileBytes === undefined) return;
    const sound = await this.#durablePart(row, file, fileBytes);
    if (fileBytes > row.bytes) this.#wrongLength(row, fileBytes, undefined);
    this.segments.push({ baseOffset: row.baseOffset, file, fileBytes, sound, row });
  }

  /** The checkpoint's last one; behind what the checkpoint knows, the tail begins. */
  async #newest(row: SegmentRow): Promise<void> {
    const file = this.#path(row.baseOffset);
    const fileBytes = await this.#sizeOf(row);
    if (fileBytes === undefined) return;
    const sound = await this.#durablePart(row, file, fileBytes);
    const tail = await this.#tailPart(row.baseOffset, {
      file,
      from: row.bytes,
      to: (await this.#isSplit(row)) ? row.bytes : fileBytes,
      offset: row.endOffset,
    });
    const all = joined([...sound, ...tail]);
    this.segments.push({ baseOffset: row.baseOffset, file, fileBytes, sound: all, row });
  }

  async #later(baseOffset: number): Promise<void> {
    const file = this.#path(baseOffset);
    const fileBytes = (await sizeOf(this.#question.files, file)) as number;
    if (baseOffset < this.#end) return this.#foreign(baseOffset);
    if (baseOffset > this.#end) {
      const offsets = { from: this.#end, to: baseOffset };
      const facts = { position: 0, field: 'first offset', expected: String(this.#end) };
      const found = String(baseOffset);
      this.#tell({ severity: 'damage', kind: 'segment-gap', file, ...facts, found, offsets });
    }
    const part = { file, from: 0, to: fileBytes, offset: baseOffset };
    this.isTailLost = false;
    const sound = await this.#tailPart(baseOffset, part);
    this.segments.push({ baseOffset, file, fileBytes, sound, row: undefined });
  }

  /** Of this base offset there should be none. */
  async #foreign(baseOffset: number): Promise<void> {
    const file = this.#path(baseOffset);
    const fileBytes = await sizeOf(this.#question.files, file);
    const facts = { position: 0, field: 'segment', expected: 'none of this base offset' };
    this.#tell({ severity: 'damage', kind: 'segment-foreign', file, ...facts, found: 'a file' });
    this.segments.push({ baseOffset, file, fileBytes, sound: [], row: undefined });
  }

  /** Undefined when it is missing, which is told. */
  async #sizeOf(row: SegmentRow): Promise<number | undefined> {
    const { baseOffset, endOffset } = row;
    const file = this.#path(baseOffset);
    const fileBytes = await sizeOf(this.#question.files, file);
    if (fileBytes !== undefined) return fileBytes;
    const facts = { position: 0, field: 'file length', expected: `${row.bytes} bytes` };
    const offsets = { from: baseOffset, to: endOffset };
    const found = 'no such file';
    this.#tell({ severity: 'damage', kind: 'segment-missing', file, ...facts, found, offsets });
    this.segments.push({ baseOffset, file, fileBytes, sound: [], row });
    this.isTailLost = this.#isNewest(row);
    return undefined;
  }

  /** What the checkpoint knows: so many bytes, up to this offset. */
  async #durablePart(
    row: SegmentRow,
    file: string,
    fileBytes: number,
  ): Promise<readonly SoundStretch[]> {
    const { baseOffset: offset, endOffset: offsetEnd } = row;
    const to = Math.min(fileBytes, row.bytes);
    const { sound, bad } = await this.#read(file, { from: 0, to, offset, offsetEnd });
    // No start reads there, unless a mark asks for it.
    const isLong = this.#isNewest(row) ? fileBytes >= row.bytes : fileBytes === row.bytes;
    const isHidden = isLong && !this.#question.marks.has(offset);
    const end = endOf(sound, offset);
    const cut = bad.at(-1)?.to === to ? bad.at(-1) : undefined;
    const isOther = await this.#isOfAnother(file, { row, fileBytes, end, cut });
    this.isTailLost = this.#isNewest(row) && (isOther || fileBytes < row.bytes);
    if (isOther) {
      const fault = {
        field: 'last offset',
        expected: `${offsetEnd - 1} at ${to}`,
        found: 'another',
      };
      this.#badBytes(
        file,
        { from: 0, to, fault, offsets: { from: offset, to: offsetEnd } },
        isHidden,
      );
      return [];
    }
    for (const each of bad) {
      // A batch that was cut in two is the missing length once more.
      if (each !== cut || to === row.bytes) this.#badBytes(file, each, isHidden);
    }
    if (to < row.bytes) this.#wrongLength(row, fileBytes, { from: end, to: offsetEnd });
    return sound;
  }

  /** Whole batches that end elsewhere than the checkpoint knows: another segment's file. */
  async #isOfAnother(
    file: string,
    given: {
      readonly row: SegmentRow;
      readonly fileBytes: number;
      readonly end: number;
      readonly cut: BadStretch | undefined;
    },
  ): Promise<boolean> {
    const { row, fileBytes, end, cut } = given;
    if (fileBytes < row.bytes) return false;
    if (cut === undefined) return end !== row.endOffset;
    const { from, offsets } = cut;
    const { sound } = await this.#read(file, {
      from,
      to: fileBytes,
      offset: offsets.from,
      offsetEnd: undefined,
    });
    return sound[0]?.from === from;
  }

  /** What is good of it. A torn end is told and left out, whatever stands behind its first fault. */
  async #tailPart(
    baseOffset: number,
    { file, from, to, offset }: { readonly file: string } & Omit<SegmentQuestion, 'offsetEnd'>,
  ): Promise<SoundStretch[]> {
    const { present, marks } = this.#question;
    const offsetEnd = present.find((each) => each > baseOffset);
    const mark = marks.get(baseOffset);
    const { sound, bad } = await this.#read(file, { from, to, offset, offsetEnd });
    let torn: BadStretch | undefined;
    for (const each of bad) {
      const isMarked = each.from < (mark?.bytes ?? 0);
      const isDurable =
        isMarked || offsetEnd !== undefined || (await this.#isProven(file, each, to));
      if (isDurable) this.#badBytes(file, each, false);
      else torn ??= each;
      if (torn !== undefined) break;
    }
    if (torn !== undefined) {
      const { field, expected, found } = torn.fault;
      const offsets = { from: torn.offsets.from, to: undefined };
      const facts = { position: torn.from, field, expected, found, offsets };
      this.#tell({ severity: 'mended', kind: 'torn-tail', file, ...facts });
    }
    const kept = sound.filter((each) => torn === undefined || each.from < torn.from);
    this.#end = bad.at(-1)?.to === to && offsetEnd !== undefined ? offsetEnd : endOf(kept, offset);
    return kept;
  }

  async #isProven(file: string, bad: BadStretch, fileBytes: number): Promise<boolean> {
    const handle = await this.#question.files.open(file, 'read');
    try {
      const region = { position: bad.from, offset: bad.offsets.from, fileBytes };
      return await wasDurable(handle, region);
    } finally {
      await handle.close();
    }
  }

  /** What stands behind the checkpoint was written anew as a segment, and is still to be cut here. */
  async #isSplit({ baseOffset, endOffset }: SegmentRow): Promise<boolean> {
    if (endOffset === baseOffset || !this.#question.present.includes(endOffset)) return false;
    return (await sizeOf(this.#question.files, this.#path(endOffset))) !== 0;
  }

  async #read(file: string, part: SegmentQuestion): Promise<SegmentReading> {
    if (part.from >= part.to) return { sound: [], bad: [] };
    const handle = await this.#question.files.open(file, 'read');
    try {
      return await examineSegment(handle, part, this.#question.visit);
    } finally {
      await handle.close();
    }
  }

  #badBytes(file: string, { from: position, fault, offsets }: BadStretch, isHidden: boolean): void {
    const facts = { file, position, ...fault, offsets, isHidden };
    this.#tell({ severity: 'damage', kind: 'bad-bytes', ...facts });
  }

  #wrongLength(row: SegmentRow, fileBytes: number, offsets: Finding['offsets']): void {
    this.#tell({
      severity: 'damage',
      kind: 'segment-length',
      file: this.#path(row.baseOffset),
      position: Math.min(fileBytes, row.bytes),
      field: 'file length',
      expected: `${this.#isNewest(row) ? 'at least ' : ''}${row.bytes} bytes`,
      found: `${fileBytes} bytes`,
      ...(offsets && { offsets }),
    });
  }

  #isNewest(row: SegmentRow): boolean {
    return row === this.#question.checkpoint.segments.at(-1);
  }

  #tell(finding: Finding): void {
    this.findings.push(finding);
  }

  #path(baseOffset: number): string {
    return logPath(this.#question.directory, baseOffset);
  }
}
