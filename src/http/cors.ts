/**
 * Cross-origin answers for the web pages that `--cors-origins` lists (the Fetch standard's CORS
 * protocol). Who is not listed never comes here: see `protection.ts`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers' headers that scripts of a page may read beside the few that always may be. */
const EXPOSED =
  'allow, content-disposition, millrace-high-watermark, millrace-log-start-offset, millrace-next-offset, retry-after';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** Two hours is the most that browsers remember a preflight. */
const PREFLIGHT_MAX_AGE_S = 7_200;

/**
 * Adds the CORS headers for a request whose `Origin` was let through; answers it and returns true
 * if it is a preflight.
 */
export function answerCors(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: ReadonlySet<string>,
): boolean {
  const headers = request.raw.headers;
  const origin = headers.origin;
  if (origin === undefined || (!origins.has(origin) && !origins.has('*'))) return false;
  reply.header('access-control-allow-origin', origins.has(origin) ? origin : '*');
  reply.header('access-control-expose-headers', EXPOSED);
  reply.header('vary', 'origin');
  if (request.method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return false;
  }
  reply.header('access-control-allow-methods', METHODS);
  reply.header('access-control-max-age', String(PREFLIGHT_MAX_AGE_S));
  const asked = headers['access-control-request-headers'];
  if (asked !== undefined) reply.header('access-control-allow-headers', asked);
  if (headers['access-control-request-private-network'] === 'true') {
    reply.header('access-control-allow-private-network', 'true');
  }
  void reply.code(204).send();
  return true;
}
