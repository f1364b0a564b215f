/**
 * What time brings, by the injected clock: retention, the roll of old segments, forgotten
 * producers and offsets, repairs and deletions that waited for the disk. One after the other, since
 * nobody waits for it; an error of one is told and the next is looked after.
 */
import type { CancelTimer, Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import { RETENTION_INTERVAL_MS } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import { isDiskError } from '../../storage/disk-errors.ts';
import type { Partition } from './partition.ts';
import { SteadyClock } from './steady-clock.ts';

export interface HousekeepingMeans {
  readonly clock: Clock;
  readonly log: Log;
  /** Those there are now, and what else is kept as they are. */
  readonly partitions: () => readonly Pick<Partition, 'housekeep'>[];
  readonly finishDeletions: () => Promise<void>;
}

export class Housekeeping {
  readonly #means: HousekeepingMeans;
  readonly #steadyClock: SteadyClock;
  #cancelTimer: CancelTimer | undefined;
  #pass: Promise<void> | undefined;
  #isStopped = false;

  constructor(means: HousekeepingMeans) {
    this.#means = means;
    this.#steadyClock = new SteadyClock(means.clock, means.log);
    this.#setTimer();
  }

  /** Ends the pass on its way at the next partition, and waits for that. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#pass;
  }

  #setTimer(): void {
    this.#cancelTimer = this.#means.clock.after(RETENTION_INTERVAL_MS, () => {
      this.#pass = this.#run();
    });
  }

  async #run(): Promise<void> {
    for (const partition of this.#means.partitions()) {
      if (this.#isStopped) return;
      // Asked for each: a pass may take long, and a jump in the middle must end the removing.
      const clockIsSteady = this.#steadyClock.isSteady();
      await this.#try(async () => {
        await partition.housekeep({ clockIsSteady });
      });
    }
    await this.#try(this.#means.finishDeletions);
    if (!this.#isStopped) this.#setTimer();
  }

  async #try(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (!isDiskError(error) && !(error instanceof MillraceError)) throw error;
      this.#means.log.warn({ error }, 'housekeeping failed; it will be tried again');
    }
  }
}
