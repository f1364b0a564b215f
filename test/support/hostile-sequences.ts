/** Sequences of generated requests, each put to an application of its own. */
import * as fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import type { Broker } from '../../src/broker/broker.ts';
import { buildApp } from '../../src/http/app.ts';
import { getDocument } from './description.ts';
import { hostileRequests, PRELUDE } from './hostile-requests.ts';
import { HostileRun } from './hostile-run.ts';
import { httpContext } from './http-context.ts';
import { ManualClock } from './manual-clock.ts';
import { createMemoryBroker } from './memory-broker.ts';
import { SimulatedMachine } from './simulated-machine.ts';

export interface HostilePlan {
  readonly seed: number;
  readonly sequences: number;
  /** Requests of one sequence. */
  readonly lengthMax: number;
  readonly open: () => Promise<OpenedBroker>;
}

interface OpenedBroker {
  readonly broker: Broker;
  readonly clock: ManualClock;
}

export async function inMemory(): Promise<OpenedBroker> {
  const clock = new ManualClock();
  return { broker: createMemoryBroker({ clock }), clock };
}

/** The server's own broker; the disk is simulated, so that nothing takes time but by the clock. */
export async function onDisk(): Promise<OpenedBroker> {
  const machine = new SimulatedMachine();
  return { broker: await machine.start(), clock: machine.clock };
}

/** How often each status was answered. Throws, with the seed, at the first answer that is wrong. */
export async function runSequences(plan: HostilePlan): Promise<ReadonlyMap<number, number>> {
  const document = await getDocument();
  const statuses = new Map<number, number>();
  const bounds = { minLength: plan.lengthMax / 2, maxLength: plan.lengthMax };
  const sequences = fc.array(hostileRequests(document), bounds);
  const property = fc.asyncProperty(sequences, async (requests) => {
    const { broker, clock } = await plan.open();
    const stopping = new AbortController();
    const app = buildApp(httpContext({ broker, clock, stopping: stopping.signal }));
    const run = new HostileRun({ app, broker, clock, document });
    for (const request of [...PRELUDE, ...requests]) {
      const status = await run.ask(request);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    await run.probe();
    stopping.abort();
    await close(app, broker);
  });
  await fc.assert(property, { seed: plan.seed, numRuns: plan.sequences, endOnFailure: true });
  return statuses;
}

async function close(app: FastifyInstance, broker: Broker): Promise<void> {
  await app.close();
  await broker.close();
}

/** Of all that were answered, in so many ways: a generator that only ever hits walls shows here. */
export function countOf(statuses: ReadonlyMap<number, number>, from = 200, to = 599): number {
  let count = 0;
  for (const [status, times] of statuses) if (status >= from && status <= to) count += times;
  return count;
}
