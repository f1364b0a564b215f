/**
 * Opens partitions, many at a time and each for itself: one that is damaged or cannot be read
 * stands offline with its reason, and the others serve.
 */
import { createLogShared } from '../../storage/log-shared.ts';
import type { LogShared } from '../../storage/log-shared.ts';
import type { Clock } from '../../model/clock.ts';
import type { Log } from '../../model/log.ts';
import type { TopicConfig } from '../../model/topic-config.ts';
import type { DataDirectory } from '../../storage/data-directory.ts';
import { PartitionLog } from '../../storage/partition-log.ts';
import type { PartitionLogOptions } from '../../storage/partition-log.ts';
import { UnopenedPartition } from './partition.ts';
import type { Partition } from './partition.ts';
import { isFileSystemError } from './storage-errors.ts';

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

  constructor(means: PartitionMeans, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#means = means;
    this.#clock = clock;
    this.#log = log;
  }

  /** Recovers what the last run left. */
  open(place: PartitionPlace): Promise<Partition> {
    return this.#open(place, this.#means.previousRun);
  }

  /** One whose files were made in this run: there is no end of another to distrust. */
  openNew(place: PartitionPlace): Promise<Partition> {
    return this.#open(place, 'clean');
  }

  async #open(
    { topicId, partition, config }: PartitionPlace,
    previousRun: PartitionLogOptions['previousRun'],
  ): Promise<Partition> {
    const directory = this.#means.partitionDirectory(topicId, partition);
    const { files, openFiles } = this.#means;
    const given = { directory, config, previousRun, files, openFiles };
    try {
      const mine = { clock: this.#clock, log: this.#log, shared: this.shared };
      return await PartitionLog.open({ ...given, ...mine });
    } catch (error) {
      // Only what the file system says is about this partition alone; the rest is a fault of ours.
      if (!isFileSystemError(error)) throw error;
      this.#log.error({ directory, error }, 'a partition could not be opened');
      return new UnopenedPartition(`it could not be opened (${error.message})`);
    }
  }
}
