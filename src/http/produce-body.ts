/**
 * Reads a produce body by its media type. Whatever it was, it becomes records for the broker, or
 * encoded batches that are the broker's to check.
 */
import type { FastifyRequest } from 'fastify';
import { CONTENT_TYPE_LENGTH_MAX } from '../model/limits.ts';
import { BATCH_TYPE, JSON_TYPE, MSGPACK_TYPE } from './fetch-types.ts';
import { HttpError } from './http-error.ts';
import { rawBody, unsupportedMediaType } from './json-body.ts';
import type { JsonForm } from './json-records.ts';
import { NATIVE_FORMS, V2_FORMS, readJsonRecords } from './json-records.ts';
import type { MediaType } from './media-types.ts';
import { parseMediaType } from './media-types.ts';
import { readMsgpackRecords } from './msgpack-produce.ts';
import type { Texts } from './parameters.ts';
import type { ProduceInput } from './produce-input.ts';
import { badBody } from './produce-input.ts';
import {
  FORMAT,
  KEY,
  KEY_BASE64,
  PRODUCE_PARAMETERS,
  refuseForType,
} from './produce-parameters.ts';

/** Whose shapes the body has, and so the answer. */
export type ProduceFamily = 'native' | 'msgpack' | 'v2';

export type ProduceBody =
  | { readonly kind: 'records'; readonly family: ProduceFamily; readonly input: ProduceInput }
  | { readonly kind: 'batches'; readonly family: 'native'; readonly bytes: Buffer };

const V2_FORMS_BY_TYPE: ReadonlyMap<string, JsonForm> = new Map<string, JsonForm>([
  ['application/vnd.kafka.json.v2+json', V2_FORMS.json],
  ['application/vnd.kafka.binary.v2+json', V2_FORMS.binary],
  ['application/vnd.kafka.text.v2+json', V2_FORMS.text],
]);

export const V2_BODY_TYPES: readonly string[] = [...V2_FORMS_BY_TYPE.keys()];

const RECORD_TYPES = [JSON_TYPE, MSGPACK_TYPE, BATCH_TYPE, ...V2_BODY_TYPES];

const EMPTY = Buffer.alloc(0);

/** `nowMs` becomes the timestamp of records without one. Throws 4xx naming what is wrong. */
export function readProduceBody(request: FastifyRequest, texts: Texts, nowMs: number): ProduceBody {
  const type = bodyType(request);
  switch (type.essence) {
    case JSON_TYPE: {
      refuseForType(texts, [KEY, KEY_BASE64], JSON_TYPE);
      const form = NATIVE_FORMS[FORMAT.read(texts)];
      const input = readJsonRecords(requireBody(request, type), form, nowMs);
      return { kind: 'records', family: 'native', input };
    }
    case MSGPACK_TYPE: {
      refuseForType(texts, PRODUCE_PARAMETERS, MSGPACK_TYPE);
      const input = readMsgpackRecords(requireBody(request, type), nowMs);
      return { kind: 'records', family: 'msgpack', input };
    }
    case BATCH_TYPE:
      refuseForType(texts, PRODUCE_PARAMETERS, BATCH_TYPE);
      return { kind: 'batches', family: 'native', bytes: requireBody(request, type) };
    default:
      return readOther(request, texts, type, nowMs);
  }
}

function readOther(
  request: FastifyRequest,
  texts: Texts,
  type: MediaType,
  nowMs: number,
): ProduceBody {
  const form = V2_FORMS_BY_TYPE.get(type.essence);
  if (form !== undefined) {
    refuseForType(texts, PRODUCE_PARAMETERS, type.essence);
    const input = readJsonRecords(requireBody(request, type), form, nowMs);
    return { kind: 'records', family: 'v2', input };
  }
  return { kind: 'records', family: 'native', input: rawValue(request, texts, type, nowMs) };
}

const JSON_MEDIA_TYPE: MediaType = { essence: JSON_TYPE, parameters: new Map() };

/** Throws 415 for what carries no record: forms, unknown Kafka types, none, compressed bodies. */
function bodyType({ headers }: FastifyRequest): MediaType {
  const sent = headers['content-type'];
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new HttpError(
      'UNSUPPORTED_MEDIA_TYPE',
      'Content-Encoding is not supported; send the body as it is',
      { details: { received: encoding, supported: ['identity'] } },
    );
  }
  if (sent === JSON_TYPE) return JSON_MEDIA_TYPE;
  const type = parseMediaType(sent);
  if (type === undefined || isRefused(type.essence)) throw unsupportedMediaType(sent, RECORD_TYPES);
  return type;
}

function isRefused(essence: string): boolean {
  if (essence.startsWith('application/vnd.kafka')) return !RECORD_TYPES.includes(essence);
  return essence === 'application/x-www-form-urlencoded' || essence.startsWith('multipart/');
}

/** JSON is UTF-8, whatever else is said of it. */
function requireBody(request: FastifyRequest, type: MediaType): Buffer {
  const charset = type.parameters.get('charset');
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', `charset is ${charset}; send UTF-8`, {
      details: { received: charset, supported: ['utf-8'] },
    });
  }
  const body = rawBody(request);
  if (body === undefined) throw badBody('the body is empty');
  return body;
}

/** The body is one record's value as it is, and its type a header of the record. */
function rawValue(
  request: FastifyRequest,
  texts: Texts,
  type: MediaType,
  timestamp: number,
): ProduceInput {
  refuseForType(texts, [FORMAT], type.essence);
  const contentType = request.headers['content-type'] as string;
  if (contentType.length > CONTENT_TYPE_LENGTH_MAX) {
    throw new HttpError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Type has ${contentType.length} characters; at most ${CONTENT_TYPE_LENGTH_MAX} are stored with a value`,
      { details: { length: contentType.length, length_max: CONTENT_TYPE_LENGTH_MAX } },
    );
  }
  const headers = [{ key: 'content-type', value: Buffer.from(contentType, 'latin1') }];
  const value = rawBody(request) ?? EMPTY;
  return { records: [{ key: rawKey(texts), value, headers, timestamp }], partitions: undefined };
}

function rawKey(texts: Texts): Uint8Array | null {
  const key = KEY.read(texts);
  const keyBytes = KEY_BASE64.read(texts);
  if (key !== undefined && keyBytes !== undefined) {
    throw badBody('parameters key and key_base64 are both given; send one of them');
  }
  return keyBytes ?? (key === undefined ? null : Buffer.from(key, 'utf8'));
}
