/**
 * `catalogue.db`: opened, checked and, when it is new, laid out.
 *
 *   server      one row: cluster id, first producer id that was never reserved
 *   topics      topic id, name, partitions, configs (JSON object of texts), state
 *   producers   named producers: name (as JSON), producer id, epoch
 *   retired_producer_ids   what named producers had before their epochs were used up
 *
 * Every table has a seal besides, see catalogue-seal.ts.
 *
 * PRAGMA user_version is the format version, PRAGMA application_id says that it is ours.
 *
 * WAL with synchronous = EXTRA makes every change durable at the cost of one sync (a rollback
 * journal takes four; measured 0.25 against 0.5 ms). EXCLUSIVE does without the shared memory
 * file; one process owns the directory anyway. Where a file system allows no WAL, SQLite keeps its
 * rollback journal, and EXTRA makes that just as durable.
 */
import { DatabaseSync } from 'node:sqlite';
import { MillraceError } from '../model/errors.ts';
import { brokenSeal, registerSeal, sealColumn } from './catalogue-seal.ts';
import { messageOf } from './disk-errors.ts';
import { sqliteErrorKind } from './sqlite-errors.ts';

/** Raised when an older Millrace could not read what this one writes. */
const FORMAT_VERSION = 1;
/** "MRLC". */
const APPLICATION_ID = 0x4d524c43;

const SCHEMA = `
CREATE TABLE server (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  cluster_id TEXT NOT NULL,
  next_producer_id INTEGER NOT NULL,
  ${sealColumn('server')}
) STRICT;
CREATE TABLE topics (
  topic_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  partitions INTEGER NOT NULL,
  configs TEXT NOT NULL,
  state TEXT NOT NULL,
  ${sealColumn('topics')}
) STRICT, WITHOUT ROWID;
-- A topic on its way in or out does not stand in the way of a new one of its name.
CREATE UNIQUE INDEX live_topic_names ON topics (name) WHERE state = 'live';
CREATE TABLE producers (
  name TEXT PRIMARY KEY,
  producer_id INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  ${sealColumn('producers')}
) STRICT, WITHOUT ROWID;
CREATE TABLE retired_producer_ids (
  producer_id INTEGER PRIMARY KEY,
  ${sealColumn('retired_producer_ids')}
) STRICT;
`;

/**
 * Throws DATA_DIRECTORY_UNUSABLE when it is damaged, not ours, of a newer format or not writable.
 * A database that was handed in stays open then.
 */
export function openCatalogueDatabase(
  source: string | DatabaseSync,
  newClusterId: string,
): DatabaseSync {
  const path = typeof source === 'string' ? source : (source.location() ?? ':memory:');
  let database: DatabaseSync | undefined;
  try {
    database = typeof source === 'string' ? new DatabaseSync(source) : source;
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    registerSeal(database);
    const isNew = checkFormat(database, path);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = EXTRA');
    if (isNew) layOut(database, newClusterId);
    else settle(database);
    return database;
  } catch (error) {
    if (typeof source === 'string') database?.close();
    throw openError(error, path);
  }
}

/** Answers whether nothing is there yet. */
function checkFormat(database: DatabaseSync, path: string): boolean {
  const version = pragma(database, 'user_version');
  const application = pragma(database, 'application_id');
  // Also after a crash between the first page and the layout, which is one transaction.
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (isEmpty && application === 0) return true;
  if (application !== APPLICATION_ID) {
    throw unusable(path, 'is a database of another program; choose another --data-dir', {
      application_id: application,
      expected: APPLICATION_ID,
    });
  }
  if (version > FORMAT_VERSION) {
    throw unusable(
      path,
      `has format version ${version}, which a newer Millrace wrote; this one reads up to ${FORMAT_VERSION}: start the newer one`,
      { format_version: version, supported: FORMAT_VERSION },
    );
  }
  return false;
}

function layOut(database: DatabaseSync, clusterId: string): void {
  database.exec(`BEGIN; ${SCHEMA}`);
  database
    .prepare('INSERT INTO server (only, cluster_id, next_producer_id) VALUES (1, ?, 0)')
    .run(clusterId);
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`,
  );
}

/**
 * Moves what a run that ended badly left in the log of changes into the database and syncs it:
 * after a failed sync the log may be in the page cache only.
 */
function settle(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // Reading needs no room; it is done by itself once there is some.
    if (sqliteErrorKind(error) !== 'full') throw error;
  }
  const finding = faultIn(database);
  if (finding !== undefined) throw Object.assign(new Error(finding), { errcode: SQLITE_CORRUPT });
}

/** Its structure, its tables' definitions, and what stands in them. */
function faultIn(database: DatabaseSync): string | undefined {
  const [check] = database.prepare('PRAGMA integrity_check(1)').all();
  const finding = String(check?.['integrity_check']);
  if (finding !== 'ok') return finding;
  if (schemaOf(database) !== expectedSchema()) return 'its tables are not those of this format';
  const table = brokenSeal(database);
  return table === undefined ? undefined : `a row of ${table} is not as it was written`;
}

function schemaOf(database: DatabaseSync): string {
  const sql = 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name';
  return JSON.stringify(database.prepare(sql).all());
}

function expectedSchema(): string {
  const database = new DatabaseSync(':memory:');
  try {
    registerSeal(database);
    database.exec(SCHEMA);
    return schemaOf(database);
  } finally {
    database.close();
  }
}

const SQLITE_CORRUPT = 11;

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function openError(error: unknown, path: string): unknown {
  if (error instanceof MillraceError) return error;
  const kind = sqliteErrorKind(error);
  const reason = messageOf(error);
  switch (kind) {
    case 'damaged':
      return damagedCatalogue(path, reason, error);
    case 'not-writable':
      return unusable(
        path,
        `cannot be opened for writing (${reason}); give this user the right to, or choose another --data-dir`,
        { cause: error },
      );
    case 'full':
      return unusable(path, 'cannot be made: the disk is full', { cause: error });
    case 'locked':
      return unusable(path, 'is open in another program; close it there', { cause: error });
    case 'cannot-lock':
    case 'io':
      return unusable(path, `cannot be read: the disk fails (${reason})`, { cause: error });
    case undefined:
      return error;
  }
}

/** Nothing of it is thrown away: the segments below `topics` are intact without it. */
export function damagedCatalogue(path: string, found: string, cause?: unknown): MillraceError {
  return unusable(
    path,
    `is damaged (${found}); put back a copy of it, or move the data directory away and start with an empty one`,
    { found, cause },
  );
}

/** The names and numbers in it cannot be had from anywhere else. */
export function lostCatalogue(path: string, topicCount: number): MillraceError {
  return unusable(
    path,
    `is missing or empty, and there are directories of ${topicCount} topics, which a new one would forget; put back a copy of it, or move the data directory away and start with an empty one`,
    { topics: topicCount },
  );
}

function unusable(
  path: string,
  why: string,
  { cause, ...facts }: { readonly [name: string]: unknown },
): MillraceError {
  return new MillraceError('DATA_DIRECTORY_UNUSABLE', `${path} ${why}`, {
    cause,
    details: { file: path, ...facts },
  });
}
