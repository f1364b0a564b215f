/**
 * A machine with a simulated disk on which the broker runs again and again: stopped in order,
 * killed, or cut off from its power. SQLite's files are kept aside in memory: what they promise is
 * theirs to keep.
 */
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { LocalBroker } from '../../src/broker/local/local-broker.ts';
import type { LocalBrokerOptions } from '../../src/broker/local/local-broker.ts';
import { Catalogue } from '../../src/storage/catalogue.ts';
import type { Files } from '../../src/storage/files.ts';
import type { PreviousRun } from '../../src/storage/owner-file.ts';
import { localBrokerOptions } from './local-broker.ts';
import { ManualClock } from './manual-clock.ts';
import { SimulatedFiles } from './simulated-files.ts';

export class SimulatedMachine {
  readonly clock = new ManualClock();
  disk: SimulatedFiles;
  /** How the last run ended, as the next one is told. */
  previousRun: PreviousRun = 'none';
  readonly #database = new DatabaseSync(':memory:');
  #running: LocalBroker | undefined;

  /** What runs on it at the end of the test is closed. */
  constructor(seed = 1) {
    this.disk = new SimulatedFiles({ seed });
    onTestFinished(() => this.#running?.close());
  }

  /** `files`: something that stands in front of the disk. */
  async start(
    files: Files = this.disk,
    more: Partial<LocalBrokerOptions> = {},
  ): Promise<LocalBroker> {
    const { previousRun, clock } = this;
    const owner = {
      previousRun,
      release: async (ending: 'clean' | 'unclean') => {
        this.previousRun = ending === 'clean' ? 'clean' : 'same-boot';
      },
    };
    this.previousRun = 'same-boot';
    const catalogue = Catalogue.open(this.#database, 'x'.repeat(22));
    const kept = { owner, catalogue };
    const options = localBrokerOptions({ directory: '/data', files, clock, kept, ...more });
    this.#running = await LocalBroker.open(options);
    return this.#running;
  }

  /** SIGKILL: what was written is seen by the next run, and is not durable by that. */
  kill(): void {
    this.#running = undefined;
    this.disk = this.disk.kill();
    this.previousRun = 'same-boot';
  }

  /** What was not synced is lost, torn or reordered, as the seed has it. */
  cutPower(): void {
    this.#running = undefined;
    this.disk = this.disk.crash();
    this.previousRun = 'rebooted';
  }
}
