/**
 * Bodies of the administrative routes: small JSON objects, read strictly. Records have readers of
 * their own, because there the bytes matter.
 */
import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { MillraceError } from '../model/errors.ts';
import { ADMIN_BODY_BYTES_MAX, BODY_DEPTH_MAX } from '../model/limits.ts';
import { quote } from '../model/names.ts';
import { HttpError } from './http-error.ts';
import { parseMediaType } from './media-types.ts';

export type JsonObject = Readonly<{ [member: string]: unknown }>;

/** Digits may come by the million. */
const NUMBER_LENGTH_SHOWN = 40;

const JSON_TYPES: readonly string[] = ['application/json', 'application/vnd.kafka.v2+json'];

/** The body's bytes as they came; undefined when there were none. */
export function rawBody(request: FastifyRequest): Buffer | undefined {
  const body = request.body as Buffer | undefined;
  return body === undefined || body.length === 0 ? undefined : body;
}

/**
 * The body as an object, undefined when there is none. Throws 415 for another type, 413 above
 * `bytesMax`, INVALID_REQUEST for what is not UTF-8, not JSON, not an object, nested too deep, or
 * holds a number beyond those of a double.
 */
export function readJsonBody(
  request: FastifyRequest,
  bytesMax = ADMIN_BODY_BYTES_MAX,
  types = JSON_TYPES,
): JsonObject | undefined {
  const body = rawBody(request);
  if (body === undefined) return undefined;
  const type = parseMediaType(request.headers['content-type']);
  if (type === undefined || !types.includes(type.essence)) {
    throw unsupportedMediaType(request.headers['content-type'], types);
  }
  if (body.length > bytesMax) throw bodyTooLarge(bytesMax);
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MillraceError('INVALID_REQUEST', 'the body must be a JSON object');
  }
  return value as JsonObject;
}

/** Like `readJsonBody`, where the route cannot do without one. */
export function requireJsonBody(request: FastifyRequest, bytesMax?: number): JsonObject {
  const body = readJsonBody(request, bytesMax);
  if (body === undefined) {
    throw new MillraceError('INVALID_REQUEST', 'the body is missing; it must be a JSON object');
  }
  return body;
}

/** 415 with a message for the commonest slip, `curl -d` without a type. */
export function unsupportedMediaType(
  received: string | undefined,
  supported: readonly string[],
): HttpError {
  const essence = parseMediaType(received)?.essence;
  const what =
    received === undefined ? 'the body has no Content-Type' : `Content-Type is ${quote(received)}`;
  const hint =
    essence === 'application/x-www-form-urlencoded'
      ? "curl -d sends this; add -H 'content-type: application/json', or use --json"
      : `send ${supported.join(' or ')}`;
  return new HttpError('UNSUPPORTED_MEDIA_TYPE', `${what}; ${hint}`, {
    details: { received: received ?? null, supported },
  });
}

export function bodyTooLarge(bytesMax: number): HttpError {
  return new HttpError(
    'BODY_TOO_LARGE',
    `the body is larger than the ${bytesMax} bytes that are allowed`,
    { details: { limit_bytes: bytesMax } },
  );
}

function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new MillraceError('INVALID_REQUEST', 'the body is not valid UTF-8');
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new MillraceError('INVALID_REQUEST', `the body is not JSON: ${error.message}`);
  }
  if (isDeeperThan(value, BODY_DEPTH_MAX)) {
    throw new MillraceError(
      'INVALID_REQUEST',
      `the body is nested deeper than ${BODY_DEPTH_MAX} levels`,
      { details: { depth_max: BODY_DEPTH_MAX } },
    );
  }
  if (holdsInfinity(value)) throw numberTooLarge(text);
  return value;
}

/** Looks no further than one level beyond the bound, so it cannot exhaust the stack itself. */
function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((each) => isDeeperThan(each, levels - 1));
}

/** What JSON.parse makes of `1e400`. A message of a field would show it as null. */
function holdsInfinity(value: unknown): boolean {
  if (typeof value !== 'object') return value === Infinity || value === -Infinity;
  return value !== null && Object.values(value).some(holdsInfinity);
}

/** Shows the number as it was sent. */
function numberTooLarge(text: string): MillraceError {
  let received = '';
  // TypeScript does not know the third argument yet.
  const visit = (_name: string, value: unknown, at: { readonly source: string }): null => {
    if (holdsInfinity(value)) received ||= at.source.slice(0, NUMBER_LENGTH_SHOWN);
    return null;
  };
  JSON.parse(text, visit as () => null);
  return new MillraceError(
    'INVALID_REQUEST',
    `the body holds the number ${received}, which is too large for any field`,
    { details: { received } },
  );
}

/** Throws INVALID_REQUEST naming the members of `object` that are not in `allowed`. */
export function refuseUnknownMembers(
  object: JsonObject,
  allowed: readonly string[],
  where: string,
): void {
  const unknown = Object.keys(object).filter((member) => !allowed.includes(member));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, 10).map(quote).join(', ');
  throw new MillraceError(
    'INVALID_REQUEST',
    `${where} has unknown members: ${named}; known are ${allowed.join(', ')}`,
    { details: { unknown: unknown.slice(0, 10).map((each) => each.slice(0, 200)), allowed } },
  );
}
