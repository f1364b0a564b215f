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
import { median, printTable, range, shown } from './support/report.ts';

const RUNS = 15;

export async function benchStart(): Promise<void> {
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
  printTable(
    ['', 'start to first answer, ms', 'range', 'resident at rest, MiB'],
    [row('bare Fastify', fastify.slice(1)), row('Millrace', millrace.slice(1))],
  );
  const ratio = medianOf(millrace.slice(1), 'startMs') / medianOf(fastify.slice(1), 'startMs');
  const more = medianOf(millrace.slice(1), 'memory') - medianOf(fastify.slice(1), 'memory');
  console.log(
    `start: ${shown(ratio, 2)} times bare Fastify's; memory: ${shown(more, 1)} MiB more\n`,
  );
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

function medianOf(samples: readonly Sample[], what: keyof Sample): number {
  return median(samples.map((each) => each[what]));
}

function row(name: string, samples: readonly Sample[]): string[] {
  const starts = samples.map((each) => each.startMs);
  return [name, shown(median(starts)), range(starts), shown(medianOf(samples, 'memory'), 1)];
}
