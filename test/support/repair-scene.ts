/** A partition's directory, examined and repaired as the command does it, on any `Files`. */
import type { Files } from '../../src/storage/files.ts';
import type { PartitionExamination } from '../../src/storage/doctor/examine-partition.ts';
import { examinePartition } from '../../src/storage/doctor/examine-partition.ts';
import {
  carryOut,
  repairPartition,
  unfinishedRepair,
} from '../../src/storage/doctor/repair-partition.ts';
import { planRepair } from '../../src/storage/doctor/repair-plan.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { DIRECTORY } from './partition-fixture.ts';

export const NOW_MS = 5_000;

export interface ExamineOptions {
  readonly directory?: string;
  readonly previousRun?: PreviousRun;
}

export function examine(
  files: Files,
  { directory = DIRECTORY, previousRun = 'clean' }: ExamineOptions = {},
): Promise<PartitionExamination> {
  return examinePartition({ directory, files, previousRun, nowMs: NOW_MS, visit: () => {} });
}

/** Carries out what was begun, or begins anew where there is damage. */
export async function repair(
  files: Files,
  { mustRewrite = false, ...options }: ExamineOptions & { readonly mustRewrite?: boolean } = {},
): Promise<void> {
  const { directory = DIRECTORY } = options;
  const place = { directory, files };
  const begun = await unfinishedRepair(place);
  if (begun.kind === 'read') await carryOut(place, begun.value);
  const found = await examine(files, options);
  if (!found.findings.some(({ severity }) => severity === 'damage')) return;
  await repairPartition(place, planRepair(found, { mustRewrite, nowMs: NOW_MS }));
}
