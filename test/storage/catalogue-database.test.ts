import { chmod, copyFile, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { openCatalogueDatabase } from '../../src/storage/catalogue-database.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const CLUSTER = 'abcdefghijklmnopqrstuv';

let path: string;

beforeEach(async () => {
  path = join(await temporaryDirectory(), 'catalogue.db');
});

function clusterIdOf(database: DatabaseSync): unknown {
  return database.prepare('SELECT cluster_id FROM server').get()?.['cluster_id'];
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

function refusal(message: RegExp, details: object = {}): unknown {
  return expect.objectContaining({
    code: 'DATA_DIRECTORY_UNUSABLE',
    message: expect.stringMatching(message) as string,
    details: expect.objectContaining({ file: path, ...details }) as object,
  });
}

test('a new one is laid out once, and found again', () => {
  const made = openCatalogueDatabase(path, CLUSTER);
  expect(clusterIdOf(made)).toBe(CLUSTER);
  made.close();
  const again = openCatalogueDatabase(path, 'another');
  expect(clusterIdOf(again)).toBe(CLUSTER);
  again.close();
});

test('each change is synced once, before it returns', () => {
  const database = openCatalogueDatabase(path, CLUSTER);
  expect(pragma(database, 'journal_mode')).toBe('wal');
  expect(pragma(database, 'synchronous')).toBe(3);
  expect(pragma(database, 'locking_mode')).toBe('exclusive');
  database.close();
});

test('what a run that was killed had changed is moved into the database at the next start', async () => {
  const database = openCatalogueDatabase(path, CLUSTER);
  database.exec("INSERT INTO producers VALUES ('a', 1, 2)");
  const copy = `${path}.copy`;
  await copyFile(path, copy);
  await copyFile(`${path}-wal`, `${copy}-wal`);
  database.close();
  const next = openCatalogueDatabase(copy, CLUSTER);
  expect((await stat(`${copy}-wal`)).size).toBe(0);
  expect(next.prepare('SELECT * FROM producers').all()).toHaveLength(1);
  next.close();
});

test('a crash before the layout was complete leaves an empty one', () => {
  const begun = new DatabaseSync(path);
  begun.exec('PRAGMA journal_mode = WAL');
  begun.close();
  const database = openCatalogueDatabase(path, CLUSTER);
  expect(clusterIdOf(database)).toBe(CLUSTER);
  database.close();
});

test('a newer format is refused, with both versions', () => {
  const database = openCatalogueDatabase(path, CLUSTER);
  database.exec('PRAGMA user_version = 2');
  database.close();
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(
    refusal(/format version 2, .* reads up to 1: start the newer one/, {
      format_version: 2,
      supported: 1,
    }),
  );
});

test('a database of another program is refused', () => {
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE a (b)');
  other.close();
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(refusal(/another program/));
});

test.each([
  ['garbage', 'garbage '.repeat(999)],
  ['a text file', 'hello'],
])('%s is refused with what to do, and kept', async (_, content) => {
  await writeFile(path, content);
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(
    refusal(/is damaged \(file is not a database\); put back a copy of it, or move/),
  );
  expect(await readFile(path, 'utf8')).toBe(content);
});

test('one that is cut, or whose pages are overwritten, is refused', async () => {
  for (const damage of [cutInTheMiddle, overwriteAPage]) {
    const each = `${path}.${damage.name}`;
    const database = openCatalogueDatabase(each, CLUSTER);
    const insert = database.prepare('INSERT INTO producers VALUES (?, ?, 0)');
    for (let index = 0; index < 500; index += 1) insert.run(`producer ${index}`, index);
    database.close();
    await damage(each);
    expect(() => openCatalogueDatabase(each, CLUSTER)).toThrow(
      expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }),
    );
  }
});

async function cutInTheMiddle(file: string): Promise<void> {
  await truncate(file, 12_288);
}

async function overwriteAPage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(4_096, 0xa5), 0, 4_096, 16_384);
  await handle.close();
}

test('one that another program has open is refused', () => {
  const other = new DatabaseSync(path);
  other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(refusal(/is open in another program/));
  other.close();
});

test.skipIf(process.getuid?.() === 0)('one that may not be written is refused', async () => {
  openCatalogueDatabase(path, CLUSTER).close();
  await chmod(path, 0o444);
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(
    refusal(/cannot be opened for writing/),
  );
});

test('one that cannot be made is refused', () => {
  path = join(path, 'below', 'nothing');
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(
    refusal(/cannot be opened for writing/),
  );
});

test('a new one on a full disk is refused', () => {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 1');
  expect(() => openCatalogueDatabase(database, CLUSTER)).toThrow(
    expect.objectContaining({ message: ':memory: cannot be made: the disk is full' }),
  );
  expect(database.isOpen).toBe(true);
});

/** A sound database of an earlier run, in which this statement fails with that code of SQLite. */
function failingAt(statement: string, errcode: number | undefined): DatabaseSync {
  const database = openCatalogueDatabase(new DatabaseSync(':memory:'), CLUSTER);
  const exec = database.exec.bind(database);
  database.exec = (sql) => {
    if (sql.includes(statement)) throw Object.assign(new Error('of SQLite'), { errcode });
    exec(sql);
  };
  return database;
}

test('one on a full disk is opened: reading needs no room', () => {
  const database = failingAt('wal_checkpoint', 13);
  expect(clusterIdOf(openCatalogueDatabase(database, 'another'))).toBe(CLUSTER);
});

test('one whose log of changes cannot be moved for another reason is refused', () => {
  expect(() => openCatalogueDatabase(failingAt('wal_checkpoint', 10), CLUSTER)).toThrow(
    expect.objectContaining({ code: 'DATA_DIRECTORY_UNUSABLE' }),
  );
});

test.each([
  ['the disk fails', 10],
  ['it cannot be locked', 10 | (15 << 8)],
])('one is refused with what SQLite says when %s', (_, errcode) => {
  expect(() => openCatalogueDatabase(failingAt('locking_mode', errcode), CLUSTER)).toThrow(
    expect.objectContaining({
      code: 'DATA_DIRECTORY_UNUSABLE',
      message: ':memory: cannot be read: the disk fails (of SQLite)',
    }),
  );
});

test('a mistake in how it is opened comes out as it is', () => {
  const database = failingAt('locking_mode', undefined);
  expect(() => openCatalogueDatabase(database, CLUSTER)).toThrow(new Error('of SQLite'));
});

test('one whose tables are others is refused', () => {
  const database = openCatalogueDatabase(path, CLUSTER);
  database.exec('ALTER TABLE server RENAME COLUMN cluster_id TO cluster_ie');
  database.close();
  expect(() => openCatalogueDatabase(path, CLUSTER)).toThrow(refusal(/its tables are not those/));
});
