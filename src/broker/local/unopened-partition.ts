/**
 * Stands where a partition could not be opened (no descriptor left, EIO, EACCES), so that the others
 * serve, and tries again: with each housekeeping, and soon after somebody has asked for it. Once it
 * is open, all calls go through to it.
 *
 * Until then nothing is known of what its log holds, so it answers nothing but why. One try at a
 * time over all partitions, and each of them has its pause: descriptors are few while this happens.
 * A try is a whole recovery from its first step, which may be done any number of times. What is not
 * tried again is a sync that has failed: after that only another start knows what to distrust.
 */
import type { Clock } from '../../model/clock.ts';
import type { MillraceError } from '../../model/errors.ts';
import { UNOPENED_PAUSE_MS } from '../../model/limits.ts';
import type { Log } from '../../model/log.ts';
import type { PartitionState } from '../../model/partition-state.ts';
import type { TopicConfig } from '../../model/topic-config.ts';
import { isDiskError, lacksDescriptor, UncertainError } from '../../storage/disk-errors.ts';
import type { AppendInput } from '../../storage/log-appender.ts';
import type { AppendWaiter } from '../../storage/pending-flush.ts';
import type { TimedOffset } from '../../storage/time-lookup.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { partitionOffline } from './partition.ts';
import type { Partition } from './partition.ts';

export interface UnopenedMeans {
  /** Rejects with what the file system says. */
  readonly open: (config: TopicConfig) => Promise<Partition>;
  readonly config: TopicConfig;
  /** For people. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Shared by all that are not open. */
  readonly line: OneAtATime;
}

interface Listening {
  readonly listener: () => void;
  stop: () => void;
}

/** What `open` gives, or what stands in for it. Rejects with faults of ours. */
export async function openOrStandIn(means: UnopenedMeans): Promise<Partition> {
  try {
    return await means.open(means.config);
  } catch (error) {
    // Only what the file system says is about this partition alone; the rest is a fault of ours.
    if (!isDiskError(error)) throw error;
    const { directory } = means;
    means.log.error({ directory, error }, 'a partition could not be opened');
    return new UnopenedPartition(error, means);
  }
}

class UnopenedPartition implements Partition {
  readonly #means: UnopenedMeans;
  #error: Error;
  #config: TopicConfig;
  #partition: Partition | undefined;
  #attempt: Promise<void> | undefined;
  #triedMs: number;
  #isEnded = false;
  readonly #listening = new Set<Listening>();

  constructor(error: Error, means: UnopenedMeans) {
    this.#means = means;
    this.#error = error;
    this.#config = means.config;
    this.#triedMs = means.clock.monotonicMs();
  }

  get logStartOffset(): number {
    return this.#partition?.logStartOffset ?? 0;
  }

  get durableOffset(): number {
    return this.#partition?.durableOffset ?? 0;
  }

  get highWatermark(): number {
    return this.#partition?.highWatermark ?? 0;
  }

  get logEndOffset(): number {
    return this.#partition?.logEndOffset ?? 0;
  }

  get bytes(): number {
    return this.#partition?.bytes ?? 0;
  }

  /** An open one has at least one. */
  get segmentCount(): number {
    return this.#partition?.segmentCount ?? 0;
  }

  get bytesAppended(): number {
    return this.#partition?.bytesAppended ?? 0;
  }

  get largestTimestamp(): number {
    return this.#partition?.largestTimestamp ?? -1;
  }

  get state(): PartitionState {
    return this.#partition === undefined ? 'offline' : this.#partition.state;
  }

  get reason(): string | undefined {
    if (this.#partition !== undefined) return this.#partition.reason;
    const then = this.#isPassing ? 'this is tried again' : 'restart the server to try again';
    return `it could not be opened (${this.#error.message}); ${then}`;
  }

  setConfig(config: TopicConfig): void {
    this.#config = config;
    this.#partition?.setConfig(config);
  }

  check(input: AppendInput): void {
    this.#asked('no').check(input);
  }

  append(input: AppendInput, waiter: AppendWaiter): void {
    if (this.#partition === undefined) waiter.failed(this.#refusal('no'));
    else this.#partition.append(input, waiter);
  }

  read(offset: number, bytesMax: number): Buffer | Promise<Buffer> {
    return this.#asked().read(offset, bytesMax);
  }

  async offsetForTimestamp(timestampMs: number): Promise<TimedOffset | undefined> {
    return this.#asked().offsetForTimestamp(timestampMs);
  }

  async deleteRecords(beforeOffset: number): Promise<number> {
    return this.#asked('no').deleteRecords(beforeOffset);
  }

  async housekeep(given: { readonly clockIsSteady: boolean }): Promise<number> {
    await this.#tryAgain();
    return this.#partition === undefined ? 0 : this.#partition.housekeep(given);
  }

  onChange(listener: () => void): () => void {
    if (this.#partition !== undefined) return this.#partition.onChange(listener);
    const listening: Listening = { listener, stop: () => this.#listening.delete(listening) };
    this.#listening.add(listening);
    return () => listening.stop();
  }

  async close(): Promise<void> {
    this.#isEnded = true;
    await this.#attempt;
    await this.#partition?.close();
  }

  async discard(): Promise<void> {
    this.#isEnded = true;
    await this.#attempt;
    await this.#partition?.discard();
  }

  get #isPassing(): boolean {
    return !(this.#error instanceof UncertainError) || lacksDescriptor(this.#error);
  }

  /** Throws as long as it is not open, and sees to it that it is tried again. */
  #asked(written?: 'no'): Partition {
    if (this.#partition !== undefined) return this.#partition;
    const sinceMs = this.#means.clock.monotonicMs() - this.#triedMs;
    if (sinceMs >= UNOPENED_PAUSE_MS) void this.#tryAgain();
    throw this.#refusal(written);
  }

  #refusal(written?: 'no'): MillraceError {
    return partitionOffline(this.reason, { written, retriable: this.#isPassing });
  }

  /** Resolves when the try on its way is over; what the file system says is kept. */
  async #tryAgain(): Promise<void> {
    if (this.#partition !== undefined || this.#isEnded || !this.#isPassing) return;
    this.#attempt ??= this.#means.line.run(() => this.#open());
    await this.#attempt;
  }

  async #open(): Promise<void> {
    const { open, directory, clock, log } = this.#means;
    const config = this.#config;
    try {
      if (this.#isEnded) return;
      this.#opened(await open(config), config);
      log.info({ directory }, 'a partition that could not be opened now is');
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.#error = error;
      log.debug({ directory, error }, 'a partition could not be opened again');
    } finally {
      this.#triedMs = clock.monotonicMs();
      this.#attempt = undefined;
    }
  }

  #opened(partition: Partition, config: TopicConfig): void {
    this.#partition = partition;
    if (this.#config !== config) partition.setConfig(this.#config);
    for (const listening of this.#listening) {
      listening.stop = partition.onChange(listening.listener);
      listening.listener();
    }
    this.#listening.clear();
  }
}
