/** Contestants take turns, so that what slows the machine slows them all. */
import type { Busy } from './processor-time.ts';
import { boundOf, watchProcessors } from './processor-time.ts';
import { median, printTable, range, shown } from './report.ts';
import { ratiosOf } from './results.ts';
import type { Measured } from './results.ts';

/** One turn; answers its figure. */
export type Turn = () => number | Promise<number>;

export interface Contest extends Pick<Measured, 'bench' | 'work' | 'unit' | 'bound'> {
  readonly better?: Measured['better'];
  readonly turns: number;
  readonly contestants: { readonly [name: string]: Turn };
  /** Before each turn, and no part of it. */
  readonly before?: () => Promise<void>;
  /** Its servers by contestant, where who was busy is to be told from what was measured. */
  readonly pids?: { readonly [name: string]: number };
  /** By contestant: the yardstick it is held against, and what is asked of the ratio. */
  readonly against?: { readonly [name: string]: string };
  /** By contestant. */
  readonly asked?: { readonly [name: string]: number };
}

/** Plays it, prints its table, and answers what was measured. */
export async function takeTurns(contest: Contest): Promise<Measured[]> {
  const { bench, work, unit, bound, better = 'more', contestants } = contest;
  const figures = new Map<string, number[]>();
  const busy = new Map<string, Busy[]>();
  for (let turn = 0; turn < contest.turns; turn += 1) {
    for (const [name, play] of Object.entries(contestants)) {
      await contest.before?.();
      const pid = contest.pids?.[name];
      const watched = pid === undefined ? undefined : watchProcessors(pid);
      figures.set(name, [...(figures.get(name) ?? []), await play()]);
      if (watched !== undefined) busy.set(name, [...(busy.get(name) ?? []), watched()]);
    }
  }
  const measured = [...figures].map(([contestant, turns]): Measured => {
    const [against, asked] = [contest.against?.[contestant], contest.asked?.[contestant]];
    const watched = busy.get(contestant);
    const told = contestant.startsWith('Millrace') ? bound : undefined;
    const limit = watched === undefined ? told : boundOf(watched);
    return {
      ...{ bench, work, contestant, unit, better, turns },
      ...(against !== undefined && { against }),
      ...(asked !== undefined && { asked }),
      ...(limit !== undefined && { bound: limit }),
    };
  });
  printMeasured(measured);
  return measured;
}

/** The rows of one work. */
export function printMeasured(measured: readonly Measured[]): void {
  const [first] = measured;
  if (first === undefined) return;
  const rows = measured.map((row) => {
    const ratios = ratiosOf(row, measured);
    const ratio = ratios && `${shown(median(ratios), 2)} (${range(ratios, 2)}) of ${row.against}`;
    const asked = row.asked === undefined ? '' : shown(row.asked, row.asked < 10 ? 2 : 0);
    const digits = median(row.turns) < 10 ? 2 : 0;
    return [
      row.contestant,
      shown(median(row.turns), digits),
      range(row.turns, digits),
      ratio ?? '',
      asked,
      row.bound ?? '',
    ];
  });
  printTable([first.work, first.unit, 'range', 'ratio', 'asked', 'bound'], rows);
}
