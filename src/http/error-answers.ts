/**
 * Turns whatever was thrown into an answer of the one error shape, at every place where Fastify
 * would otherwise speak for itself. What is not a known fault becomes a 500 whose stack goes to
 * the log and never into the answer.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MillraceError } from '../model/errors.ts';
import { quote } from '../model/names.ts';
import type { HttpContext } from './context.ts';
import type { ErrorBody } from './errors.ts';
import { errorBody, errorStatus, isRetriable } from './errors.ts';
import { HttpError } from './http-error.ts';
import { answerAndReadAway } from './read-away.ts';

/** Seconds; long enough for a full buffer to drain, short enough for a person to wait. */
const RETRY_AFTER_S = 1;

export function answerErrors(app: FastifyInstance, context: HttpContext): void {
  app.setErrorHandler((error, request, reply) => sendError(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    app.counters.requestsUnrouted += 1;
    answerUnrouted(app, request, reply);
  });
}

/** Also Fastify's `frameworkErrors`: URLs that cannot be decoded reach no hook and no handler. */
export function sendError(
  context: HttpContext,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const error = asKnownError(context, thrown, request);
  const status = errorStatus(error);
  reply.code(status);
  if (error instanceof HttpError) reply.headers(error.headers);
  if ((status === 429 || status === 503) && isRetriable(error)) {
    reply.header('retry-after', String(RETRY_AFTER_S));
  }
  reply.header('x-content-type-options', 'nosniff');
  reply.header('content-type', 'application/json; charset=utf-8');
  const body = JSON.stringify(answerBody(error, request));
  if (error.code === 'BODY_TOO_LARGE' && !request.raw.complete) {
    answerAndReadAway(context.clock, request, reply, body);
  } else {
    void reply.send(body);
  }
}

/** Nothing is written before a request is understood, so a POST may be told so. */
function answerBody(error: MillraceError | HttpError, request: FastifyRequest): ErrorBody {
  const body = errorBody(error);
  return error instanceof HttpError && request.method === 'POST'
    ? { ...body, written: 'no' }
    : body;
}

function asKnownError(
  context: HttpContext,
  thrown: unknown,
  request: FastifyRequest,
): MillraceError | HttpError {
  if (thrown instanceof MillraceError || thrown instanceof HttpError) return thrown;
  const fault = frameworkFault(thrown);
  if (fault !== undefined) return fault;
  context.log.error(
    { err: thrown, method: request.method, route: request.routeOptions.url },
    'a request failed unexpectedly',
  );
  return new MillraceError(
    'UNKNOWN_SERVER_ERROR',
    'the server failed unexpectedly; its log says more',
    {
      ...(request.method === 'POST' ? { written: 'unknown' as const } : {}),
    },
  );
}

/** Faults that Fastify finds itself, in our words. */
function frameworkFault(thrown: unknown): MillraceError | HttpError | undefined {
  // Anything can be thrown, also null.
  const { code, message, statusCode } = (thrown ?? {}) as { [name: string]: unknown };
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError('UNSUPPORTED_MEDIA_TYPE', 'Content-Type is not a media type');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new MillraceError('INVALID_REQUEST', 'the URL has a part that cannot be decoded');
    default:
      // The sender went away in the middle of a body; nobody will read the answer.
      return statusCode === 400
        ? new MillraceError('INVALID_REQUEST', `the body could not be read: ${String(message)}`)
        : undefined;
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

function answerUnrouted(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?', 1)[0] ?? '';
  const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null);
  if (allowed.length === 0) {
    throw new HttpError('ROUTE_NOT_FOUND', `no route ${request.method} ${quote(path)}; see /docs`);
  }
  const allow = [...allowed, 'OPTIONS'].join(', ');
  if (request.method === 'OPTIONS') {
    void reply.code(204).header('allow', allow).send();
    return;
  }
  throw new HttpError(
    'METHOD_NOT_ALLOWED',
    `${quote(path)} does not take ${request.method}; it takes ${allow}`,
    { headers: { allow }, details: { allowed: [...allowed, 'OPTIONS'] } },
  );
}
