/**
 * Sends lines in requests, one at a time and in order, and knows of every line what became of it.
 * After a failure all lines before the one at fault are stored and none after it; where the
 * server could not say, the failure says of which lines it is not known.
 */
import type { Client, OutgoingRecord } from '../client/client.ts';
import { ServerError } from '../client/server-error.ts';
import { CommandFailure, endingOf, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';
import { isTooLargeTogether, isUnwritten, lineFaultOf } from './line-faults.ts';
import { count } from './numbers.ts';

/** Enough to make the request itself cheap, small enough to stay far below its limit. */
const REQUEST_LINES = 10_000;
const REQUEST_BYTES = 1_048_576;

const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;

export interface Destination {
  readonly client: Pick<Client, 'produce'>;
  readonly topic: string;
  /** Undefined: each record goes by its key. */
  readonly partition: number | undefined;
  /** May throw CommandFailure for a line that makes no record; lines count from 1. */
  readonly toRecord: (line: Buffer, lineNumber: number) => OutgoingRecord;
}

export class LineSender {
  readonly #io: CliIo;
  readonly #destination: Destination;
  #stored = 0;
  /** Lines behind those, sent in a request of which the outcome is not known. */
  #inDoubt = 0;

  constructor(io: CliIo, destination: Destination) {
    this.#io = io;
    this.#destination = destination;
  }

  /** Lines on stable storage. */
  get stored(): number {
    return this.#stored;
  }

  /**
   * Resolves when all are stored, or, once interrupted, when the request under way is answered.
   * After a failure nothing more may be sent.
   */
  async send(lines: readonly Buffer[]): Promise<void> {
    for (let from = 0; from < lines.length && !this.#io.interrupted.aborted;) {
      const to = requestEnd(lines, from);
      const { records, fault } = this.#recordsOf(lines.slice(from, to));
      if (records.length > 0) await this.#sendRecords(records);
      if (fault !== undefined) throw fault;
      from = to;
    }
  }

  /** A failure, and how far everything came: so that a script can go on from there. */
  withStory(error: unknown): unknown {
    const ending = endingOf(error);
    if (ending?.message === undefined) return error;
    const { message, exitCode } = ending;
    return new CommandFailure(exitCode, `${message}; ${storyOf(this.#stored, this.#inDoubt)}`);
  }

  /** The records before the first line that makes none. */
  #recordsOf(lines: readonly Buffer[]): { records: OutgoingRecord[]; fault?: CommandFailure } {
    const records: OutgoingRecord[] = [];
    for (const line of lines) {
      try {
        records.push(this.#destination.toRecord(line, this.#stored + records.length + 1));
      } catch (error) {
        if (error instanceof CommandFailure) return { records, fault: error };
        throw error;
      }
    }
    return { records };
  }

  async #sendRecords(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      await this.#tryToSend(records);
      this.#stored += records.length;
    } catch (error) {
      if (!isUnwritten(error)) {
        this.#inDoubt = records.length;
        throw error;
      }
      if (isTooLargeTogether(error) && records.length > 1) {
        await this.#sendRecords(records.slice(0, records.length >> 1));
        await this.#sendRecords(records.slice(records.length >> 1));
        return;
      }
      const fault = lineFaultOf(error);
      if (fault === undefined) throw error;
      // One line kept all of the request from being written; those before it have no fault.
      if (fault.index > 0) await this.#sendRecords(records.slice(0, fault.index));
      const message = `line ${this.#stored + 1} ${fault.message}`;
      throw new CommandFailure(EXIT.failed, message);
    }
  }

  /** Tries again only what the server says was not written: nothing is ever sent twice. */
  async #tryToSend(records: readonly OutgoingRecord[]): Promise<void> {
    const { client, topic, partition } = this.#destination;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.produce(topic, partition, records);
        return;
      } catch (error) {
        const mayPass = error instanceof ServerError && error.retriable && isUnwritten(error);
        if (!mayPass || attempt === ATTEMPTS) throw error;
        await this.#io.pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
        if (this.#io.interrupted.aborted) throw error;
      }
    }
  }
}

/** Of the request that begins at `from`: always a line, and more while they fit. */
function requestEnd(lines: readonly Buffer[], from: number): number {
  let bytes = 0;
  let to = from;
  while (to < lines.length && to - from < REQUEST_LINES) {
    bytes += (lines[to] as Buffer).length;
    if (bytes > REQUEST_BYTES && to > from) break;
    to += 1;
  }
  return to;
}

function storyOf(stored: number, inDoubt: number): string {
  if (stored + inDoubt === 0) return 'nothing is stored';
  const [first, last] = [stored + 1, stored + inDoubt].map(count);
  const doubtful = inDoubt === 1 ? `line ${first}` : `lines ${first} to ${last}`;
  if (stored === 0) return `${doubtful} may be stored`;
  const sure =
    stored === 1 ? 'the first line is stored' : `the first ${count(stored)} lines are stored`;
  return inDoubt === 0 ? sure : `${sure}, ${doubtful} may be`;
}
