/**
 * The body of an answer that is too large, or lasts too long, to be handed over at once: a stream
 * that asks its source for bytes only when the reader has taken what it was given. So no more
 * than two pieces wait for a slow reader, and one that takes nothing for READER_STALL_MS is ended.
 */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelTimer, Clock } from '../model/clock.ts';
import { ANSWER_PIECE_BYTES, READER_FAREWELL_MS, READER_STALL_MS } from '../model/limits.ts';

export interface ByteSource {
  /** The next bytes, undefined at the end. Never called again before it is settled. */
  next(): Promise<Buffer | undefined>;
  /** Called once, when the body is over or was cut off. */
  close(): void;
  /** What a reader that takes nothing is told at last; without it the answer is just cut off. */
  farewell?(): Buffer;
}

/** For `reply.send`, which pipes it into `response`. */
export function bodyOf(source: ByteSource, response: ServerResponse, clock: Clock): Readable {
  let chunk: Buffer = EMPTY;
  let cancelTimer: CancelTimer = () => {};
  let isEnding = false;

  const give = (): void => {
    const piece = chunk.subarray(0, ANSWER_PIECE_BYTES);
    chunk = chunk.subarray(piece.length);
    // Until the next `read` the reader has this piece to take.
    cancelTimer = clock.after(READER_STALL_MS, stalled);
    body.push(piece);
  };

  const stalled = (): void => {
    const last = source.farewell?.();
    if (last === undefined) {
      body.destroy(new Error(UNTAKEN));
      return;
    }
    isEnding = true;
    // What is left of the chunk goes first: it may be the rest of a line.
    body.push(Buffer.concat([chunk, last]));
    body.push(null);
    cancelTimer = clock.after(READER_FAREWELL_MS, () => body.destroy(new Error(UNTAKEN)));
  };

  const fetchNext = async (): Promise<void> => {
    // A source may answer without waiting and a socket take all at once: others have their turn.
    await nextTurn();
    if (isEnding || body.destroyed) return;
    const next = await source.next();
    if (isEnding || body.destroyed) return;
    if (next === undefined) {
      isEnding = true;
      body.push(null);
      // What was given last may still wait to be taken.
      cancelTimer = clock.after(READER_STALL_MS, () => body.destroy(new Error(UNTAKEN)));
      return;
    }
    chunk = next;
    give();
  };

  const body = new Readable({
    // One byte: nothing is read ahead of the piece that waits to be taken.
    highWaterMark: 1,
    read() {
      if (isEnding) return;
      cancelTimer();
      if (chunk.length > 0) give();
      else fetchNext().catch((error: unknown) => body.destroy(error as Error));
    },
    destroy(error, done) {
      cancelTimer();
      source.close();
      done(error);
    },
  });
  body.once('end', () => cutIfUntaken(response, clock, ANSWER_PIECE_BYTES));
  return body;
}

/** Cuts the connection of an answer that was handed over whole and is taken more slowly. */
export function cutIfUntaken(response: ServerResponse, clock: Clock, bytes: number): void {
  if (response.writableFinished || response.destroyed) return;
  const pieces = Math.ceil(bytes / ANSWER_PIECE_BYTES);
  const cancel = clock.after(pieces * READER_STALL_MS, () => response.destroy());
  response.once('close', cancel);
}

/** What is already there, as a source. */
export function listed(parts: readonly Buffer[]): ByteSource {
  let index = 0;
  return { next: async () => parts[index++], close() {} };
}

const EMPTY: Buffer = Buffer.alloc(0);
const UNTAKEN = 'the reader took nothing of its answer';
