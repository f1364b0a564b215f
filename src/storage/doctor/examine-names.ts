/** What the names in a partition's directory say by themselves: what waits there, and what is not ours. */
import { join } from 'node:path';
import type { DirectoryEntry } from '../files.ts';
import type { Finding, FindingKind } from './finding.ts';
import {
  baseOffsetOfDeletedName,
  baseOffsetOfName,
  CHECKPOINT_FILE,
  FENCED_FILE,
  numberOfSetAside,
  REPAIR_FILE,
  TEMPORARY_SUFFIX,
} from '../segment-files.ts';

/** `firstOffset`: base offset of the first segment that is kept; what stands below it has left. */
export function examineNames(
  directory: string,
  entries: readonly DirectoryEntry[],
  firstOffset: number,
): Finding[] {
  const findings: Finding[] = [];
  for (const entry of entries) {
    const kind = kindOf(entry, firstOffset);
    if (kind === undefined) continue;
    const severity = kind === 'repair-unfinished' ? 'damage' : 'note';
    findings.push({ severity, kind, file: join(directory, entry.name) });
  }
  return findings;
}

/** Undefined for what has its place here. */
function kindOf({ name, kind }: DirectoryEntry, firstOffset: number): FindingKind | undefined {
  if (numberOfSetAside(name) !== undefined && kind === 'directory') return 'set-aside';
  if (kind === 'directory') return 'unknown-file';
  if (name === REPAIR_FILE) return 'repair-unfinished';
  if (name === FENCED_FILE) return 'fenced';
  if (name === CHECKPOINT_FILE) return undefined;
  if (name === `${CHECKPOINT_FILE}.damaged`) return 'old-checkpoint';
  if (name.endsWith(TEMPORARY_SUFFIX)) return 'unfinished-replacement';
  if (/^\d{20}\.\d+\.torn$/.test(name)) return 'torn-bytes';
  if (baseOffsetOfDeletedName(name) !== undefined) return 'left';
  const baseOffset = baseOffsetOfName(name);
  if (baseOffset === undefined) return 'unknown-file';
  // The others are judged by what stands in them.
  return baseOffset < firstOffset ? 'left' : undefined;
}
