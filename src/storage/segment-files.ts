/**
 * The names in a partition's directory.
 *
 *   00000000000000000042.log         segment whose first offset is 42
 *   00000000000000000042.index       its sparse offset index (a cache)
 *   00000000000000000042.timeindex   its sparse time index (a cache)
 *   00000000000000000042.log.deleted a segment that left on a full disk, see set-aside.ts
 *   00000000000000000042.7168.torn   bytes cut from position 7168 of that segment, kept aside
 *   00000000000000000042.damaged     mark: a read has met damage in that segment, see damage-marks.ts
 *   recovery.checkpoint              see checkpoint.ts
 *   recovery.checkpoint.damaged      one that failed its check, kept aside
 *   fenced                           marker: what the disk holds is not known, see fence.ts
 *   repair.unfinished                a repair is under way or was interrupted, see repair-partition.ts
 *   set-aside-1, set-aside-2 ...     directories: what a repair has taken out of service
 *   *.tmp                            a replacement that was not finished; removed at the next start
 */
import { join } from 'node:path';

export const CHECKPOINT_FILE = 'recovery.checkpoint';
export const FENCED_FILE = 'fenced';
export const REPAIR_FILE = 'repair.unfinished';
export const TEMPORARY_SUFFIX = '.tmp';
const DELETED_SUFFIX = '.deleted';
const DAMAGED_SUFFIX = '.damaged';

export function logPath(directory: string, baseOffset: number): string {
  return join(directory, `${segmentName(baseOffset)}.log`);
}

export function offsetIndexPath(directory: string, baseOffset: number): string {
  return join(directory, `${segmentName(baseOffset)}.index`);
}

export function timeIndexPath(directory: string, baseOffset: number): string {
  return join(directory, `${segmentName(baseOffset)}.timeindex`);
}

export function tornPath(directory: string, baseOffset: number, position: number): string {
  return join(directory, `${segmentName(baseOffset)}.${position}.torn`);
}

export function deletedPath(directory: string, baseOffset: number): string {
  return `${logPath(directory, baseOffset)}${DELETED_SUFFIX}`;
}

export function damagedPath(directory: string, baseOffset: number): string {
  return join(directory, `${segmentName(baseOffset)}${DAMAGED_SUFFIX}`);
}

/** The base offset that a `.log.deleted` name says, or undefined for any other name. */
export function baseOffsetOfDeletedName(name: string): number | undefined {
  if (!name.endsWith(DELETED_SUFFIX)) return undefined;
  return baseOffsetOfLogName(name.slice(0, -DELETED_SUFFIX.length));
}

/** The base offset that a `.log` name says, or undefined for any other name. */
export function baseOffsetOfLogName(name: string): number | undefined {
  return name.endsWith('.log') ? baseOffsetOfName(name) : undefined;
}

/** The same for a mark of damage. */
export function baseOffsetOfDamagedName(name: string): number | undefined {
  return name.endsWith(DAMAGED_SUFFIX) ? baseOffsetOfName(name) : undefined;
}

/** The same for a segment, one of its indexes or its mark of damage. */
export function baseOffsetOfName(name: string): number | undefined {
  const match = /^(\d{20})\.(log|index|timeindex|damaged)$/.exec(name);
  if (match === null) return undefined;
  const offset = Number(match[1]);
  return Number.isSafeInteger(offset) ? offset : undefined;
}

/** What a segment can have in the directory; its own file first. */
export function segmentNames(baseOffset: number): readonly string[] {
  return ['log', 'index', 'timeindex', 'damaged'].map((end) => `${segmentName(baseOffset)}.${end}`);
}

/** The number of a directory of things set aside, or undefined for any other name. */
export function numberOfSetAside(name: string): number | undefined {
  const match = /^set-aside-(\d{1,9})$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** Twenty digits, as Kafka has it: names sort as offsets do. */
function segmentName(baseOffset: number): string {
  return String(baseOffset).padStart(20, '0');
}
