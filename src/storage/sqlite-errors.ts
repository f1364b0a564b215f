/** What SQLite's errors mean here, by their primary result code (https://sqlite.org/rescode.html). */
const KINDS: ReadonlyMap<number, SqliteErrorKind> = new Map([
  [3, 'not-writable'], // SQLITE_PERM
  [5, 'locked'], // SQLITE_BUSY
  [8, 'not-writable'], // SQLITE_READONLY
  [10, 'io'], // SQLITE_IOERR
  [11, 'damaged'], // SQLITE_CORRUPT
  [13, 'full'], // SQLITE_FULL
  [14, 'not-writable'], // SQLITE_CANTOPEN
  [15, 'cannot-lock'], // SQLITE_PROTOCOL
  [26, 'damaged'], // SQLITE_NOTADB
]);

/** The extended code of an input/output error that concerns locks begins with one of these. */
const LOCK_ERRORS: ReadonlySet<number> = new Set([
  10 | (14 << 8), // SQLITE_IOERR_CHECKRESERVEDLOCK
  10 | (15 << 8), // SQLITE_IOERR_LOCK
  10 | (9 << 8), // SQLITE_IOERR_RDLOCK
]);

export type SqliteErrorKind = 'cannot-lock' | 'damaged' | 'full' | 'io' | 'locked' | 'not-writable';

/** Undefined for what SQLite did not throw, and for what no disk can cause. */
export function sqliteErrorKind(error: unknown): SqliteErrorKind | undefined {
  const code = (error as { readonly errcode?: unknown }).errcode;
  if (!(error instanceof Error) || typeof code !== 'number') return undefined;
  return LOCK_ERRORS.has(code) ? 'cannot-lock' : KINDS.get(code & 0xff);
}
