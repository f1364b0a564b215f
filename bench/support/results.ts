/**
 * What a run of the benches has measured, as numbers: a work, who did it, and a figure a turn. The
 * tables, the picture and the comparison with an earlier run are all made of these.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { median } from './report.ts';

export interface Measured {
  readonly bench: string;
  /** What was to be done, in words; the same for all who did it in turn. */
  readonly work: string;
  readonly contestant: string;
  /** Where it stands on the axis that the work names: such a work is drawn as a curve. */
  readonly at?: number;
  readonly unit: string;
  /** Which way is good. */
  readonly better: 'more' | 'less';
  /** One figure a turn; contestants of one work have as many and alternate. */
  readonly turns: readonly number[];
  /** The contestant of the same work that it is measured by. */
  readonly against?: string;
  /** What the ratio to that one, or without one the figure itself, is to reach. */
  readonly asked?: number;
  /** What kept it from more, as far as the bench can tell: client, server, disk. */
  readonly bound?: string;
}

export interface Results {
  readonly machine: string;
  /** Rates of the disk and of bare Fastify, before and after everything else. */
  readonly yardsticks: { readonly [name: string]: readonly [before: number, after: number] };
  readonly measured: readonly Measured[];
}

/** Turn by turn, because what slows one contestant has slowed its neighbour in the same minute. */
export function ratiosOf(row: Measured, all: readonly Measured[]): number[] | undefined {
  if (row.against === undefined) return undefined;
  const yardstick = all.find(
    ({ bench, work, contestant }) =>
      bench === row.bench && work === row.work && contestant === row.against,
  );
  if (yardstick === undefined) throw new Error(`${row.work}: nobody is called ${row.against}`);
  return row.turns.map((each, turn) => each / (yardstick.turns[turn] as number));
}

/** What is compared between runs: ratios where there are any, for only they mean something. */
export function comparable(row: Measured, all: readonly Measured[]): readonly number[] {
  return ratiosOf(row, all) ?? row.turns;
}

export function reaches(row: Measured, all: readonly Measured[]): boolean | undefined {
  if (row.asked === undefined) return undefined;
  const value = median(comparable(row, all));
  return row.better === 'more' ? value >= row.asked : value <= row.asked;
}

export function readResults(path: string): Results {
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}

export function writeResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`);
}
