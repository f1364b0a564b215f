/**
 * From one frame to the frame that answers it: finds the API, decodes, has it handled, encodes.
 * What is thrown, or rejects, ends the connection; it names the request as far as it was read.
 */
import { KafkaReader } from '../codec/kafka-reader.ts';
import { KafkaWriter } from '../codec/kafka-writer.ts';
import { MillraceError } from '../model/errors.ts';
import { KAFKA_REQUEST_BYTES_MAX } from '../model/limits.ts';
import type { AnyApi, Call } from './api.ts';
import { API_VERSIONS, unsupportedVersion } from './apis/18-api-versions.ts';
import type { Authentication } from './authentication.ts';
import type { KafkaContext } from './context.ts';
import { SIZE_BYTES } from './frame-assembler.ts';
import type { Peer } from './peer.ts';
import type { Turns } from './turns.ts';
import { API_VERSION_TABLE, apiOf, isServed } from './registry.ts';
import type { RequestHeader } from './request-header.ts';
import { readHeaderTags, readRequestHeader, writeResponseHeader } from './request-header.ts';

/** The connection that a request came by. */
export interface Caller {
  readonly context: KafkaContext;
  readonly peer: Peer;
  readonly authentication: Authentication;
  /** See `Call`. */
  readonly signal: AbortSignal;
  readonly gone: AbortSignal;
  readonly fetchTurns: Turns;
}

/** A frame, in parts that follow each other. */
export interface Answer {
  readonly parts: readonly Buffer[];
  /** To be called when it was taken, or never will be. */
  readonly release: () => void;
}

/** Undefined = no answer. */
export type AnswerFrame = Answer | undefined;

export function answerFrame(frame: Buffer, caller: Caller): AnswerFrame | Promise<AnswerFrame> {
  const reader = new KafkaReader(frame, 'INVALID_REQUEST');
  const header = readRequestHeader(reader);
  const { key, version } = header;
  const api = apiOf(key);
  if (api === undefined) throw reader.fault('api_key', 'one that is served', String(key));
  const naming = (error: unknown): unknown => named(error, api, header);
  try {
    if (!caller.authentication.mayAsk(key)) {
      throw reader.fault('api_key', 'a login before it', api.name);
    }
    caller.context.counters.countRequest(api.name);
    const isKnown = isServed(api, version);
    if (!isKnown && api === API_VERSIONS) {
      return written(api, { ...header, version: 0 }, unsupportedVersion(API_VERSION_TABLE));
    }
    if (!isKnown) throw reader.fault('api_version', servedText(api), String(version));
    checkSize(api, frame, reader);
    readHeaderTags(reader, version >= api.flexibleFrom);
    const request = api.readRequest(reader, version);
    const response = api.handle(callOf(caller, header), request);
    if (!(response instanceof Promise)) return written(api, header, response);
    return response.then(
      (later) => written(api, header, later),
      (error: unknown) => {
        throw naming(error);
      },
    );
  } catch (error) {
    throw naming(error);
  }
}

function callOf(caller: Caller, { version, clientId }: RequestHeader): Call {
  const { context, peer, signal, gone, fetchTurns } = caller;
  const apis = API_VERSION_TABLE;
  return { context, peer, version, clientId: clientId ?? '', signal, gone, fetchTurns, apis };
}

function servedText({ versions, servedFrom = versions.min }: AnyApi): string {
  return `${servedFrom} to ${versions.max}`;
}

function checkSize(api: AnyApi, frame: Buffer, reader: KafkaReader): void {
  const { requestBytesMax = KAFKA_REQUEST_BYTES_MAX } = api;
  if (frame.length <= requestBytesMax) return;
  throw reader.fault('size of a request', `at most ${requestBytesMax} bytes`, `${frame.length}`);
}

/** Size, header and body. */
function written(
  api: AnyApi,
  { key, version, correlationId }: RequestHeader,
  response: unknown,
): AnswerFrame {
  if (response === undefined) return undefined;
  const release = (): void => api.release?.(response);
  try {
    const writer = new KafkaWriter();
    writer.writeInt32(0);
    writeResponseHeader(writer, { key, correlationId }, version >= api.flexibleFrom);
    api.writeResponse(writer, response, version);
    const parts = writer.writtenParts();
    const size = parts.reduce((sum, part) => sum + part.length, 0) - SIZE_BYTES;
    (parts[0] as Buffer).writeInt32BE(size);
    return { parts, release };
  } catch (error) {
    release();
    throw error;
  }
}

const CLIENT_ID_SHOWN_MAX = 100;

function named(error: unknown, { name }: AnyApi, { version, clientId }: RequestHeader): unknown {
  if (!(error instanceof MillraceError)) return error;
  const { code, message, details } = error;
  const client = clientId?.slice(0, CLIENT_ID_SHOWN_MAX);
  return new MillraceError(code, `${name} v${version}: ${message}`, {
    details: { ...details, api: name, version, client },
    cause: error,
  });
}
