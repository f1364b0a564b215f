/**
 * What a route says of itself in the API's description (`/openapi.json`, `/docs`): the `schema` of
 * its Fastify options. It is data and checks nothing.
 *
 * A schema with a `title` becomes a component of that name, however often it is used; so write
 * it once as a constant and name it. `{base}` in a curl example becomes this server's address.
 */
import type { ErrorCode } from '../model/errors.ts';
import { ERROR_CODES } from '../model/errors.ts';
import { ERROR_ANSWERS } from './errors.ts';
import type { HttpCode } from './http-error.ts';
import { HTTP_FAULTS } from './http-error.ts';
import type { Schema } from './parameters.ts';

export type Tag = 'Service' | 'Topics' | 'Produce' | 'Fetch' | 'Groups' | 'Consumers v2';

export interface RouteDescription {
  /** A verb and its object in camel case; client generators name their functions by it. */
  readonly operationId: string;
  readonly tags: readonly [Tag];
  /** A few words for lists. */
  readonly summary: string;
  /** Whole sentences (CommonMark): what it promises, its limits, when it fails. */
  readonly description?: string;
  /** From `parametersSchema`. */
  readonly params?: Schema;
  readonly querystring?: Schema;
  readonly headers?: Schema;
  readonly body?: { readonly content: Content };
  /** The body may be left out. */
  readonly 'x-body-optional'?: true;
  readonly response: Responses;
  /** Shell lines that work when pasted after the three lines at the top of `/docs`. */
  readonly 'x-curl': string;
}

/** By media type. */
export type Content = Readonly<{ [mediaType: string]: MediaContent }>;

export interface MediaContent {
  readonly schema: Schema;
  readonly examples?: Readonly<{
    [name: string]: { readonly summary?: string; readonly value: unknown };
  }>;
}

export type Responses = Readonly<{ [status: number]: ResponseDescription }>;

export interface ResponseDescription {
  readonly description: string;
  /** None: the answer has no body. */
  readonly content?: Content;
  /** Schema by name. */
  readonly headers?: Readonly<{ [name: string]: Schema }>;
  /** Fastify's plugin for "no body". */
  readonly type?: 'null';
}

/** JSON, with one example. */
export function jsonContent(schema: Schema, example: unknown): Content {
  return { 'application/json': { schema, examples: { example: { value: example } } } };
}

export function jsonResponse(
  description: string,
  schema: Schema,
  example: unknown,
): ResponseDescription {
  return { description, content: jsonContent(schema, example) };
}

export function emptyResponse(description: string): ResponseDescription {
  return { description, type: 'null' };
}

export const ERROR_SCHEMA: Schema = {
  title: 'Error',
  description: 'Every error answer. Programs branch on `code`.',
  type: 'object',
  required: ['error_code', 'message', 'code', 'retriable'],
  properties: {
    error_code: {
      type: 'integer',
      description: "Confluent REST v2's number where v2 has one, else status x 100.",
    },
    message: { type: 'string', description: 'For people: what came and what is allowed.' },
    code: {
      type: 'string',
      enum: [...ERROR_CODES, ...Object.keys(HTTP_FAULTS)],
      description: "What programs branch on: Kafka's name where Kafka has one.",
    },
    retriable: {
      type: 'boolean',
      description: 'The same request may succeed later without being changed.',
    },
    written: {
      type: 'string',
      enum: ['yes', 'no', 'unknown'],
      description: '`no`: it will never appear in the log. `unknown`: it may.',
    },
    details: {
      type: 'object',
      additionalProperties: true,
      description: 'The numbers and names that disagreed.',
    },
  },
};

/** Faults that every route may answer with. */
const COMMON: readonly (ErrorCode | HttpCode)[] = [
  'INVALID_REQUEST',
  'FORBIDDEN',
  'UNKNOWN_SERVER_ERROR',
  'SHUTTING_DOWN',
];

/** The error answers of a route, one for each status, each naming its codes. */
export function errorResponses(...codes: readonly (ErrorCode | HttpCode)[]): Responses {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...codes, ...COMMON])) {
    const { status, meaning } =
      code in HTTP_FAULTS ? HTTP_FAULTS[code as HttpCode] : ERROR_ANSWERS[code as ErrorCode];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${meaning}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join('; '), content: { 'application/json': { schema: ERROR_SCHEMA } } },
    ]),
  );
}
