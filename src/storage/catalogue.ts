/**
 * The few facts of a server that change rarely: its topics, its cluster id, the producer ids that
 * are taken and the named producers. How they stand on disk is said in catalogue-database.ts.
 *
 * Every method that changes something is durable when it returns. They are synchronous and take
 * one sync of the disk, in which nothing else runs. On a full disk they throw DISK_FULL and have
 * changed nothing. After the disk has failed once the outcome of that change is unknown, and every
 * later one is refused until the next start, which reads what there really is.
 */
import assert from 'node:assert/strict';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { MillraceError } from '../model/errors.ts';
import { INT64_SAFE_MAX, NAMED_PRODUCERS_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import type { ConfigTexts } from '../model/topic-config.ts';
import { damagedCatalogue, openCatalogueDatabase } from './catalogue-database.ts';
import { topicFrom } from './catalogue-topic.ts';
import type { CatalogueTopic, TopicState } from './catalogue-topic.ts';
import { sqliteErrorKind } from './sqlite-errors.ts';

export interface CatalogueProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface NextProducer extends CatalogueProducer {
  /** The id that the name had until now, when its epochs are used up. */
  readonly retiredId?: number;
}

/** Kafka hands out epochs up to one below the largest int16; the largest fences all others. */
const PRODUCER_EPOCH_MAX = 32_766;
export const FENCING_EPOCH = 32_767;

export class Catalogue {
  readonly clusterId: string;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #mustClose: boolean;
  readonly #statements = new Map<string, StatementSync>();
  /** Set once the disk has failed a change. */
  #failure: MillraceError | undefined;

  /**
   * A path, or a database that stays its giver's: `close` leaves it open, so that in memory it can
   * outlive a run. `newClusterId` is that of a catalogue which is made now: 16 random bytes in
   * base64url, as Kafka has it. Throws DATA_DIRECTORY_UNUSABLE.
   */
  static open(source: string | DatabaseSync, newClusterId: string): Catalogue {
    const database = openCatalogueDatabase(source, newClusterId);
    try {
      return new Catalogue(source, database);
    } catch (error) {
      if (typeof source === 'string') database.close();
      throw error;
    }
  }

  private constructor(source: string | DatabaseSync, database: DatabaseSync) {
    this.#database = database;
    this.#path = database.location() ?? ':memory:';
    this.#mustClose = typeof source === 'string';
    this.clusterId = String(this.#get('SELECT cluster_id FROM server')['cluster_id']);
  }

  /** Those that are there for users, by name. DATA_DIRECTORY_UNUSABLE when a row is damaged. */
  topics(): CatalogueTopic[] {
    return this.#topics().filter(({ state }) => state === 'live');
  }

  /** Those that are on their way in or out. */
  unfinishedTopics(): CatalogueTopic[] {
    return this.#topics().filter(({ state }) => state !== 'live');
  }

  /** In state `creating`. */
  addTopic(topic: Omit<CatalogueTopic, 'state'>): void {
    this.#change(
      "INSERT INTO topics (topic_id, name, partitions, configs, state) VALUES (?, ?, ?, ?, 'creating')",
      topic.topicId,
      topic.name,
      topic.partitions,
      encodeConfigs(topic.configs),
    );
  }

  setTopicState(topicId: string, state: TopicState): void {
    this.#changeTopic(topicId, 'UPDATE topics SET state = ? WHERE topic_id = ?', state);
  }

  setPartitions(topicId: string, partitions: number): void {
    this.#changeTopic(topicId, 'UPDATE topics SET partitions = ? WHERE topic_id = ?', partitions);
  }

  setConfigs(topicId: string, configs: ConfigTexts): void {
    const text = encodeConfigs(configs);
    this.#changeTopic(topicId, 'UPDATE topics SET configs = ? WHERE topic_id = ?', text);
  }

  removeTopic(topicId: string): void {
    this.#changeTopic(topicId, 'DELETE FROM topics WHERE topic_id = ?');
  }

  /** Takes `count` producer ids that were never given out and never will be again. */
  reserveProducerIds(count: number): { readonly first: number; readonly count: number } {
    const first = Number(this.#get('SELECT next_producer_id FROM server')['next_producer_id']);
    assert(count > 0 && first + count <= INT64_SAFE_MAX);
    this.#change('UPDATE server SET next_producer_id = ?', first + count);
    return { first, count };
  }

  /**
   * The next epoch of a named producer. A new name begins with epoch 0 of an id that `allocateId`
   * gives, and so does one whose epochs are used up. POLICY_VIOLATION when there are too many names.
   */
  nextProducerEpoch(name: string, allocateId: () => number): NextProducer {
    const key = encodeName(name);
    const row = this.#statement('SELECT * FROM producers WHERE name = ?').get(key);
    if (row === undefined) {
      this.#checkProducerCount(name);
      const producerId = allocateId();
      this.#change(
        'INSERT INTO producers (name, producer_id, epoch) VALUES (?, ?, 0)',
        key,
        producerId,
      );
      return { producerId, producerEpoch: 0 };
    }
    const { producerId, producerEpoch } = producerFrom(row);
    if (producerEpoch < PRODUCER_EPOCH_MAX) {
      const next = producerEpoch + 1;
      this.#change('UPDATE producers SET epoch = ? WHERE name = ?', next, key);
      return { producerId, producerEpoch: next };
    }
    // First the fence: a crash in between costs an id, not a holder that nobody fences.
    this.#change('INSERT OR IGNORE INTO retired_producer_ids VALUES (?)', producerId);
    const successor = allocateId();
    const sql = 'UPDATE producers SET producer_id = ?, epoch = 0 WHERE name = ?';
    this.#change(sql, successor, key);
    return { producerId: successor, producerEpoch: 0, retiredId: producerId };
  }

  /** For each id that has or had a name, the epoch that holds: a lower one is fenced. */
  namedProducerEpochs(): Map<number, number> {
    const epochs = new Map<number, number>();
    for (const row of this.#statement('SELECT * FROM producers').all()) {
      const { producerId, producerEpoch } = producerFrom(row);
      epochs.set(producerId, producerEpoch);
    }
    for (const row of this.#statement('SELECT * FROM retired_producer_ids').all()) {
      epochs.set(Number(row['producer_id']), FENCING_EPOCH);
    }
    return epochs;
  }

  close(): void {
    this.#statements.clear();
    if (this.#mustClose) this.#database.close();
  }

  #checkProducerCount(name: string): void {
    const count = Number(this.#get('SELECT count(*) AS count FROM producers')['count']);
    if (count < NAMED_PRODUCERS_MAX) return;
    throw new MillraceError(
      'POLICY_VIOLATION',
      `producer name ${quote(name)} would be one too many: there are ${count} named producers, at most ${NAMED_PRODUCERS_MAX} are allowed`,
      { written: 'no', details: { received: count + 1, allowed_max: NAMED_PRODUCERS_MAX } },
    );
  }

  #topics(): CatalogueTopic[] {
    return this.#statement('SELECT * FROM topics ORDER BY name, topic_id')
      .all()
      .map((row) => {
        const topic = topicFrom(row);
        if (typeof topic === 'string') throw damagedCatalogue(this.#path, topic);
        return topic;
      });
  }

  /** The topic id is bound last. */
  #changeTopic(topicId: string, sql: string, ...values: readonly SQLInputValue[]): void {
    const changed = this.#change(sql, ...values, topicId);
    assert.equal(changed, 1, `no topic ${topicId}`);
  }

  /** One statement, which is a transaction of its own. Answers how many rows it changed. */
  #change(sql: string, ...values: readonly SQLInputValue[]): number {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return Number(this.#statement(sql).run(...values).changes);
    } catch (error) {
      throw this.#changeError(error);
    }
  }

  #changeError(error: unknown): unknown {
    const kind = sqliteErrorKind(error);
    if (kind === undefined) return error;
    if (kind === 'full') {
      return new MillraceError('DISK_FULL', 'the disk is full; nothing of this was written', {
        written: 'no',
        retriable: true,
        cause: error,
      });
    }
    const reason = `${this.#path} could not be changed: ${(error as Error).message}`;
    const facts = { cause: error, details: { file: this.#path } };
    const refusal = `${reason}; nothing more is changed in it before the next start`;
    this.#failure = new MillraceError('KAFKA_STORAGE_ERROR', refusal, { ...facts, written: 'no' });
    return new MillraceError('KAFKA_STORAGE_ERROR', reason, { ...facts, written: 'unknown' });
  }

  #get(sql: string): { readonly [column: string]: unknown } {
    const row = this.#statement(sql).get();
    if (row === undefined) throw damagedCatalogue(this.#path, `nothing answers ${sql}`);
    return row;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function encodeConfigs(configs: ConfigTexts): string {
  return JSON.stringify(Object.fromEntries(configs));
}

/**
 * As JSON: a name may hold a NUL, at which node:sqlite ends a text, or half of a surrogate pair,
 * of which UTF-8 knows only the replacement character, and two names would be one.
 */
function encodeName(name: string): string {
  return JSON.stringify(name);
}

function producerFrom(row: { readonly [column: string]: unknown }): CatalogueProducer {
  return { producerId: Number(row['producer_id']), producerEpoch: Number(row['epoch']) };
}
