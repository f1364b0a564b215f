/**
 * Keeps the log of the groups small: when it has grown beyond its bound, the live table is written
 * behind it (group-snapshot.ts), and only when all of that is durable, what stands in front goes.
 *
 * In the background and one at a time. A failure is told and tried again later. A crash at any
 * moment leaves the old records, or the whole snapshot, or both.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../model/clock.ts';
import { MillraceError } from '../../model/errors.ts';
import type { Log } from '../../model/log.ts';
import type { Partition } from './partition.ts';

export interface ShrinkerMeans {
  readonly partition: Pick<Partition, 'bytes' | 'segmentCount' | 'state' | 'deleteRecords'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Log;
  readonly bytesMax: number;
  /** About what a snapshot takes. */
  readonly liveBytes: () => number;
  /** Whether nothing in the log is missing in the table: what a snapshot lacks is lost by it. */
  readonly isComplete: () => boolean;
  /** Where the snapshot begins, once it is durable; undefined when it was stopped. */
  readonly writeSnapshot: (isStopped: () => boolean) => Promise<number | undefined>;
}

/**
 * So that a byte appended costs a byte of snapshots at the most, however much is live: between two
 * snapshots of n bytes the log grows by about 2n or more.
 */
const LIVE_FACTOR = 3;
/** The same where much of what is live was guessed too small: the log at least doubles. */
const SHRUNK_FACTOR = 2;

const RETRY_MS = 30_000;

export class CommitLogShrinker {
  readonly #means: ShrinkerMeans;
  #task: Promise<void> | undefined;
  #isStopped = false;
  /** Start of a whole, durable snapshot, in front of which not everything has gone yet. */
  #trimBefore: number | undefined;
  #shrunkBytes = 0;
  #retryAtMs = -Infinity;

  constructor(means: ShrinkerMeans) {
    this.#means = means;
  }

  /** Begins if it is time to. Cheap: it is asked after every flush. */
  look(): void {
    if (this.#task !== undefined || this.#isStopped || !this.#isDue()) return;
    this.#task = this.#run();
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#task;
  }

  /** Ends it at the next piece, and waits for that. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#task;
  }

  #isDue(): boolean {
    const { partition, clock, bytesMax, liveBytes, isComplete } = this.#means;
    if (partition.state !== 'online' || clock.monotonicMs() < this.#retryAtMs) return false;
    if (this.#trimBefore !== undefined) return true;
    const { bytes } = partition;
    if (bytes <= bytesMax || bytes <= SHRUNK_FACTOR * this.#shrunkBytes) return false;
    return bytes > LIVE_FACTOR * liveBytes() && isComplete();
  }

  async #run(): Promise<void> {
    // Whoever asks may be in the middle of a flush, where nothing must be appended.
    await nextTurn();
    const { log, clock } = this.#means;
    try {
      await this.#shrink();
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#retryAtMs = clock.monotonicMs() + RETRY_MS;
      log.warn({ error }, 'the log of the groups was not shrunk; it will be tried again');
    } finally {
      this.#task = undefined;
    }
  }

  async #shrink(): Promise<void> {
    const { partition, log, writeSnapshot } = this.#means;
    const bytesBefore = partition.bytes;
    this.#trimBefore ??= await writeSnapshot(() => this.#isStopped);
    if (this.#trimBefore === undefined) return;
    await this.#trim(this.#trimBefore);
    this.#trimBefore = undefined;
    this.#shrunkBytes = partition.bytes;
    log.info({ bytesBefore, bytes: partition.bytes }, 'the log of the groups was shrunk');
  }

  /** One call removes a bounded number of segments. */
  async #trim(beforeOffset: number): Promise<void> {
    const { partition } = this.#means;
    for (let left = Infinity; partition.segmentCount < left;) {
      left = partition.segmentCount;
      await partition.deleteRecords(beforeOffset);
    }
  }
}
