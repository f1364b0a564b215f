/**
 * The limits in time and number of one listening server. They belong together: Node's
 * `requestTimeout` does nothing useful without `headersTimeout` and a checking interval of its
 * order, and Fastify leaves all of them off.
 */
import {
  CONNECTIONS_CHECK_INTERVAL_MS,
  HEADER_BYTES_MAX,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
} from '../model/limits.ts';

export interface ConnectionLimits {
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly checkIntervalMs: number;
  readonly keepAliveMs: number;
  readonly headerBytesMax: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = Object.freeze({
  headersTimeoutMs: HEADERS_TIMEOUT_MS,
  requestTimeoutMs: REQUEST_TIMEOUT_MS,
  checkIntervalMs: CONNECTIONS_CHECK_INTERVAL_MS,
  keepAliveMs: KEEP_ALIVE_MS,
  headerBytesMax: HEADER_BYTES_MAX,
});
