/**
 * npm run bench -- [start] [produce] [memory] [recovery] [partitions] [groups]
 *
 * Prints the tables that bench/README.md holds. Without a name: all of them, some minutes.
 */
import { benchGroups } from './groups.ts';
import { benchMemory } from './memory.ts';
import { benchProduce } from './produce.ts';
import { benchPartitions, benchRecovery } from './recovery.ts';
import { benchStart } from './start.ts';
import { printMachine } from './support/report.ts';

const BENCHES: { readonly [name: string]: () => Promise<void> } = {
  start: benchStart,
  produce: benchProduce,
  memory: benchMemory,
  recovery: benchRecovery,
  partitions: benchPartitions,
  groups: benchGroups,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
printMachine();
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`## ${name}\n`);
  await bench();
}
