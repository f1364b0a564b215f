/** The representations of records that `Accept` chooses from. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from './http-error.ts';
import { chooseMediaType } from './media-types.ts';

export const JSON_TYPE = 'application/json';
export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';
export const MSGPACK_TYPE = 'application/msgpack';
export const BATCH_TYPE = 'application/vnd.kafka.recordbatch';
export const NDJSON_TYPE = 'application/x-ndjson';
export const EVENTS_TYPE = 'text/event-stream';

/** The first is what a caller without wishes gets. v2's bare type stands for its default, binary. */
export const FETCH_TYPES = [
  JSON_TYPE,
  MSGPACK_TYPE,
  NDJSON_TYPE,
  EVENTS_TYPE,
  BATCH_TYPE,
  'application/vnd.kafka.json.v2+json',
  'application/vnd.kafka.binary.v2+json',
  'application/vnd.kafka.text.v2+json',
  'application/vnd.kafka.v2+json',
] as const;

export type FetchType = (typeof FETCH_TYPES)[number];

/** v2's number for a format that does not fit. */
const NOT_ACCEPTABLE_V2 = 40601;

/** The one of `offered` that the request likes best; 406 with the list when it likes none. */
export function acceptedType<T extends FetchType>(
  request: FastifyRequest,
  offered: readonly T[],
): T {
  const { accept } = request.headers;
  const chosen = chooseMediaType(accept, offered);
  if (chosen !== undefined) return chosen as T;
  throw new HttpError('NOT_ACCEPTABLE', `Accept allows none of ${offered.join(', ')}`, {
    errorCode: NOT_ACCEPTABLE_V2,
    details: { received: accept ?? null, offered },
  });
}

/** Tells caches that another `Accept` gets another answer. */
export function varyOnAccept(reply: FastifyReply): void {
  const others = reply.getHeader('vary');
  void reply.header('vary', others === undefined ? 'accept' : `${String(others)}, accept`);
}
