/**
 * Opens partitions, many at a time and each for itself: one that is damaged stands offline with its
 * reason, one that cannot be read is tried again later, and the others serve.
 */
import { isDiskError } from '../../storage/disk-errors.ts';
import { createLogShared } from '../../storage/log-shared.ts';
import type { LogShared } from '../../storage/log-shared.ts';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { TopicConfig } from '../../model/topic-config.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import { PartitionLog } from '../../storage/partition-log.ts';
import type { PartitionLogOptions } from '../../storage/partition-log.ts';
import { inParallel } from './in-parallel.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Partition } from './partition.ts';
import { openOrStandIn } from './unopened-partition.ts';
import type { UnopenedMeans } from './unopened-partition.ts';

/** Partitions opened side by side: enough to keep the disk busy, few enough for the thread pool. */
export const PARTITIONS_IN_PARALLEL = 32;

export interface PartitionPlace {
  readonly topicId: string;
  readonly partition: number;
  readonly config: TopicConfig;
}

export type PartitionMeans = Pick<
  DataDirectory,
  'files' | 'openFiles' | 'previousRun' | 'partitionDirectory'
>;

export class PartitionOpener {
  readonly shared: LogShared = createLogShared();
  readonly #means: PartitionMeans;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #line = new OneAtATime();

  constructor(means: PartitionMeans, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#means = means;
    this.#clock = clock;
    this.#log = log;
  }

  /** Recovers what the last run left. In the order of the places. */
  open(places: readonly PartitionPlace[]): Promise<Partition[]> {
    return this.#open(places, this.#means.previousRun);
  }

  /** Those whose files were made in this run: there is no end of another to distrust. */
  openNew(places: readonly PartitionPlace[]): Promise<Partition[]> {
    return this.#open(places, 'clean');
  }

  async #open(
    places: readonly PartitionPlace[],
    previousRun: PartitionLogOptions['previousRun'],
  ): Promise<Partition[]> {
    const means = places.map((place) => this.#openingOf(place, previousRun));
    const opened: (Partition | undefined)[] = [];
    await inParallel([...means.entries()], PARTITIONS_IN_PARALLEL, async ([at, each]) => {
      opened[at] = await each.open(each.config).catch(nothingUnlessDisk);
    });
    // One at a time: for want of descriptors a few fail side by side that do not fail alone.
    const all: Partition[] = [];
    for (const [at, each] of means.entries()) all.push(opened[at] ?? (await openOrStandIn(each)));
    return all;
  }

  #openingOf(
    { topicId, partition, config }: PartitionPlace,
    previousRun: PartitionLogOptions['previousRun'],
  ): UnopenedMeans {
    const { files, openFiles } = this.#means;
    const directory = this.#means.partitionDirectory(topicId, partition);
    const mine = { clock: this.#clock, log: this.#log };
    const given = { directory, previousRun, files, openFiles, shared: this.shared, ...mine };
    const open = (now: TopicConfig): Promise<Partition> =>
      PartitionLog.open({ ...given, config: now });
    return { ...mine, directory, config, open, line: this.#line };
  }
}

function nothingUnlessDisk(error: unknown): undefined {
  if (!isDiskError(error)) throw error;
}
