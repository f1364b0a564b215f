/** Holds what a route answers against what the API's description says that it answers. */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { OpenApiDocument } from '../../src/http/openapi-document.ts';
import { schemaFaults } from './json-schema.ts';

type Request = InjectOptions & { readonly url: string };

export type Ask = (request: Request | string) => Promise<LightMyRequestResponse>;

/** `inject`, which throws when an answer is not as described. */
export function conformingAsk(app: FastifyInstance, described?: OpenApiDocument): Ask {
  let document: OpenApiDocument | undefined = described;
  return async (request) => {
    document ??= (await app.inject('/openapi.json')).json<OpenApiDocument>();
    const options = typeof request === 'string' ? { url: request } : request;
    const answer = await app.inject(options);
    const faults = answerFaults(document, options, answer);
    if (faults.length > 0) {
      const asked = `${options.method ?? 'GET'} ${options.url} -> ${answer.statusCode}`;
      throw new Error(`${asked} is not as described:\n${faults.join('\n')}\n${answer.body}`);
    }
    return answer;
  };
}

/** What is wrong with an answer, in lines; empty when it is as described. */
export function answerFaults(
  document: OpenApiDocument,
  { method = 'GET', url }: Request,
  answer: LightMyRequestResponse,
): string[] {
  const path = url.split('?')[0] ?? '';
  const item = Object.entries(document.paths).find(([pattern]) => matches(pattern, path))?.[1];
  const operation = item?.[method.toLowerCase()];
  if (operation === undefined) return ['no such operation is described'];
  const described = operation.responses[answer.statusCode];
  if (described === undefined) return ['no such status is described'];
  if (described.content === undefined) return answer.body === '' ? [] : ['a body is not described'];
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const media = described.content[type];
  if (media === undefined) return [`the type ${type} is not described`];
  return /[/+]json$/.test(type) ? schemaFaults(document, media.schema, answer.json()) : [];
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replaceAll(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${expression}$`).test(path);
}
