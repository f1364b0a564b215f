/**
 * An answer to a request whose body is still on its way. The answer goes out at once and says
 * `Connection: close`, but the connection is closed only when the sender has stopped or a time is
 * over: a socket that is closed over unread bytes is reset, and the reset takes the answer with it
 * before a client that writes first and reads later has seen it.
 */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../model/clock.ts';
import { READ_AWAY_MS } from '../model/limits.ts';

export function answerAndReadAway(
  clock: Clock,
  request: FastifyRequest,
  reply: FastifyReply,
  body: string,
): void {
  reply.header('connection', 'close');
  // With its length known the client has the whole answer although the response has not ended.
  reply.header('content-length', Buffer.byteLength(body));
  void reply.send(Readable.from(bodyThenWait(clock, request, body)));
}

async function* bodyThenWait(
  clock: Clock,
  { raw }: FastifyRequest,
  body: string,
): AsyncGenerator<string> {
  yield body;
  if (raw.closed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancel();
      resolve();
    };
    const cancel = clock.after(READ_AWAY_MS, done);
    raw.once('end', done);
    raw.once('close', done);
    raw.resume();
  });
}
