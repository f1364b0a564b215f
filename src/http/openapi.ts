/** The API's description: `/openapi.json` for programs, `/docs` for people. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpContext } from './context.ts';
import type { RouteDescription } from './description.ts';
import { errorResponses } from './description.ts';

export type RegisterRoutes = (app: FastifyInstance, context: HttpContext) => void;

/** Both are made by the first request for either; `register` adds every route there is. */
export function registerOpenApi(
  app: FastifyInstance,
  context: HttpContext,
  register: RegisterRoutes,
): void {
  let pages: Promise<Pages> | undefined;
  const load = (): Promise<Pages> => (pages ??= loadPages(context, register));

  app.get('/openapi.json', { schema: OPENAPI }, async (request, reply) => {
    const { document } = await load();
    reply.header('content-type', 'application/json; charset=utf-8');
    return reply.send(withBase(document, request));
  });

  app.get('/docs', { schema: DOCS }, async (request, reply) => {
    const { page, policy } = await load();
    reply.header('content-type', 'text/html; charset=utf-8');
    reply.header('content-security-policy', policy);
    return reply.send(withBase(page, request));
  });
}

interface Pages {
  readonly document: string;
  readonly page: string;
  readonly policy: string;
}

async function loadPages(context: HttpContext, register: RegisterRoutes): Promise<Pages> {
  const [{ buildDocument }, { DOCS_POLICY, docsPage }] = await Promise.all([
    import('./openapi-document.ts'),
    import('./docs-page.ts'),
  ]);
  const document = await buildDocument(register, context);
  await nextTurn();
  return { document: JSON.stringify(document), page: docsPage(document), policy: DOCS_POLICY };
}

/** Curl examples name the address that the reader used; what is none is left out of the text. */
function withBase(text: string, request: FastifyRequest): string {
  const host = request.headers.host ?? '';
  const shown = /^[a-zA-Z0-9.:[\]-]{1,255}$/.test(host) ? host : 'localhost';
  return text.replaceAll('{base}', `http://${shown}`);
}

const OPENAPI: RouteDescription = {
  operationId: 'getOpenApi',
  tags: ['Service'],
  summary: 'This description, for programs',
  response: {
    200: {
      description: 'An OpenAPI 3.1 document.',
      content: { 'application/json': { schema: { type: 'object' } } },
    },
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/openapi.json',
};

const DOCS: RouteDescription = {
  operationId: 'getDocs',
  tags: ['Service'],
  summary: 'This description, for people',
  response: {
    200: { description: 'A page.', content: { 'text/html': { schema: { type: 'string' } } } },
    ...errorResponses(),
  },
  'x-curl': 'curl {base}/docs',
};
