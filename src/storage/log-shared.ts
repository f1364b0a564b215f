/** What all partitions of one server share: one budget each, so that a thousand cost no more. */
import { BatchWriter } from '../codec/batch-writer.ts';
import {
  FLUSHES_AT_ONCE_MAX,
  INDEX_CACHE_BYTES_MAX,
  TAIL_CACHE_BYTES_MAX,
} from '../model/limits.ts';
import { FlushTurns } from './flush-turns.ts';
import { IndexCache } from './index-cache.ts';
import { TailCache } from './tail-cache.ts';

export interface LogShared {
  readonly tail: TailCache;
  readonly indexes: IndexCache;
  readonly writers: WriterPool;
  readonly flushTurns: FlushTurns;
  readonly counters: LogCounters;
}

/** Sums over all partitions since the start; whoever serves metrics reads them. */
export interface LogCounters {
  recordsAppended: number;
  bytesAppended: number;
  flushes: number;
  flushErrors: number;
  duplicateBatches: number;
  bytesRead: number;
  bytesReadFromTail: number;
  segmentsDeleted: number;
}

export function createLogShared(): LogShared {
  return {
    tail: new TailCache(TAIL_CACHE_BYTES_MAX),
    indexes: new IndexCache(INDEX_CACHE_BYTES_MAX),
    writers: new WriterPool(),
    flushTurns: new FlushTurns(FLUSHES_AT_ONCE_MAX),
    counters: {
      recordsAppended: 0,
      bytesAppended: 0,
      flushes: 0,
      flushErrors: 0,
      duplicateBatches: 0,
      bytesRead: 0,
      bytesReadFromTail: 0,
      segmentsDeleted: 0,
    },
  };
}

const WRITER_BYTES = 16_384;
const IDLE_WRITERS_MAX = 16;

/** Encoding buffers live here between two flushes, so an idle partition holds none. */
class WriterPool {
  readonly #idle: BatchWriter[] = [];

  take(): BatchWriter {
    return this.#idle.pop() ?? new BatchWriter(WRITER_BYTES);
  }

  give(writer: BatchWriter): void {
    writer.reset();
    if (this.#idle.length < IDLE_WRITERS_MAX) this.#idle.push(writer);
  }
}

export type { WriterPool };
