/**
 * What each file of `apis/` exports: one API of Kafka's protocol. The registry lists them, and all
 * that is the same for each of them (frames, headers, order, limits) is done outside.
 */
import type { KafkaReader } from '../codec/kafka-reader.ts';
import type { KafkaWriter } from '../codec/kafka-writer.ts';
import type { KafkaContext } from './context.ts';
import type { Peer } from './peer.ts';
import type { Turns } from './turns.ts';

export interface KafkaApi<Request, Response> {
  readonly key: number;
  readonly name: string;
  /** What clients are told; a request outside of it ends the connection. */
  readonly versions: VersionRange;
  /** The first version with the flexible form of lengths and with tags (KIP-482). */
  readonly flexibleFrom: number;
  /** Versions below are told of, because clients look for them, but using one ends the connection. */
  readonly servedFrom?: number;
  /** Of one request; KAFKA_REQUEST_BYTES_MAX, if not said, and the server's setting in any case. */
  readonly requestBytesMax?: number;

  /** Throws the reader's fault, which ends the connection. Bytes left over are no fault. */
  readRequest(reader: KafkaReader, version: number): Request;
  /**
   * Called for the requests of a connection in the order they came, before the earlier ones are
   * answered; so what must happen in their order is asked of the broker before the first `await`.
   * Errors belong into the response. One that is thrown, because the response has no place for it,
   * ends the connection. Undefined = this request has no answer.
   */
  handle(call: Call, request: Request): Response | undefined | Promise<Response | undefined>;
  writeResponse(writer: KafkaWriter, response: Response, version: number): void;
  /** Called when the peer has taken the answer, or never will: for what it is made of. */
  release?(response: Response): void;
}

/** Any API, where it does not matter which. */
export type AnyApi = KafkaApi<unknown, unknown>;

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** What clients are told of an API. */
export interface ApiVersion extends VersionRange {
  readonly key: number;
}

/** One request, and who sent it. */
export interface Call {
  readonly context: KafkaContext;
  readonly peer: Peer;
  readonly version: number;
  /** What the client calls itself; empty when it does not. */
  readonly clientId: string;
  /** Fires when the connection is gone or the server stops: what waits answers with what it has. */
  readonly signal: AbortSignal;
  /** Fires only when the connection is gone: a stop must not look like a member that leaves. */
  readonly gone: AbortSignal;
  /** Of the connection's fetches: one answer is enough to have in hand. */
  readonly fetchTurns: Turns;
  /** All that are served, for those who ask. */
  readonly apis: readonly ApiVersion[];
}
