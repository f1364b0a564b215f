/**
 * npm run bench -- [NAME ...]
 *
 * Runs the named benches, or all of them but growth, which is long; prints their tables, and leaves numbers and a picture in
 * bench/results: latest.json and latest.svg.
 */
import { benchBatches } from './batches.ts';
import { benchConsume } from './consume.ts';
import { benchGroups } from './groups.ts';
import { benchGrowth } from './growth.ts';
import { benchMemory } from './memory.ts';
import { benchPartitions, benchRecovery } from './recovery.ts';
import { benchSingle } from './single.ts';
import { benchStart } from './start.ts';
import { recordRun } from './support/record-run.ts';
import type { Measured } from './support/results.ts';
import { benchTail } from './tail.ts';
import { benchTurns } from './turns.ts';
import { benchWide } from './wide.ts';

const BENCHES: { readonly [name: string]: () => Promise<Measured[]> } = {
  start: benchStart,
  single: benchSingle,
  batches: benchBatches,
  consume: benchConsume,
  tail: benchTail,
  turns: benchTurns,
  wide: benchWide,
  groups: benchGroups,
  memory: benchMemory,
  recovery: benchRecovery,
  partitions: benchPartitions,
  growth: benchGrowth,
};

const named = process.argv.slice(2);
const wanted = named.length > 0 ? named : Object.keys(BENCHES).filter((name) => name !== 'growth');
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
await recordRun('latest', async () => {
  const measured: Measured[] = [];
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (!wanted.includes(name)) continue;
    console.log(`## ${name}\n`);
    measured.push(...(await bench()));
  }
  return measured;
});
console.log('npm run bench:compare tells what has changed since bench/results/baseline.json');
