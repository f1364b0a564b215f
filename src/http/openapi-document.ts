/**
 * Makes the OpenAPI 3.1 document out of the routes' descriptions. The serving application carries
 * no descriptions (see `request-hooks.ts`), so they are collected by a second one that never
 * listens, when somebody first asks: the start of the server does not pay for it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifySchema } from 'fastify';
import { fastify } from 'fastify';
import swagger from '@fastify/swagger';
import { HttpCounters } from './http-counters.ts';
import type { RegisterRoutes } from './openapi.ts';
import { nameComponents } from './openapi-components.ts';
import { NO_SCHEMA_COMPILERS } from './schema-compilers.ts';
import type { HttpContext } from './context.ts';
import type { RouteDescription, Tag } from './description.ts';

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<{ [path: string]: PathItem }>;
  readonly components: { readonly schemas: Readonly<{ [name: string]: Json }> };
}

export type PathItem = Readonly<{ [method: string]: Operation }>;

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly OperationParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: OperationContent };
  readonly responses: Readonly<{ [status: string]: OperationResponse }>;
  readonly 'x-codeSamples': readonly { readonly lang: string; readonly source: string }[];
}

export interface OperationParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Json;
}

export interface OperationResponse {
  readonly description: string;
  readonly headers?: Readonly<{
    [name: string]: { readonly description?: string; readonly schema: Json };
  }>;
  readonly content?: OperationContent;
}

export type OperationContent = Readonly<{
  [mediaType: string]: { readonly schema: Json; readonly examples?: Json };
}>;

export type Json = Readonly<{ [member: string]: unknown }>;

const TAGS: readonly { readonly name: Tag; readonly description: string }[] = [
  { name: 'Topics', description: 'Create, change, inspect and purge topics.' },
  { name: 'Produce', description: 'Append records; a plain 200 means they are on stable storage.' },
  { name: 'Fetch', description: 'Read records from any offset or time, at once or as they come.' },
  {
    name: 'Groups',
    description:
      'Share the partitions of topics out among readers, and keep how far they came. Members are stateless here: id, generation and cursor travel with each call.',
  },
  {
    name: 'Consumers v2',
    description:
      'Consumer instances as the Confluent REST Proxy v2 has them. The one thing that lives in the server: gone after a restart.',
  },
  { name: 'Service', description: 'What the server is, whether it serves, and its figures.' },
];

const INFO =
  'A durable, disk-backed log over HTTP. Times are milliseconds since 1970 unless RFC 3339 is said. Offsets and other 64-bit integers are JSON numbers up to `2^53-1`; larger input is refused. Every error has the shape of the schema `Error`; programs branch on its `code`.';

/**
 * `register` adds every route; their handlers are never called here. It takes a tenth of a second in
 * all, once: in steps, between which others have their turn.
 */
export async function buildDocument(
  register: RegisterRoutes,
  context: HttpContext,
): Promise<OpenApiDocument> {
  const app = fastify({ logger: false, schemaController: NO_SCHEMA_COMPILERS });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Millrace',
        version: context.settings.version,
        description: INFO,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      tags: [...TAGS],
      // There is no login; said outright, so that tools do not take it for forgotten.
      security: [],
    },
    convertConstToEnum: false,
    transform: ({ schema, url }) => ({ schema: keepBodyExamples(schema), url }),
  });
  app.decorate('counters', new HttpCounters());
  await nextTurn();
  register(app, context);
  await nextTurn();
  await app.ready();
  await nextTurn();
  const document = app.swagger() as unknown as OpenApiDocument;
  await nextTurn();
  await app.close();
  return nameComponents({
    ...document,
    paths: mapValues(document.paths, (item) => mapValues(item, finishOperation)),
  });
}

/** The plugin reads the examples of a body from within its schema only. */
function keepBodyExamples(schema: FastifySchema | undefined): FastifySchema {
  const description = schema as RouteDescription;
  if (description.body === undefined) return description;
  const content = mapValues(description.body.content, ({ schema: shape, examples }) => ({
    schema: { ...shape, ...(examples === undefined ? {} : { 'x-examples': examples }) },
  }));
  return { ...description, body: { content } };
}

type RawOperation = Operation & {
  readonly 'x-curl': string;
  readonly 'x-body-optional'?: true;
};

/** What the plugin cannot say: an optional body, and the example as the tools' extension. */
function finishOperation(operation: Operation): Operation {
  const {
    'x-curl': curl,
    'x-body-optional': optional,
    requestBody,
    ...rest
  } = operation as RawOperation;
  const body =
    requestBody === undefined ? {} : { requestBody: { ...requestBody, required: !optional } };
  return { ...rest, ...body, 'x-codeSamples': [{ lang: 'Shell', source: curl }] };
}

function mapValues<T, U>(
  object: Readonly<{ [name: string]: T }>,
  change: (value: T) => U,
): { [name: string]: U } {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}
