/**
 * catalogue.db: which topics there are, and the few other facts of a server that change rarely.
 * SQLite, because nothing kept with more care exists for small files. Every method that changes
 * something is durable when it returns; they are synchronous and take some milliseconds of disk.
 */
import { DatabaseSync } from 'node:sqlite';
import { MillraceError } from '../model/errors.ts';

/** Raised when an older Millrace could not read what this one writes. */
const FORMAT_VERSION = 1;

const SCHEMA = `
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE topics (
  topic_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  partitions INTEGER NOT NULL,
  configs TEXT NOT NULL, -- JSON: a list of [name, value]
  state TEXT NOT NULL CHECK (state IN ('creating', 'live', 'deleting'))
) STRICT, WITHOUT ROWID;
CREATE TABLE producers (
  name TEXT PRIMARY KEY,
  producer_id INTEGER NOT NULL,
  epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

export interface CatalogueTopic {
  /** UUID with hyphens. */
  readonly topicId: string;
  readonly name: string;
  readonly partitions: number;
  readonly configs: ReadonlyMap<string, string>;
  /** `creating`: its directories may be missing. `deleting`: they may be gone. */
  readonly state: TopicState;
}

export type TopicState = 'creating' | 'live' | 'deleting';

export interface NamedProducer {
  readonly name: string;
  readonly producerId: number;
  readonly epoch: number;
}

export class Catalogue {
  readonly #database: DatabaseSync;
  readonly #path: string;

  /** `newClusterId` is used for a new catalogue: 22 characters, as Kafka has it. */
  static open(path: string, newClusterId: string): Catalogue {
    let database;
    try {
      database = new DatabaseSync(path);
      const catalogue = new Catalogue(database, path);
      catalogue.#prepare(newClusterId);
      return catalogue;
    } catch (error) {
      database?.close();
      throw openError(error, path);
    }
  }

  private constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
  }

  get clusterId(): string {
    return this.#fact('cluster_id') as string;
  }

  topics(): CatalogueTopic[] {
    const rows = this.#database.prepare('SELECT * FROM topics ORDER BY name').all();
    return rows.map((row) => ({
      topicId: row['topic_id'] as string,
      name: row['name'] as string,
      partitions: row['partitions'] as number,
      configs: new Map(JSON.parse(row['configs'] as string) as [string, string][]),
      state: row['state'] as TopicState,
    }));
  }

  addTopic(topic: Omit<CatalogueTopic, 'state'>): void {
    this.#run(
      "INSERT INTO topics (topic_id, name, partitions, configs, state) VALUES (?, ?, ?, ?, 'creating')",
      topic.topicId,
      topic.name,
      topic.partitions,
      JSON.stringify([...topic.configs]),
    );
  }

  setTopicState(topicId: string, state: TopicState): void {
    this.#run('UPDATE topics SET state = ? WHERE topic_id = ?', state, topicId);
  }

  setPartitions(topicId: string, partitions: number): void {
    this.#run('UPDATE topics SET partitions = ? WHERE topic_id = ?', partitions, topicId);
  }

  setConfigs(topicId: string, configs: ReadonlyMap<string, string>): void {
    const text = JSON.stringify([...configs]);
    this.#run('UPDATE topics SET configs = ? WHERE topic_id = ?', text, topicId);
  }

  removeTopic(topicId: string): void {
    this.#run('DELETE FROM topics WHERE topic_id = ?', topicId);
  }

  /** Takes `count` producer ids that were never given out, and answers the first. */
  reserveProducerIds(count: number): number {
    const first = Number(this.#fact('next_producer_id') ?? '0');
    this.#setFact('next_producer_id', String(first + count));
    return first;
  }

  namedProducers(): NamedProducer[] {
    const rows = this.#database.prepare('SELECT name, producer_id, epoch FROM producers').all();
    return rows.map((row) => ({
      name: row['name'] as string,
      producerId: row['producer_id'] as number,
      epoch: row['epoch'] as number,
    }));
  }

  setNamedProducer(producer: NamedProducer): void {
    this.#run(
      'INSERT INTO producers (name, producer_id, epoch) VALUES (?, ?, ?) ' +
        'ON CONFLICT (name) DO UPDATE SET producer_id = excluded.producer_id, epoch = excluded.epoch',
      producer.name,
      producer.producerId,
      producer.epoch,
    );
  }

  close(): void {
    this.#database.close();
  }

  #prepare(newClusterId: string): void {
    // WAL needs one sync for a change, FULL makes it wait for it. EXCLUSIVE needs no shared memory
    // file: one process owns the directory anyway.
    this.#database.exec(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;',
    );
    const version = this.#database.prepare('PRAGMA user_version').get()?.['user_version'] as number;
    if (version > FORMAT_VERSION) {
      throw new MillraceError(
        'DATA_DIRECTORY_UNUSABLE',
        `${this.#path} has format version ${version}; this Millrace reads up to ${FORMAT_VERSION}: use a newer one`,
        { details: { file: this.#path, version, supported: FORMAT_VERSION } },
      );
    }
    if (version === FORMAT_VERSION) return;
    this.#database.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${FORMAT_VERSION};`);
    this.#setFact('cluster_id', newClusterId);
    this.#database.exec('COMMIT');
  }

  #fact(name: string): string | undefined {
    const row = this.#database.prepare('SELECT value FROM facts WHERE name = ?').get(name);
    return row?.['value'] as string | undefined;
  }

  #setFact(name: string, value: string): void {
    this.#run(
      'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      name,
      value,
    );
  }

  #run(sql: string, ...values: (string | number)[]): void {
    try {
      this.#database.prepare(sql).run(...values);
    } catch (error) {
      throw changeError(error, this.#path);
    }
  }
}

// https://sqlite.org/rescode.html; the low byte is the primary code.
const SQLITE_PERM = 3;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? undefined : code & 0xff;
}

function openError(error: unknown, path: string): unknown {
  const unusable = (why: string): MillraceError =>
    new MillraceError('DATA_DIRECTORY_UNUSABLE', `${path} ${why}`, {
      cause: error,
      details: { file: path },
    });
  const reason = error instanceof Error ? error.message : String(error);
  switch (primaryCode(error)) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return unusable(
        `is damaged (${reason}): restore it from a copy, or start with another --data-dir`,
      );
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return unusable(
        `cannot be written (${reason}): give this user the right to, or choose another --data-dir`,
      );
    case SQLITE_FULL:
      return unusable('cannot be opened: the disk is full');
    default:
      return error;
  }
}

function changeError(error: unknown, path: string): unknown {
  const code = primaryCode(error);
  if (code === SQLITE_FULL) {
    return new MillraceError('DISK_FULL', 'the disk is full; nothing of this was written', {
      written: 'no',
      retriable: true,
      cause: error,
    });
  }
  if (code === SQLITE_IOERR || code === SQLITE_CORRUPT || code === SQLITE_READONLY) {
    const reason = error instanceof Error ? error.message : String(error);
    return new MillraceError('KAFKA_STORAGE_ERROR', `${path} could not be changed: ${reason}`, {
      written: 'unknown',
      cause: error,
    });
  }
  return error;
}
