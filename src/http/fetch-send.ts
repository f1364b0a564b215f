/**
 * Hands a finished answer to its connection. What the kernel takes at once is forgotten at once;
 * the rest stays in the budget until the reader took it, and a reader that does not is cut off.
 */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../model/clock.ts';
import { ANSWER_CHUNK_BYTES } from '../model/limits.ts';
import { bodyOf, cutIfUntaken, listed } from './answer-body.ts';
import type { FetchBudget, Hold } from './fetch-budget.ts';

export interface Sending {
  readonly clock: Clock;
  readonly budget: FetchBudget;
}

/** Takes over `hold`, which covers what the answer was made of. Throws 429 like `budget.take`. */
export function sendParts(
  reply: FastifyReply,
  parts: readonly Buffer[],
  hold: Hold,
  { clock, budget }: Sending,
): void {
  hold.release();
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const sending = budget.take(bytes);
  const response = reply.raw;
  response.once('close', sending.release);
  void reply.header('content-length', String(bytes));
  if (bytes > 2 * ANSWER_CHUNK_BYTES) {
    void reply.send(bodyOf(listed(parts), response, clock));
    return;
  }
  void reply.send(parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes));
  if (response.writableFinished || response.socket?.writableLength === 0) sending.release();
  else cutIfUntaken(response, clock);
}
