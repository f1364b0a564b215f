/**
 * The Fastify application: what holds for every route. Each route gets the raw body as a Buffer
 * and checks it itself, because its messages are better and no schema is compiled at the start;
 * a route's `schema` serves the API's description alone.
 *
 * It does not listen: see `listen.ts`.
 */
import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { fastify } from 'fastify';
import { limitConnections } from './connection-count.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { CONNECTION_LIMITS } from './connection-limits.ts';
import type { HttpContext } from './context.ts';
import { answerErrors, sendError } from './error-answers.ts';
import { continueWithinLimit } from './expect-continue.ts';
import type { FetchBudget } from '../broker/fetch-budget.ts';
import { HttpCounters } from './http-counters.ts';
import { answerUnreadable } from './unreadable-requests.ts';
import { takeRawBodies } from './raw-body.ts';
import { watchRequests } from './request-hooks.ts';
import { registerRoutes } from './routes.ts';
import { NO_SCHEMA_COMPILERS } from './schema-compilers.ts';

declare module 'fastify' {
  interface FastifyInstance {
    readonly counters: HttpCounters;
    /** Of all that reads records, together. */
    readonly fetchBudget: FetchBudget;
  }
}

export function buildApp(
  context: HttpContext,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): FastifyInstance {
  const counters = new HttpCounters();
  const app = fastify(serverOptions(context, limits, counters));
  app.decorate('counters', counters);
  app.decorate('fetchBudget', context.fetchBudget);
  limitConnections(app.server, counters, context.connections);
  continueWithinLimit(app.server, context.settings.bodyBytesMax);
  takeRawBodies(app, context.settings.bodyBytesMax);
  answerErrors(app, context);
  watchRequests(app, context, counters);
  registerRoutes(app, context);
  return app;
}

function serverOptions(
  context: HttpContext,
  limits: ConnectionLimits,
  counters: HttpCounters,
): FastifyHttpOptions<Server> {
  return {
    logger: false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
      maxHeaderSize: limits.headerBytesMax,
      // `request-hooks.ts` says it in our words; Node would answer without a body.
      requireHostHeader: false,
    },
    // No name is cut off by the router: the rules of names give the better message.
    routerOptions: { maxParamLength: limits.headerBytesMax },
    frameworkErrors: (error, request, reply) => {
      counters.requestsUnrouted += 1;
      sendError(context, error, request, reply);
    },
    clientErrorHandler: (error, socket) => answerUnreadable(counters, error, socket),
    // `request-hooks.ts` says it in our words.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    schemaController: NO_SCHEMA_COMPILERS,
  };
}
