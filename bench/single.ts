/**
 * One record a request, durable: with 64 connections next to what a bare Fastify handler does with
 * the same body, and with one connection next to what the disk does.
 */
import { join } from 'node:path';
import { JSON_HEADERS, oneRecord } from './support/bodies.ts';
import { hasWrk, requestRate } from './support/load.ts';
import type { Generator } from './support/load.ts';
import {
  inTemporaryDirectory,
  startBareFastify,
  startDurableFastify,
  startMillrace,
} from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { takeTurns } from './support/turns.ts';
import { syncsPerSecond } from './support/yardsticks.ts';

const BARE = 'bare Fastify, keeps nothing';
/** What keeping costs whoever does nothing else: the limit that Millrace is up against. */
const DURABLE = 'bare Fastify with group commit';
const TURNS = 6;
const SECONDS = 3;
/** What a record of 100 bytes takes as a batch of its own. */
const BATCH_BYTES = 171;

export async function benchSingle(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const bare = await startBareFastify();
    const durable = await startDurableFastify(join(directory, 'durable-fastify'));
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      const measured: Measured[] = [];
      const generators: Generator[] = hasWrk() ? ['wrk', 'autocannon'] : ['autocannon'];
      for (const generator of generators) {
        measured.push(...(await manyConnections({ bare, durable, millrace }, generator)));
      }
      measured.push(...(await oneConnection({ durable, millrace }, directory)));
      return measured;
    } finally {
      await millrace.stop();
      await durable.stop();
      await bare.stop();
    }
  });
}

function rate(server: Contestant, connections: number, generator?: Generator): Promise<number> {
  const urls = [`${server.url}/topics/single`];
  const load = { urls, method: 'POST', body: oneRecord(), headers: JSON_HEADERS } as const;
  return requestRate({ ...load, connections, seconds: SECONDS }, generator);
}

function manyConnections(
  servers: Readonly<Record<'bare' | 'durable' | 'millrace', Contestant>>,
  generator: Generator,
): Promise<Measured[]> {
  return takeTurns({
    bench: 'single',
    work: `one record of 100 bytes a request, 64 connections, ${generator}`,
    unit: 'requests/s',
    turns: TURNS,
    pids: {
      [BARE]: servers.bare.pid,
      [DURABLE]: servers.durable.pid,
      Millrace: servers.millrace.pid,
    },
    contestants: {
      [BARE]: () => rate(servers.bare, 64, generator),
      [DURABLE]: () => rate(servers.durable, 64, generator),
      Millrace: () => rate(servers.millrace, 64, generator),
    },
    against: { Millrace: BARE, [DURABLE]: BARE },
    asked: { Millrace: 0.9 },
  });
}

function oneConnection(
  servers: Readonly<Record<'durable' | 'millrace', Contestant>>,
  directory: string,
): Promise<Measured[]> {
  const disk = 'this disk: appended and synced';
  return takeTurns({
    bench: 'single',
    work: 'one record of 100 bytes at a time, one connection',
    unit: 'requests/s',
    turns: TURNS,
    pids: { [DURABLE]: servers.durable.pid, Millrace: servers.millrace.pid },
    contestants: {
      [disk]: () => syncsPerSecond(directory, { bytes: BATCH_BYTES }),
      [DURABLE]: () => rate(servers.durable, 1),
      Millrace: () => rate(servers.millrace, 1),
    },
    against: { [DURABLE]: disk, Millrace: disk },
    asked: { Millrace: 0.9 },
  });
}
