/**
 * What happens to every request before its route and to every answer after it: browser
 * protection, the refusal while stopping, and counting. Two hooks in all, since each costs a
 * share of a small request.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { shuttingDown } from '../broker/refusals.ts';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import type { HttpContext } from './context.ts';
import { answerCors } from './cors.ts';
import type { HttpCounters } from './http-counters.ts';
import { countAnswer } from './http-counters.ts';
import { buildGuard } from './protection.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** By the monotonic clock, when the headers had arrived. */
    arrivedMs: number;
  }
  interface FastifyContextConfig {
    /** Answered while the server stops too. */
    readonly alwaysAnswered?: boolean;
  }
}

type Done = (error?: Error) => void;

export function watchRequests(
  app: FastifyInstance,
  context: HttpContext,
  counters: HttpCounters,
): void {
  const { clock, settings, stopping } = context;
  const guard = buildGuard(settings);
  const origins = new Set(settings.corsOrigins);
  app.decorateRequest('arrivedMs', 0);
  // `aborted` is looked up and checked at every reading; this is not.
  let isStopping = stopping.aborted;
  stopping.addEventListener('abort', () => (isStopping = true));

  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: Done) => {
    request.arrivedMs = clock.monotonicMs();
    // On the reply, not on the raw response: a stream that takes over copies `reply.getHeaders()`.
    reply.header('x-content-type-options', 'nosniff');
    const { headers } = request.raw;
    const refusal =
      guard(headers) ??
      badHost(request) ??
      badCoding(headers['transfer-encoding']) ??
      (isStopping ? refuseWhileStopping(request, reply) : undefined);
    if (refusal !== undefined) {
      done(refusal);
      return;
    }
    if (headers.origin !== undefined && answerCors(request, reply, origins)) return;
    done();
  });

  app.addHook('onRoute', (route: RouteOptions) => {
    // It describes; nothing is to be compiled from it (see `app.ts`).
    delete route.schema;
    const counter = counters.route(String(route.method), route.url);
    const count = (
      request: FastifyRequest,
      reply: FastifyReply,
      _payload: unknown,
      done: Done,
    ): void => {
      countAnswer(counter, reply.statusCode, clock.monotonicMs() - request.arrivedMs);
      if (isStopping) reply.header('connection', 'close');
      done();
    };
    route.onSend = [count, ...[route.onSend ?? []].flat()];
  });
}

/** RFC 9112 section 3.2; HTTP/1.0 knew no Host. Of two, Node shows the first and others the last. */
function badHost({ raw }: FastifyRequest): MillraceError | undefined {
  const count = countHosts(raw.rawHeaders);
  if (count === 1 || (count === 0 && raw.httpVersion === '1.0')) return undefined;
  const fault = count === 0 ? 'no Host header' : `${count} Host headers; send one`;
  return new MillraceError('INVALID_REQUEST', `the request has ${fault}`);
}

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** RFC 9112 section 6.1: a body under another coding is not what its bytes would be taken for. */
function badCoding(coding: string | undefined): MillraceError | undefined {
  if (coding === undefined || coding.toLowerCase() === 'chunked') return undefined;
  const message = `Transfer-Encoding is ${quote(coding)}; send chunked alone, or Content-Length`;
  return new MillraceError('INVALID_REQUEST', message);
}

function refuseWhileStopping(
  request: FastifyRequest,
  reply: FastifyReply,
): MillraceError | undefined {
  reply.header('connection', 'close');
  if (request.routeOptions.config.alwaysAnswered === true) return undefined;
  return shuttingDown(request.method === 'POST' ? { written: 'no' } : {});
}
