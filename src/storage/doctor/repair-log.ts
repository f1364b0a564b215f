/** Repairs one examined log, or goes on with a repair that was interrupted; says what is lost by it. */
import { join } from 'node:path';
import { examinePartition } from './examine-partition.ts';
import type { ExaminedPlace, PartitionExamination } from './examine-partition.ts';
import { carryOut, repairPartition, unfinishedRepair } from './repair-partition.ts';
import { planRepair } from './repair-plan.ts';
import type { RepairPlan } from './repair-plan.ts';
import { gapsOf } from '../repair-traces.ts';
import { FENCED_FILE, REPAIR_FILE } from '../segment-files.ts';

export type RepairOutcome =
  | { readonly kind: 'impossible'; readonly reason: string }
  | {
      readonly kind: 'repaired';
      /** The directory of what was taken out of service. */
      readonly aside: string;
      /** Offsets of records that are not there any more, half open. */
      readonly lost: readonly { readonly from: number; readonly to: number }[];
      readonly endOffset: number;
    };

/** `found` is what an examination has just found. Rejects with what the file system says. */
export async function repairLog(
  place: ExaminedPlace,
  found: PartitionExamination,
): Promise<RepairOutcome> {
  const { directory, files, previousRun, nowMs } = place;
  const begun = await unfinishedRepair(place);
  if (begun.kind === 'damaged') {
    const reason = `${join(directory, REPAIR_FILE)} is damaged: put back a copy of the directory`;
    return { kind: 'impossible', reason };
  }
  if (begun.kind === 'read') {
    await carryOut({ directory, files }, begun.value);
    // Something may have been damaged since.
    const again = await examinePartition(place);
    if (!again.findings.some(({ severity }) => severity === 'damage')) {
      return outcomeOf(directory, begun.value);
    }
    return repairLog(place, again);
  }
  if (found.segments.length === 0) {
    return { kind: 'impossible', reason: 'nothing is left that could be repaired' };
  }
  const mustRewrite = previousRun === 'same-boot' || found.names.includes(FENCED_FILE);
  const plan = planRepair(found, { mustRewrite, nowMs });
  await repairPartition({ directory, files }, plan);
  return outcomeOf(directory, plan);
}

function outcomeOf(
  directory: string,
  { aside, checkpoint, lostAtStart }: RepairPlan,
): RepairOutcome {
  return {
    kind: 'repaired',
    aside: join(directory, aside),
    lost: [...lostAtStart, ...gapsOf(checkpoint)],
    endOffset: checkpoint.durableOffset,
  };
}
