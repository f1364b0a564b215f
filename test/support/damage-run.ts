/**
 * Small stopped partitions whose files are spoiled one after the other, in every way. Whatever is
 * wrong with them is reported, or changes no answer; the examination finds what the server finds;
 * and a repair brings back all that is sound, gives no offset to another record, and keeps every byte.
 */
import { basename } from 'node:path';
import { lastOffsetAt } from '../../src/codec/batch-header.ts';
import type { LogFacts } from '../../src/model/log.ts';
import type { PartitionLog } from '../../src/storage/partition-log.ts';
import type { PartitionExamination } from '../../src/storage/doctor/examine-partition.ts';
import { logPath } from '../../src/storage/segment-files.ts';
import { batchesIn, recordsIn } from './batches.ts';
import { BoundedFiles } from './bounded-files.ts';
import type { DamageSubject } from './damage-subjects.ts';
import { appendTexts, DIRECTORY, openLog, recordingLog } from './partition-fixture.ts';
import type { LogLine } from './partition-fixture.ts';
import { examine, repair } from './repair-scene.ts';

/** By name; undefined takes the file away. */
export type Spoiled = ReadonlyMap<string, Buffer | undefined>;

export function spoiledDisk(subject: DamageSubject, spoiled: Spoiled): BoundedFiles {
  const files = new Map([...subject.files, ...spoiled]);
  const sizes = [...files.values()].map((content) => content?.length ?? 0);
  // Nothing is longer than the longest file, but for a checkpoint that names more segments.
  const readBytesMax = Math.max(...sizes) + 4_096;
  const disk = new BoundedFiles({ readBytesMax, callsMax: 5_000 });
  for (const [name, content] of files) {
    if (content !== undefined) disk.put(`${DIRECTORY}/${name}`, content);
  }
  return disk;
}

/** Undefined when it is fine, else what is wrong with how the spoiled files were taken. */
export async function faultOf(
  subject: DamageSubject,
  spoiled: Spoiled,
): Promise<string | undefined> {
  const disk = spoiledDisk(subject, spoiled);
  const before = disk.contents;
  const examination = await examine(disk, subject);
  const served = await servedBy(spoiledDisk(subject, spoiled), subject, spoiled);
  return (
    (sameContents(before, disk.contents) ? undefined : 'the examination has changed a file') ??
    served.fault ??
    disagreement(examination, served) ??
    (await repairFault(subject, disk, examination, owedBefore(subject, spoiled, [])))
  );
}

interface Served {
  /** Texts by offset. */
  readonly records: ReadonlyMap<number, string>;
  /** The file was named at the start, or by a read. */
  readonly told: 'at the start' | 'by a read' | 'nothing';
  readonly fault: string | undefined;
}

async function servedBy(
  disk: BoundedFiles,
  subject: DamageSubject,
  spoiled: Spoiled,
): Promise<Served> {
  const told = recordingLog();
  const { config, previousRun } = subject;
  const log = await openLog(disk, { config, previousRun, log: told });
  if (log.state !== 'online') {
    const isNamed = log.reason?.includes(`${DIRECTORY}/`) === true;
    const fault = isNamed ? undefined : `offline without a file: ${log.reason}`;
    return { records: new Map(), told: 'at the start', fault };
  }
  const found = await recordsOf(log).catch((error: unknown) => error);
  if (!(found instanceof Map)) {
    const isTold = (found as { code?: unknown }).code === 'KAFKA_STORAGE_ERROR';
    return { records: new Map(), told: 'by a read', fault: isTold ? undefined : String(found) };
  }
  const records = found as ReadonlyMap<number, string>;
  const owed = owedBefore(subject, spoiled, told.lines);
  const fault =
    differenceOf(subject.records, records, (offset) => offset < owed) ??
    ((await log.offsetForTimestamp(0))?.offset === 0 ? undefined : 'the lookup by time fails');
  return { records, told: 'nothing', fault: fault && `nobody said so: ${fault}` };
}

/**
 * What may be missing without a word of damage (src/storage/README.md, "What is not promised"):
 * a tail that is told to be torn, from its first bad byte on, and what vanishes at a batch's border
 * behind the checkpoint.
 */
function owedBefore(
  { previousRun, files, newest }: DamageSubject,
  spoiled: Spoiled,
  lines: readonly LogLine[],
): number {
  if (previousRun === 'clean' && !spoiled.has('recovery.checkpoint')) return Infinity;
  const torn = lines.find(({ message }) => message.startsWith('a torn tail'));
  if (torn !== undefined) return offsetAt(files, torn.facts);
  if (!spoiled.has(newest.name)) return Infinity;
  const left = spoiled.get(newest.name) ?? Buffer.alloc(0);
  const whole = files.get(newest.name) as Buffer;
  if (!whole.subarray(0, left.length).equals(left)) return Infinity;
  return offsetAt(files, { segment: newest.baseOffset, position: left.length });
}

/** The offset of the batch that stood, or stands, at this position of a segment. */
function offsetAt(files: DamageSubject['files'], facts: LogFacts): number {
  const { segment, position } = facts as { readonly segment: number; readonly position: number };
  let offset = segment;
  let at = 0;
  for (const batch of batchesIn(files.get(basename(logPath('/', segment))) as Buffer)) {
    if (at >= position) break;
    at += batch.length;
    offset = lastOffsetAt(batch, 0) + 1;
  }
  return at === position ? offset : -1;
}

function disagreement({ findings }: PartitionExamination, { told }: Served): string | undefined {
  const damage = findings.filter(({ severity }) => severity === 'damage');
  const isFoundAtStart = damage.some(({ isHidden }) => isHidden !== true);
  if (isFoundAtStart !== (told === 'at the start')) {
    return `the server tells ${told}, the examination finds ${JSON.stringify(damage)}`;
  }
  // A start reads no closed segment, and a reader no flush start.
  const isHarmless = damage.every(({ offsets }) => offsets?.from === offsets?.to);
  if ((damage.length > 0 && !isHarmless) !== (told !== 'nothing') && told !== 'at the start') {
    return `the server tells ${told}, the examination finds ${JSON.stringify(damage)}`;
  }
  const unnamed = damage.find(({ file }) => !file.startsWith(`${DIRECTORY}/`));
  return unnamed && `no file in ${JSON.stringify(unnamed)}`;
}

async function repairFault(
  subject: DamageSubject,
  disk: BoundedFiles,
  { findings, endOffset }: PartitionExamination,
  owed: number,
): Promise<string | undefined> {
  const before = [...disk.contents.values()];
  const damage = findings.filter(({ severity }) => severity === 'damage');
  if (damage.length === 0 || damage.some(({ kind }) => kind === 'nothing-left')) return undefined;
  await repair(disk, subject);
  const after = new Set([...disk.contents.values()].map((each) => each.toString('latin1')));
  if (!before.every((each) => after.has(each.toString('latin1')))) return 'a byte was thrown away';
  const { config } = subject;
  const log = await openLog(disk, { config, previousRun: 'rebooted' });
  if (log.state !== 'online') return `offline after the repair: ${log.reason}`;
  const lost = damage.flatMap(({ offsets }) => offsets ?? []);
  const torn = findings.find(({ kind }) => kind === 'torn-tail')?.offsets?.from ?? Infinity;
  const isOwed = (offset: number): boolean =>
    offset < Math.min(torn, owed) &&
    !lost.some(({ from, to = Infinity }) => from <= offset && offset < to);
  const difference = differenceOf(subject.records, await recordsOf(log), isOwed);
  if (difference !== undefined) return `after the repair: ${difference}`;
  const { baseOffset } = await appendTexts(log, 'next');
  if (baseOffset !== endOffset || (await recordsOf(log)).get(baseOffset) !== 'next') {
    return `the next record got offset ${baseOffset}, not ${endOffset}`;
  }
  if (torn === Infinity && baseOffset < subject.end) {
    return `offset ${baseOffset} was given again`;
  }
  await log.close();
  const again = (await examine(disk)).findings.filter(({ severity }) => severity !== 'note');
  return again.length === 0 ? undefined : `found after the repair: ${JSON.stringify(again)}`;
}

/** Nothing may be there that was not; all that is owed must be. */
function differenceOf(
  all: ReadonlyMap<number, string>,
  found: ReadonlyMap<number, string>,
  isOwed: (offset: number) => boolean,
): string | undefined {
  for (const [offset, text] of found) {
    if (all.get(offset) !== text) return `another record at offset ${offset}`;
  }
  for (const offset of all.keys()) {
    if (isOwed(offset) && !found.has(offset)) return `the record at offset ${offset} is missing`;
  }
  return undefined;
}

export async function recordsOf(log: PartitionLog): Promise<Map<number, string>> {
  const records = new Map<number, string>();
  for (let offset = log.logStartOffset; offset < log.highWatermark;) {
    const bytes = await log.read(offset, 1_048_576);
    if (bytes.length === 0) break;
    for (const batch of batchesIn(bytes)) {
      for (const record of await recordsIn(batch)) {
        records.set(record.offset, String(record.value && Buffer.from(record.value)));
        offset = record.offset + 1;
      }
    }
  }
  return records;
}

function sameContents(
  one: ReadonlyMap<string, Buffer>,
  other: ReadonlyMap<string, Buffer>,
): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([path, content]) => other.get(path)?.equals(content) === true);
}
