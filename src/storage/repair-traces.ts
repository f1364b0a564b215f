/** What repairs have left in a partition's directory, as the server's start meets it. */
import { join } from 'node:path';
import type { Checkpoint } from './checkpoint.ts';
import type { LogContext } from './log-context.ts';
import type { PartitionFiles } from './recovery-files.ts';
import { REPAIR_FILE } from './segment-files.ts';

type Place = Pick<LogContext, 'directory' | 'log' | 'status'>;

/** Takes the partition offline when a repair is unfinished: its files may be on their way. */
export function isRepairUnfinished(place: Place, { names }: PartitionFiles): boolean {
  if (!names.includes(REPAIR_FILE)) return false;
  const { directory, log, status } = place;
  const file = join(directory, REPAIR_FILE);
  status.offline(`${file}: a repair was interrupted; stop the server and repair again`);
  log.error({ file }, 'a repair was interrupted: the partition takes no writes until it is done');
  return true;
}

/** Says at every start what is gone: a reader is only led past it. */
export function tellGaps({ directory, log }: Omit<Place, 'status'>, checkpoint: Checkpoint): void {
  for (const { from, to } of gapsOf(checkpoint)) {
    log.warn({ directory, from, to }, `records ${from} to ${to - 1} are gone: a repair lost them`);
  }
}

/** Offsets between segments that do not meet, half open. */
export function gapsOf({ segments }: Checkpoint): { readonly from: number; readonly to: number }[] {
  return segments.flatMap(({ baseOffset: to }, index) => {
    const from = segments[index - 1]?.endOffset ?? to;
    return from < to ? [{ from, to }] : [];
  });
}
