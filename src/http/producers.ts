/**
 * Idempotent producers: an id and an epoch with which produce requests can be repeated safely. It
 * is Kafka's producer state, shared with Kafka's clients, and survives restarts.
 */
import type { FastifyInstance } from 'fastify';
import { MillraceError } from '../model/errors.ts';
import { INT64_SAFE_MAX, PRODUCER_NAME_LENGTH_MAX } from '../model/limits.ts';
import type { HttpContext } from './context.ts';
import type { RouteDescription } from './description.ts';
import { errorResponses, jsonContent, jsonResponse } from './description.ts';
import { readJsonBody, refuseUnknownMembers } from './json-body.ts';
import type { JsonObject } from './json-body.ts';
import { readQuery } from './parameters.ts';
import type { Schema } from './parameters.ts';

export function registerProducers(app: FastifyInstance, { broker }: HttpContext): void {
  app.post('/producers', { schema: INIT_PRODUCER }, async (request) => {
    readQuery(request, []);
    const name = readName(readJsonBody(request) ?? {});
    const { producerId, producerEpoch } = await broker.initProducerId(name);
    return { producer_id: producerId, producer_epoch: producerEpoch };
  });
}

/** Its length is the broker's to check. */
function readName(body: JsonObject): string | null {
  refuseUnknownMembers(body, ['name'], 'the body');
  const name = body['name'] ?? null;
  if (name === null || typeof name === 'string') return name;
  throw new MillraceError('INVALID_REQUEST', 'name must be a string or null', {
    details: { field: 'name' },
  });
}

const WISH_SCHEMA: Schema = {
  title: 'ProducerWish',
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: ['string', 'null'], minLength: 1, maxLength: PRODUCER_NAME_LENGTH_MAX },
  },
};

const PRODUCER_SCHEMA: Schema = {
  title: 'Producer',
  type: 'object',
  required: ['producer_id', 'producer_epoch'],
  properties: {
    producer_id: { type: 'integer', minimum: 0, maximum: INT64_SAFE_MAX },
    producer_epoch: { type: 'integer', minimum: 0 },
  },
};

const INIT_PRODUCER: RouteDescription = {
  operationId: 'initProducer',
  tags: ['Produce'],
  summary: 'Get an id for idempotent producing',
  description:
    'Without a name the id is new and its epoch 0. With a name it is that of the name, its epoch one higher with each call, and requests of the older epoch are refused from then on: a restarted program fences what is left of its predecessor. Send both as headers `Producer-Id` and `Producer-Epoch`, with `Producer-Seq`, when producing to a partition.',
  body: { content: jsonContent(WISH_SCHEMA, { name: 'importer' }) },
  'x-body-optional': true,
  response: {
    200: jsonResponse('The identity.', PRODUCER_SCHEMA, { producer_id: 17, producer_epoch: 3 }),
    ...errorResponses(
      'UNSUPPORTED_MEDIA_TYPE',
      'BODY_TOO_LARGE',
      'REQUEST_TIMED_OUT',
      'POLICY_VIOLATION',
      'DISK_FULL',
    ),
  },
  'x-curl': `curl -X POST {base}/producers -H 'content-type: application/json' -d '{"name": "importer"}'`,
};
