/**
 * What takes part: a server that can be started on an empty directory, and for each way of talking
 * to it how it is given the works. All use records of 100 bytes in one partition or stream.
 */
import type { Started } from '../support/processes.ts';

export interface Peer {
  /** As tables have it, with its version and when it syncs. */
  readonly name: string;
  start(directory: string): Promise<Running>;
}

export interface Running extends Started {
  /** What is read back. */
  readonly fill: (records: number) => Promise<void>;
  readonly ways: readonly Way[];
}

/** What it cannot do, or what another way shows already, is left out. */
export interface Way {
  readonly name: string;
  /** Records acknowledged a second: BATCH at a time, BATCH_CONNECTIONS at once. */
  readonly batches?: (seconds: number) => Promise<number>;
  /** Records read back a second of so many, PAGE at a time or about as many. */
  readonly readBack?: (records: number, seconds: number) => Promise<number>;
  /** Records acknowledged a second: one a request, one request at a time on each connection. */
  readonly single?: (connections: number, seconds: number) => Promise<number>;
  readonly follow?: Follow;
}

/** Calls `onRecords` with how many have just arrived, from the first that is sent. */
export type Follow = (onRecords: (count: number) => void) => Promise<Following>;

export interface Following {
  /** Resolves when the record is acknowledged. */
  send(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads again and again until what is answered is called, which rejects when reading has failed. */
export function keepReading(readOnce: () => Promise<void>): () => Promise<void> {
  const stopping = new AbortController();
  const reading = (async () => {
    while (!stopping.signal.aborted) await readOnce();
  })();
  reading.catch(() => {});
  return () => {
    stopping.abort();
    return reading;
  };
}

export const RECORD_BYTES = 100;
export const BATCH = 1_000;
export const BATCH_CONNECTIONS = 8;
export const PAGE = 10_000;

/** Where the pages begin that are read in turn: spread over what there is. */
export function pageStart(page: number, records: number): number {
  return (page * 247_700) % (records - PAGE);
}
