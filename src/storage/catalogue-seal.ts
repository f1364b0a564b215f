/**
 * Checksums in the rows of the catalogue. SQLite has none of its own: it notices a file whose
 * structure is broken, but would believe a name, a number of partitions or a producer id in which a
 * bit has flipped. Each table has a column that SQLite computes at every write, with `seal_of`.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { crc32c } from '../codec/crc32c.ts';

/** What each table's seal is made of: all its columns. */
const SEALED: ReadonlyMap<string, string> = new Map([
  ['server', 'cluster_id, next_producer_id'],
  ['topics', 'topic_id, name, partitions, configs, state'],
  ['producers', 'name, producer_id, epoch'],
  ['retired_producer_ids', 'producer_id'],
]);

/** Needed before anything is written or checked. */
export function registerSeal(database: DatabaseSync): void {
  const options = { deterministic: true, varargs: true, useBigIntArguments: true };
  database.function('seal_of', options, (...values: SQLOutputValue[]) =>
    crc32c(Buffer.from(JSON.stringify(values.map(String)))),
  );
}

/** The column of a table that is being made. */
export function sealColumn(table: string): string {
  return `seal INTEGER NOT NULL GENERATED ALWAYS AS (seal_of(${SEALED.get(table)})) STORED`;
}

/** The first table with a row that is not as it was written, or undefined. */
export function brokenSeal(database: DatabaseSync): string | undefined {
  return [...SEALED].find(([table, columns]) => {
    const sql = `SELECT 1 FROM ${table} WHERE seal IS NOT seal_of(${columns})`;
    return database.prepare(sql).get() !== undefined;
  })?.[0];
}
