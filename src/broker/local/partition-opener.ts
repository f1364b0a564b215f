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

export class PartitionOpener {
  readonly shared: LogShared = createLogShared();
  readonly #data: DataDirectory;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(data: DataDirectory, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#data = data;
    this.#clock = clock;
    this.#log = log;
  }

  /** Recovers what the last run left. */
  open(place: PartitionPlace): Promise<Partition> {
    return this.#open(place, this.#data.previousRun);
  }

  /** One whose files were made in this run: there is no end of another to distrust. */
  openNew(place: PartitionPlace): Promise<Partition> {
    return this.#open(place, 'clean');
  }

  async #open(
    { topicId, partition, config }: PartitionPlace,
    previousRun: PartitionLogOptions['previousRun'],
  ): Promise<Partition> {
    const directory = this.#data.partitionDirectory(topicId, partition);
    const { files, openFiles } = this.#data;
    const means = { files, openFiles, clock: this.#clock, log: this.#log, shared: this.shared };
    try {
      return await PartitionLog.open({ directory, config, previousRun, ...means });
    } catch (error) {
      // Only what the file system says is about this partition alone; the rest is a fault of ours.
      if (!isFileSystemError(error)) throw error;
      this.#log.error({ directory, error }, 'a partition could not be opened');
      return new UnopenedPartition(`it could not be opened (${error.message})`);
    }
  }
}
