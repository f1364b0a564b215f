/**
 * Hands a finished answer to its connection. What the kernel takes at once is forgotten at once;
 * the rest stays in the budget until the reader took it, and a reader that does not is cut off.
 */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../model/clock.ts';
import { ANSWER_PIECE_BYTES } from '../model/limits.ts';
import { bodyOf, cutIfUntaken, listed } from './answer-body.ts';
import type { FetchBudget, Hold } from '../broker/fetch-budget.ts';

/** Handed over at once, which takes half the time that pieces take. */
const WHOLE_BYTES_MAX = 8 * ANSWER_PIECE_BYTES;
/** The same for parts that have to be copied together for it. */
const JOINED_BYTES_MAX = 2 * ANSWER_PIECE_BYTES;

export interface Sending {
  readonly clock: Clock;
  readonly budget: FetchBudget;
}

export interface Answer {
  readonly headers: Readonly<{ [name: string]: string }>;
  /** Its bytes, back to back. */
  readonly parts: readonly Buffer[];
}

/**
 * Takes over `hold`, which covers what the answer was made of. Throws 429 like `budget.take`, and
 * then has set no header: an error must not say where to go on.
 */
export function sendAnswer(
  reply: FastifyReply,
  { headers, parts }: Answer,
  hold: Hold,
  { clock, budget }: Sending,
): void {
  hold.release();
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const sending = budget.take(bytes);
  const response = reply.raw;
  response.once('close', sending.release);
  void reply.headers(headers).header('content-length', String(bytes));
  if (bytes > (parts.length === 1 ? WHOLE_BYTES_MAX : JOINED_BYTES_MAX)) {
    void reply.send(bodyOf(listed(parts), response, clock));
    return;
  }
  void reply.send(parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes));
  if (response.writableFinished || response.socket?.writableLength === 0) sending.release();
  else cutIfUntaken(response, clock, bytes);
}
