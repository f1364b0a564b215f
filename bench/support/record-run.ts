/**
 * A run from its first line to its last: the yardsticks before and after, and what was measured as
 * numbers and as a picture, in bench/results.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pictureOf } from './picture.ts';
import { machine, printTable, shown } from './report.ts';
import type { Measured } from './results.ts';
import { writeResults } from './results.ts';
import { measureYardsticks } from './yardsticks-around.ts';

const PLACE = fileURLToPath(new URL('../results', import.meta.url));

/** Leaves `name`.json and `name`.svg. */
export async function recordRun(name: string, run: () => Promise<Measured[]>): Promise<void> {
  console.log(`${machine()}\n`);
  const before = await measureYardsticks();
  const measured = await run();
  const after = await measureYardsticks();
  const yardsticks = Object.fromEntries(
    Object.entries(before).map(([rate, value]) => [rate, [value, after[rate] as number] as const]),
  );
  printTable(
    ['yardsticks', 'before', 'after'],
    Object.entries(yardsticks).map(([rate, [first, last]]) => [rate, shown(first), shown(last)]),
  );
  const results = { machine: machine(), yardsticks, measured };
  writeResults(join(PLACE, `${name}.json`), results);
  writeFileSync(join(PLACE, `${name}.svg`), pictureOf(results));
  console.log(`bench/results/${name}.json and ${name}.svg hold the same.`);
}
