/**
 * What storage asks of a file system, and nothing more, so that a disk which fails, fills up or
 * loses its power can stand in for the real one.
 *
 * Errors carry Node's `code` (`ENOENT`, `EEXIST`, `ENOSPC`, `EIO`, `EMFILE` ...), whoever throws them.
 * Paths are absolute. Nothing is durable before `sync` (bytes of a file) and `syncDir` (that a
 * file of that name exists, was renamed or is gone) have resolved.
 */
export interface Files {
  /**
   * `read`: must exist. `read-write`: must exist. `create`: must not exist (EEXIST), opened for
   * reading and writing.
   */
  open(path: string, mode: OpenMode): Promise<FileHandle>;
  /** Names in a directory, sorted; files and directories told apart. */
  list(directory: string): Promise<readonly DirectoryEntry[]>;
  /** Creates it and its missing parents; no error when it is there. Not durable by itself. */
  makeDir(directory: string): Promise<void>;
  /** Replaces `to` when it exists. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; ENOENT when it is missing. */
  remove(path: string): Promise<void>;
  /** Removes a directory with all in it; no error when it is missing. */
  removeDir(directory: string): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDir(directory: string): Promise<void>;
}

export type OpenMode = 'read' | 'read-write' | 'create';

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory';
}

export interface FileHandle {
  /** Fills `into` from `position`; fewer bytes only where the file ends. Answers the count. */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Writes the chunks one after the other from `position` and answers how many bytes were
   * written: FEWER THAN GIVEN, AND NO ERROR, on a disk that is full. The caller compares.
   */
  write(chunks: readonly Uint8Array[], position: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** fdatasync. After it has failed once nothing about earlier writes is known any more. */
  sync(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Whether a thrown value is a file-system error with this code. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
