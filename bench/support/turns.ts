/** Contestants take turns, so that what slows the machine slows them all. */
import { median, printTable, range, shown } from './report.ts';
import { ratiosOf } from './results.ts';
import type { Measured } from './results.ts';

/** One turn; answers its figure. */
export type Turn = () => number | Promise<number>;

export interface Contest extends Pick<Measured, 'bench' | 'work' | 'unit' | 'bound'> {
  readonly better?: Measured['better'];
  readonly turns: number;
  readonly contestants: { readonly [name: string]: Turn };
  /** By contestant: the yardstick it is held against, and what is asked of the ratio. */
  readonly against?: { readonly [name: string]: string };
  /** By contestant. */
  readonly asked?: { readonly [name: string]: number };
}

/** Plays it, prints its table, and answers what was measured. */
export async function takeTurns(contest: Contest): Promise<Measured[]> {
  const { bench, work, unit, bound, better = 'more', contestants } = contest;
  const figures = new Map<string, number[]>();
  for (let turn = 0; turn < contest.turns; turn += 1) {
    for (const [name, play] of Object.entries(contestants)) {
      figures.set(name, [...(figures.get(name) ?? []), await play()]);
    }
  }
  const measured = [...figures].map(([contestant, turns]): Measured => {
    const [against, asked] = [contest.against?.[contestant], contest.asked?.[contestant]];
    return {
      ...{ bench, work, contestant, unit, better, turns },
      ...(against !== undefined && { against }),
      ...(asked !== undefined && { asked }),
      ...(bound !== undefined && contestant.startsWith('Millrace') && { bound }),
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
    ];
  });
  printTable([first.work, first.unit, 'range', 'ratio', 'asked'], rows);
}
