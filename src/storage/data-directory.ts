/**
 * A data directory, opened: owned by this process, its catalogue at hand, its paths known.
 *
 *   data/
 *     owner.db  owner.lock/  owner.json   who owns it, see owner-lock.ts
 *     catalogue.db                        topics, cluster id, producer ids, see catalogue.ts
 *     topics/<topic id>/                  lower-case hex: no user text is ever part of a path
 *       topic.json                        names it for people; nothing reads it
 *       <partition>/                      one log, see partition-log.ts
 *     groups/0/                           one more: what consumer groups have committed
 *
 * No topic is ever half there. Its row says `creating` before its directories are made and
 * `deleting` before they are removed, each of these steps is durable before the next, and the next
 * start removes what a crash left in either state. A directory that no row knows is told and left
 * alone.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import type { DescriptorShares } from '../model/descriptor-shares.ts';
import { MillraceError } from '../model/errors.ts';
import { OPEN_FILES_MAX } from '../model/limits.ts';
import type { Log } from '../model/log.ts';
import { Catalogue } from './catalogue.ts';
import { lostCatalogue } from './catalogue-database.ts';
import { isTopicId } from './catalogue-topic.ts';
import type { CatalogueTopic } from './catalogue-topic.ts';
import { unusableDirectory } from './directory-errors.ts';
import { assertDiskError } from './disk-errors.ts';
import { syncNames } from './durable-directory.ts';
import type { Files } from './files.ts';
import type { HostFacts } from './host.ts';
import { createPartition } from './new-partition.ts';
import { OpenFiles } from './open-files.ts';
import type { PreviousRun } from './owner-file.ts';
import { acquireOwnerLock } from './owner-lock.ts';
import type { OwnerLock } from './owner-lock.ts';
import { sizeOf } from './recovery-files.ts';
import { syncDirectory, writeNewFile } from './replace-file.ts';
import { withSpareDescriptors } from './spare-descriptors.ts';

export interface DataDirectoryOptions {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: HostFacts;
  readonly randomBytes: (count: number) => Uint8Array;
  /** What it may have open at once. */
  readonly descriptors?: Pick<DescriptorShares, 'openFiles' | 'momentaryFiles'>;
  /** For runs on a simulated disk, of which SQLite knows nothing. */
  readonly kept?: { readonly owner: OwnerLock; readonly catalogue: Catalogue };
}

type NewTopic = Omit<CatalogueTopic, 'state'>;

/** How many partitions' files are made side by side: what the thread pool can use. */
const PARALLEL = 16;
/** Unknown directories that one line of the log names. */
const NAMED_MAX = 10;

export class DataDirectory {
  readonly files: Files;
  readonly openFiles: OpenFiles;
  readonly catalogue: Catalogue;
  readonly previousRun: PreviousRun;
  readonly #options: DataDirectoryOptions;
  readonly #topicsDirectory: string;
  readonly #groupsDirectory: string;
  /** Held here, too, because SQLite ends the lock with the object. */
  readonly #owner: OwnerLock;

  /** Makes it when it is missing. Rejects with DATA_DIRECTORY_IN_USE or DATA_DIRECTORY_UNUSABLE. */
  static async open(options: DataDirectoryOptions): Promise<DataDirectory> {
    const { directory, files, kept } = options;
    try {
      await files.makeDir(directory);
      const owner = kept?.owner ?? (await acquireOwnerLock(options));
      try {
        const catalogue = kept?.catalogue ?? (await openCatalogue(options));
        const opened = new DataDirectory(options, owner, catalogue);
        await opened.#prepare();
        return opened;
      } catch (error) {
        // Nothing was recovered: the next start must take the same care as this one.
        await owner.release('unclean');
        throw error;
      }
    } catch (error) {
      throw unusableDirectory(directory, error);
    }
  }

  private constructor(options: DataDirectoryOptions, owner: OwnerLock, catalogue: Catalogue) {
    const { files, descriptors } = options;
    this.openFiles = new OpenFiles(files, descriptors?.openFiles ?? OPEN_FILES_MAX);
    this.files = withSpareDescriptors(files, this.openFiles, descriptors?.momentaryFiles);
    this.catalogue = catalogue;
    this.previousRun = owner.previousRun;
    this.#options = options;
    this.#topicsDirectory = join(options.directory, 'topics');
    this.#groupsDirectory = join(options.directory, 'groups');
    this.#owner = owner;
  }

  topicDirectory(topicId: string): string {
    assert(isTopicId(topicId), topicId);
    return join(this.#topicsDirectory, topicId.replaceAll('-', ''));
  }

  partitionDirectory(topicId: string, partition: number): string {
    return join(this.topicDirectory(topicId), String(partition));
  }

  /**
   * Makes a topic with all its empty partitions, durably. On failure it takes itself back, unless
   * it is not known whether the catalogue has it.
   */
  async createTopic(topic: NewTopic): Promise<void> {
    this.catalogue.addTopic(topic);
    try {
      await this.#makeTopic(topic);
      this.catalogue.setTopicState(topic.topicId, 'live');
    } catch (error) {
      if (!(error instanceof MillraceError && error.written === 'unknown')) {
        await this.#tryToRemove(topic);
      }
      throw error;
    }
  }

  /** The files of partitions `from` up to `to`, durably; the catalogue is the caller's. */
  async createPartitions(topicId: string, from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += PARALLEL) {
      const last = Math.min(to, first + PARALLEL);
      const numbers = Array.from({ length: last - first }, (_, index) => first + index);
      const made = numbers.map(async (partition) => {
        const directory = this.partitionDirectory(topicId, partition);
        // One that failed here before may have lost its name in a sync, and no later one knows.
        await this.files.removeDir(directory);
        await createPartition(this.files, directory);
      });
      await Promise.allSettled(made); // So that nothing is still being made after a failure.
      await Promise.all(made);
    }
    await this.files.syncDir(this.topicDirectory(topicId));
  }

  /** Its logs must have been discarded. May be called again after a failure. */
  async deleteTopic(topicId: string): Promise<void> {
    this.catalogue.setTopicState(topicId, 'deleting');
    await this.#removeTopic(topicId);
  }

  /**
   * The directory of the log that the groups are kept in. On first use it is made with the files
   * of an empty partition: whole or not at all, because it gets its name last. Rejects with
   * `UncertainError` when a sync of its names has failed: not to be tried again in this run.
   */
  async prepareGroups(): Promise<string> {
    const { files } = this;
    const directory = join(this.#groupsDirectory, '0');
    await files.makeDir(this.#groupsDirectory);
    const entries = await files.list(this.#groupsDirectory);
    const isNew = !entries.some(({ name }) => name === '0');
    if (isNew) {
      const unfinished = join(this.#groupsDirectory, '0.new');
      await files.removeDir(unfinished);
      await createPartition(files, unfinished);
      await files.rename(unfinished, directory);
    }
    try {
      // Even if it is there: the run that made it may have been killed before it came to this.
      await syncDirectory(files, this.#groupsDirectory);
      await syncDirectory(files, this.#options.directory);
    } catch (error) {
      // What a failed sync has lost no later one knows of: the next start has to make it anew.
      if (isNew) await files.removeDir(this.#groupsDirectory).catch(() => undefined);
      throw error;
    }
    return directory;
  }

  /**
   * Frees the directory; the logs must be closed. `unclean` when any of them could not be
   * recovered or still waits for its repair: the next start then distrusts the page cache again.
   */
  async close(ending: 'clean' | 'unclean' = 'clean'): Promise<void> {
    let reached: typeof ending = 'unclean';
    try {
      await this.openFiles.close().finally(() => this.catalogue.close());
      reached = ending;
    } finally {
      await this.#owner.release(reached);
    }
  }

  async #prepare(): Promise<void> {
    const { directory, files } = this.#options;
    try {
      await files.makeDir(this.#topicsDirectory);
      // The names of the catalogue and of the lock, too.
      await files.syncDir(directory);
      if (this.previousRun !== 'clean') await syncNames(files, directory);
      for (const topic of this.catalogue.unfinishedTopics()) await this.#tryToRemove(topic);
      await this.#tellUnknown();
    } catch (error) {
      this.catalogue.close();
      throw error;
    }
  }

  async #makeTopic({ topicId, name, partitions }: NewTopic): Promise<void> {
    const directory = this.topicDirectory(topicId);
    await this.files.makeDir(directory);
    const text = `${JSON.stringify({ name, topic_id: topicId }, null, 2)}\n`;
    await writeNewFile(this.files, join(directory, 'topic.json'), Buffer.from(text));
    await this.createPartitions(topicId, 0, partitions);
    await this.files.syncDir(this.#topicsDirectory);
  }

  async #removeTopic(topicId: string): Promise<void> {
    const directory = this.topicDirectory(topicId);
    await this.openFiles.forgetUnder(directory);
    await this.files.removeDir(directory);
    await this.files.syncDir(this.#topicsDirectory);
    this.catalogue.removeTopic(topicId);
  }

  /** What cannot be removed now keeps its row, is shown to nobody, and goes at a later start. */
  async #tryToRemove({ topicId, name }: NewTopic): Promise<void> {
    const { log } = this.#options;
    try {
      await this.#removeTopic(topicId);
      log.info({ topic: name, topicId }, 'removed what was left of a topic');
    } catch (error) {
      if (!(error instanceof MillraceError)) assertDiskError(error);
      log.warn({ topic: name, topicId, error }, 'what is left of a topic could not be removed yet');
    }
  }

  async #tellUnknown(): Promise<void> {
    const topics = [...this.catalogue.topics(), ...this.catalogue.unfinishedTopics()];
    const known = new Set(topics.map(({ topicId }) => topicId.replaceAll('-', '')));
    const names = (await this.files.list(this.#topicsDirectory)).map(({ name }) => name);
    const unknown = names.filter((name) => !known.has(name));
    if (unknown.length === 0) return;
    this.#options.log.warn(
      {
        directory: this.#topicsDirectory,
        count: unknown.length,
        names: unknown.slice(0, NAMED_MAX),
      },
      'not in the catalogue, left alone',
    );
  }
}

async function openCatalogue(options: DataDirectoryOptions): Promise<Catalogue> {
  const path = join(options.directory, 'catalogue.db');
  await refuseLostCatalogue(options, path);
  return Catalogue.open(path, newClusterId(options));
}

/** No topic was ever made without a catalogue that knew it first. */
async function refuseLostCatalogue(
  { directory, files }: DataDirectoryOptions,
  path: string,
): Promise<void> {
  if (((await sizeOf(files, path)) ?? 0) > 0) return;
  const entries = await files.list(directory);
  if (!entries.some(({ name }) => name === 'topics')) return;
  const topics = await files.list(join(directory, 'topics'));
  const count = topics.filter(({ name }) => /^[\da-f]{32}$/.test(name)).length;
  if (count > 0) throw lostCatalogue(path, count);
}

/** Kafka's form: 16 random bytes as base64url, 22 characters. */
function newClusterId({ randomBytes }: DataDirectoryOptions): string {
  return Buffer.from(randomBytes(16)).toString('base64url');
}
