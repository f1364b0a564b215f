/**
 * Runs a plan: a whole broker on a simulated disk and clock, life after life, with clients side by
 * side. In the end there are two lives without trouble in which everything must be online, and all
 * is read twice, a power cut between. Answers the history, for `history-checker.ts` to judge; rejects
 * with what no broker may throw.
 *
 * The same plan gives the same history, byte for byte: chance comes from the plan's seed, time from
 * a clock that goes on a little with each turn of the event loop, and nothing waits for a thread.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LocalBroker } from '../../src/broker/local/local-broker.ts';
import { isDiskError } from '../../src/storage/disk-errors.ts';
import type { Files } from '../../src/storage/files.ts';
import { changeTopics } from './broker-admin.ts';
import { BrokerMachine } from './broker-machine.ts';
import type { MachineCounts, Trouble } from './broker-machine.ts';
import {
  commitAsMember,
  commitAsNobody,
  deleteGroup,
  groupOf,
  leave,
  newMember,
  takePart,
} from './broker-members.ts';
import type { Member } from './broker-members.ts';
import type { Life, Plan, Step } from './broker-plan.ts';
import {
  deleteRecords,
  fetchOffsets,
  fetchSomewhere,
  listTopics,
  look,
  waitForRecords,
} from './broker-readers.ts';
import { refusalOf, World } from './broker-world.ts';
import { produce, produceBatches, produceOnce, produceParts } from './broker-writers.ts';
import type { Repeater } from './broker-writers.ts';
import { History } from './history.ts';
import type { Entry } from './history.ts';

/** How far the clock goes on with each turn. */
const TURN_MS = 20;
/** Turns of a life: some calls would wait for ever. */
const TURNS_MAX = 600;
/** Between two passes of housekeeping, and a bit. */
const HOUSEKEEPING_MS = 31_000;

export interface Simulated {
  readonly entries: readonly Entry[];
  readonly counts: MachineCounts;
}

export async function simulate(plan: Plan, wrap?: (files: Files) => Files): Promise<Simulated> {
  const simulation = new BrokerSimulation(plan, wrap);
  let unhandled: Error | undefined;
  const note = (error: unknown): void => {
    unhandled ??= error instanceof Error ? error : new Error(String(error));
  };
  process.on('unhandledRejection', note);
  try {
    const simulated = await simulation.run();
    if (unhandled !== undefined) throw unhandled;
    return simulated;
  } finally {
    process.off('unhandledRejection', note);
    simulation.machine.close();
  }
}

class BrokerSimulation {
  readonly machine: BrokerMachine;
  readonly #plan: Plan;
  readonly #history = new History();
  readonly #repeaters = new Map<string, Repeater>();
  readonly #members = new Map<string, Member>();

  constructor(plan: Plan, wrap?: (files: Files) => Files) {
    this.#plan = plan;
    this.machine = new BrokerMachine(plan.seed, wrap);
  }

  async run(): Promise<Simulated> {
    for (const life of this.#plan.lives) {
      const world = await this.#start(life);
      if (world !== undefined) await this.#live(world, life);
      this.#end(life.end);
    }
    await this.#lookBack();
    return { entries: this.#history.entries, counts: this.machine.counts };
  }

  async #start(trouble: Trouble): Promise<World | undefined> {
    let broker: LocalBroker | undefined;
    try {
      broker = await this.machine.start(trouble);
    } catch (error) {
      const refusal = refusalOf(error);
      // With a disk that fails it may refuse to start, in the words of the closed list.
      if (trouble.fault === undefined || refusal.kind === 'broken') throw error;
      this.#history.trouble(`the start was refused: ${(error as Error).message}`);
    }
    return broker && new World(broker, this.machine, this.#history);
  }

  async #live(world: World, { end, looks, steps }: Life): Promise<void> {
    const clients = new Map<string, Step[]>();
    for (const step of steps) {
      const known = clients.get(step.client);
      if (known === undefined) clients.set(step.client, [step]);
      else known.push(step);
    }
    await this.#whileAlive(async () => {
      // Otherwise at least what topics there are: a creation may have had no answer.
      await (looks ? look(world) : listTopics(world, 'look'));
      await this.#play(world, clients.get('first') ?? []);
      clients.delete('first');
      await Promise.all([...clients.values()].map((mine) => this.#play(world, mine)));
      if (end.startsWith('stop')) await this.#stop(world);
    });
  }

  /** On a disk that fails a stop may fail: then it was none in order. */
  async #stop(world: World): Promise<void> {
    try {
      await world.broker.close();
    } catch (error) {
      if (!isDiskError(error)) throw error;
      world.trouble(`the stop failed: ${error.message}`);
    }
  }

  /** Until it is done, a call hangs, or it takes too long. */
  async #whileAlive(work: () => Promise<void>): Promise<void> {
    const progress = { isDone: false };
    const working = work().finally(() => {
      progress.isDone = true;
    });
    // It is awaited below; until then nobody is to be told that nobody listens.
    working.catch(() => undefined);
    for (let turn = 0; turn < TURNS_MAX && !progress.isDone; turn += 1) {
      if (this.machine.isHanging) return;
      await nextTurn();
      this.machine.clock.advance(TURN_MS);
    }
    if (progress.isDone) await working;
  }

  async #play(world: World, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      for (let turn = 0; turn < step.wait; turn += 1) await nextTurn();
      if (world.isOver) return;
      const done = this.#do(world, step);
      // A hasty writer does not wait for its answers; their order is checked all the same.
      if (step.kind !== 'produce' || !step.isHasty) await done;
    }
  }

  #end(end: Life['end']): void {
    const { isHanging, injectedErrors } = this.machine;
    const troubles = [isHanging ? ' while a call was on its way' : ''];
    if (injectedErrors > 0) troubles.push(`, after ${injectedErrors} injected errors`);
    // A stop that was cut short is a kill.
    const really = isHanging && end === 'stop' ? 'kill' : end;
    this.#history.endLife(`${really}${troubles.join('')}`);
    this.machine.end(really);
  }

  async #lookBack(): Promise<void> {
    this.machine.freeDisk();
    for (const end of ['power cut', 'stop'] as const) {
      const world = await this.#start({});
      if (world === undefined) throw new Error('a start without trouble hangs');
      await this.#whileAlive(async () => {
        await look(world);
        this.machine.clock.advance(HOUSEKEEPING_MS);
        await world.ask('look', { kind: 'start' }, async () => {
          const { notOnline } = world.broker.health();
          const reasons = notOnline.map(({ topic, partition, state, reason }) =>
            [topic, partition, state, reason].join(' '),
          );
          return reasons.length === 0
            ? { kind: 'done' }
            : { kind: 'broken', reason: reasons.join('; ') };
        });
        if (end === 'stop') await world.broker.close();
      });
      this.#end(end);
    }
  }

  #do(world: World, step: Step): Promise<unknown> {
    switch (step.kind) {
      case 'produce':
        return produce(world, step);
      case 'produce parts':
        return produceParts(world, step);
      case 'produce batches':
        return produceBatches(world, step);
      case 'produce once':
        return produceOnce(world, step, this.#repeater(step.client));
      case 'fetch':
        return fetchSomewhere(world, step);
      case 'wait for records':
        return waitForRecords(world, step);
      case 'fetch offsets':
        return fetchOffsets(world, step.client, groupOf(step));
      case 'take part':
        return takePart(world, step, this.#member(step.client));
      case 'commit as member':
        return commitAsMember(world, step, this.#member(step.client));
      case 'leave':
        return leave(world, step, this.#member(step.client));
      case 'fall silent':
        Object.assign(this.#member(step.client), newMember());
        return Promise.resolve();
      case 'commit':
        return commitAsNobody(world, step);
      case 'delete group':
        return deleteGroup(world, step);
      case 'delete records':
        return deleteRecords(world, step);
      case 'create topic':
      case 'delete topic':
      case 'add partitions':
      case 'list topics':
        return changeTopics(world, step);
      case 'pass time':
        this.machine.clock.advance(step.draw < 0.4 ? HOUSEKEEPING_MS : step.count * 1_000);
        return Promise.resolve();
      case 'fill disk':
        world.trouble('the disk is full');
        this.machine.fillDisk(Math.floor(step.draw * 400));
        return Promise.resolve();
      case 'free disk':
        this.machine.freeDisk();
        return Promise.resolve();
    }
  }

  #repeater(client: string): Repeater {
    const known = this.#repeaters.get(client) ?? { identity: undefined, places: new Map() };
    this.#repeaters.set(client, known);
    return known;
  }

  #member(client: string): Member {
    const known = this.#members.get(client) ?? newMember();
    this.#members.set(client, known);
    return known;
  }
}
