import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteErrorKind } from '../../src/storage/sqlite-errors.ts';

function kindOf(task: () => void): unknown {
  try {
    task();
  } catch (error) {
    return sqliteErrorKind(error);
  }
  return 'nothing was thrown';
}

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, 'a.db');
}

function inMemory(...sql: readonly string[]): () => void {
  return () => {
    const database = new DatabaseSync(':memory:');
    for (const each of sql) database.exec(each);
  };
}

test('what SQLite says is told apart', () => {
  const path = scratch();
  const locked = new DatabaseSync(path);
  locked.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  expect(kindOf(() => new DatabaseSync(path).exec('BEGIN EXCLUSIVE'))).toBe('locked');
  locked.close();
  writeFileSync(path, 'garbage '.repeat(999));
  expect(kindOf(() => new DatabaseSync(path).exec('BEGIN EXCLUSIVE'))).toBe('damaged');
  expect(kindOf(() => new DatabaseSync(join(path, 'b')))).toBe('not-writable');
  const full = 'CREATE TABLE b AS SELECT zeroblob(99999)';
  expect(kindOf(inMemory('PRAGMA max_page_count = 2', full))).toBe('full');
  const readOnly = 'PRAGMA query_only = 1';
  expect(kindOf(inMemory(readOnly, 'CREATE TABLE a (b)'))).toBe('not-writable');
});

test('codes that no test can provoke are told apart, too', () => {
  const withCode = (errcode: number): Error => Object.assign(new Error('x'), { errcode });
  expect(sqliteErrorKind(withCode(10))).toBe('io');
  expect(sqliteErrorKind(withCode(4 * 256 + 10))).toBe('io'); // SQLITE_IOERR_FSYNC
  expect(sqliteErrorKind(withCode(15 * 256 + 10))).toBe('cannot-lock'); // SQLITE_IOERR_LOCK
});

test('mistakes in a statement, and errors of others, are none of these', () => {
  expect(kindOf(inMemory('SELEKT 1'))).toBeUndefined();
  expect(
    kindOf(inMemory('CREATE TABLE a (b UNIQUE)', 'INSERT INTO a VALUES (1), (1)')),
  ).toBeUndefined();
  expect(sqliteErrorKind(new Error('x'))).toBeUndefined();
  expect(sqliteErrorKind({ errcode: 13 })).toBeUndefined();
});
