/**
 * A data directory, opened: owned by this process, its catalogue at hand, its paths known.
 *
 *   data/
 *     owner.db  owner.lock/  owner.json   who owns it, see owner-lock.ts
 *     catalogue.db                        topics, cluster id, producer ids, see catalogue.ts
 *     topics/<topic id>/                  lower-case hex: no user text is ever part of a path
 *       topic.json                        names it for people
 *       <partition>/                      one log, see partition-log.ts
 *
 * The order in which things are made and taken away leaves no topic half there: a row says
 * `creating` before its directories are made and `deleting` before they are removed, and the next
 * start finishes what a crash interrupted. A directory that no row knows is told and left alone.
 */
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { MillraceError } from '../model/errors.ts';
import { OPEN_FILES_MAX } from '../model/limits.ts';
import type { Log } from '../model/log.ts';
import { Catalogue } from './catalogue.ts';
import type { CatalogueTopic } from './catalogue.ts';
import type { Files } from './files.ts';
import { hasErrorCode } from './files.ts';
import type { HostFacts } from './host.ts';
import { createPartition } from './new-partition.ts';
import { OpenFiles } from './open-files.ts';
import { acquireOwnerLock } from './owner-lock.ts';
import type { OwnerLock } from './owner-lock.ts';
import type { PreviousRun } from './recovery.ts';
import { writeNewFile } from './replace-file.ts';

export interface DataDirectoryOptions {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: HostFacts;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** How many partitions' files are made or looked at side by side. */
const PARALLEL = 16;

export class DataDirectory {
  readonly files: Files;
  readonly openFiles: OpenFiles;
  readonly catalogue: Catalogue;
  readonly previousRun: PreviousRun;
  readonly #directory: string;
  readonly #lock: OwnerLock;

  /** Rejects with DATA_DIRECTORY_IN_USE or DATA_DIRECTORY_UNUSABLE. */
  static async open(options: DataDirectoryOptions): Promise<DataDirectory> {
    const { directory, files } = options;
    try {
      await files.makeDir(join(directory, 'topics'));
      const lock = await acquireOwnerLock(options);
      try {
        const catalogue = Catalogue.open(join(directory, 'catalogue.db'), newClusterId(options));
        const opened = new DataDirectory(options, catalogue, lock);
        await files.syncDir(directory);
        await opened.#finishInterrupted(options.log);
        return opened;
      } catch (error) {
        await lock.release();
        throw error;
      }
    } catch (error) {
      throw unusable(directory, error);
    }
  }

  private constructor(options: DataDirectoryOptions, catalogue: Catalogue, lock: OwnerLock) {
    this.files = options.files;
    this.openFiles = new OpenFiles(options.files, OPEN_FILES_MAX);
    this.catalogue = catalogue;
    this.previousRun = lock.previousRun;
    this.#directory = options.directory;
    this.#lock = lock;
  }

  topicDirectory(topicId: string): string {
    return join(this.#topicsDirectory, topicId.replaceAll('-', ''));
  }

  partitionDirectory(topicId: string, partition: number): string {
    return join(this.topicDirectory(topicId), String(partition));
  }

  /** Makes a topic with all its empty partitions, or nothing: durable when it resolves. */
  async createTopic(topic: Omit<CatalogueTopic, 'state'>): Promise<void> {
    this.catalogue.addTopic(topic);
    try {
      const directory = this.topicDirectory(topic.topicId);
      await this.files.makeDir(directory);
      const facts = { name: topic.name, topic_id: topic.topicId };
      const text = `${JSON.stringify(facts, null, 2)}\n`;
      await writeNewFile(this.files, join(directory, 'topic.json'), Buffer.from(text));
      await this.createPartitions(topic.topicId, 0, topic.partitions);
      await this.files.syncDir(this.#topicsDirectory);
      this.catalogue.setTopicState(topic.topicId, 'live');
    } catch (error) {
      await this.files.removeDir(this.topicDirectory(topic.topicId));
      this.catalogue.removeTopic(topic.topicId);
      throw error;
    }
  }

  /** The files of partitions `from` up to `to`; the catalogue is the caller's. */
  async createPartitions(topicId: string, from: number, to: number): Promise<void> {
    for (let first = from; first < to; first += PARALLEL) {
      const last = Math.min(to, first + PARALLEL);
      const numbers = Array.from({ length: last - first }, (_, index) => first + index);
      await Promise.all(
        numbers.map((partition) =>
          createPartition(this.files, this.partitionDirectory(topicId, partition)),
        ),
      );
    }
    await this.files.syncDir(this.topicDirectory(topicId));
  }

  /** Its logs must have been discarded. */
  async deleteTopic(topicId: string): Promise<void> {
    this.catalogue.setTopicState(topicId, 'deleting');
    await this.#finishDeleting(topicId);
  }

  /** Leaves the sign that everything ended in order. The logs must be closed. */
  async close(): Promise<void> {
    await this.openFiles.close();
    this.catalogue.close();
    await this.#lock.release();
  }

  get #topicsDirectory(): string {
    return join(this.#directory, 'topics');
  }

  async #finishDeleting(topicId: string): Promise<void> {
    await this.files.removeDir(this.topicDirectory(topicId));
    await this.files.syncDir(this.#topicsDirectory);
    this.catalogue.removeTopic(topicId);
  }

  async #finishInterrupted(log: Log): Promise<void> {
    const topics = this.catalogue.topics();
    for (const topic of topics) {
      if (topic.state === 'live') continue;
      log.info({ topic: topic.name, state: topic.state }, 'finishing what a crash interrupted');
      await this.#finishDeleting(topic.topicId);
    }
    const known = new Set(topics.map((topic) => topic.topicId.replaceAll('-', '')));
    for (const { name } of await this.files.list(this.#topicsDirectory)) {
      if (known.has(name)) continue;
      const directory = join(this.#topicsDirectory, name);
      log.warn({ directory }, 'not in the catalogue: left alone');
    }
  }
}

/** Kafka's form: 16 random bytes as base64url, 22 characters. */
function newClusterId({ randomBytes }: DataDirectoryOptions): string {
  return Buffer.from(randomBytes(16)).toString('base64url');
}

const UNUSABLE: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['EROFS', 'its file system is read-only'],
  ['ENOENT', 'it cannot be made there'],
  ['ENOTDIR', 'it is not a directory'],
  ['EEXIST', 'it is not a directory'],
  ['ENOSPC', 'the disk is full'],
]);

function unusable(directory: string, error: unknown): unknown {
  const found = [...UNUSABLE].find(([code]) => hasErrorCode(error, code));
  // SQLite's own word for a directory in which it may not make a file.
  const cannotOpen =
    error instanceof Error && error.message.includes('unable to open database file');
  const why = found?.[1] ?? (cannotOpen ? 'no file can be made there' : undefined);
  if (why === undefined || error instanceof MillraceError) return error;
  return new MillraceError(
    'DATA_DIRECTORY_UNUSABLE',
    `data directory ${directory} cannot be used: ${why}; choose another with --data-dir`,
    { cause: error, details: { directory } },
  );
}
