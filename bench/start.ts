/**
 * From the start of the process to the first answered produce, and memory at rest: Millrace as it
 * is built, bare Fastify beside it, in turn.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  inTemporaryDirectory,
  memoryOf,
  startBareFastify,
  startMillrace,
} from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { median } from './support/report.ts';
import type { Measured } from './support/results.ts';
import { printMeasured } from './support/turns.ts';

const RUNS = 15;
const BARE = 'bare Fastify';

export async function benchStart(): Promise<Measured[]> {
  const millrace: Sample[] = [];
  const fastify: Sample[] = [];
  await inTemporaryDirectory(async (directory) => {
    // The first run of each fills caches and is not counted.
    for (let run = 0; run <= RUNS; run += 1) {
      fastify.push(await sample(await startBareFastify()));
      const dataDirectory = join(directory, String(run));
      millrace.push(await sample(await startMillrace({ dataDirectory })));
    }
  });
  const rows = (work: string, unit: string, what: keyof Sample): Measured[] => {
    const row = { bench: 'start', work, unit, better: 'less' } as const;
    const [bare, ours] = [fastify, millrace].map((each) => each.slice(1).map((one) => one[what]));
    return [
      { ...row, contestant: BARE, turns: bare as number[] },
      { ...row, contestant: 'Millrace', turns: ours as number[] },
    ];
  };
  const [bareStart, ourStart] = rows('start to the first answered produce', 'ms', 'startMs');
  const [bareMemory, ourMemory] = rows('resident memory at rest', 'MiB', 'memory');
  const bareMiB = median((bareMemory as Measured).turns);
  const starts = [bareStart as Measured, { ...(ourStart as Measured), against: BARE, asked: 1.3 }];
  const memory = [
    bareMemory as Measured,
    // At most 12 MiB more, as the ratio that this is today.
    { ...(ourMemory as Measured), against: BARE, asked: (bareMiB + 12) / bareMiB },
  ];
  printMeasured(starts);
  printMeasured(memory);
  return [...starts, ...memory];
}

interface Sample {
  readonly startMs: number;
  readonly memory: number;
}

async function sample(server: Contestant): Promise<Sample> {
  await pause(1_000);
  const memory = memoryOf(server.pid).now;
  await server.stop();
  return { startMs: server.startMs, memory };
}
