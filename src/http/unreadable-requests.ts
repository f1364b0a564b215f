/**
 * Answers for what never became a request: bytes that are no HTTP, headers that are too large, a
 * sender that is too slow. There is no reply object then, only the socket.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MillraceError } from '../model/errors.ts';
import { errorBody, errorStatus } from './errors.ts';
import type { HttpCounters } from './http-counters.ts';
import { HttpError } from './http-error.ts';

/**
 * Reason phrases of the few answers below. Not from `node:http`: importing a value from it makes
 * Node load everything that it exports lazily, 30 ms and 15 MiB of WebSocket and fetch.
 */
const REASONS: Readonly<{ [status: number]: string }> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** Node keeps the response under way here; there is no public way to it from a client error. */
type HttpSocket = Socket & {
  readonly _httpMessage?: ServerResponse & { readonly req: IncomingMessage };
};

export function answerUnreadable(
  counters: HttpCounters,
  error: NodeJS.ErrnoException,
  socket: HttpSocket,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  counters.requestsUnreadable += 1;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const underWay = socket._httpMessage;
  if (underWay?.headersSent === true) {
    // Anything more would be read as a part of the answer that is being sent.
    socket.destroySoon();
    return;
  }
  if (underWay?.req.complete === true) {
    // Junk behind a request that was taken: it may be writing, so it gets its own answer, and the
    // connection ends with it.
    underWay.shouldKeepAlive = false;
    return;
  }
  socket.end(socketAnswer(faultOf(error)));
  socket.destroySoon();
}

function faultOf(error: NodeJS.ErrnoException): MillraceError | HttpError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HttpError('REQUEST_TIMED_OUT', 'the request did not arrive in time');
    case 'HPE_HEADER_OVERFLOW':
      return new HttpError('HEADERS_TOO_LARGE', 'the request line and headers are too large');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new HttpError('BODY_TOO_LARGE', 'the chunk extensions of the body are too large');
    default:
      return new MillraceError('INVALID_REQUEST', `this is not HTTP/1.1: ${error.message}`);
  }
}

/** A whole answer as bytes for a socket that is closed after it. */
export function socketAnswer(error: MillraceError | HttpError): string {
  const status = errorStatus(error);
  const body = JSON.stringify({ ...errorBody(error), written: 'no' });
  return [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    ...(status === 503 ? ['retry-after: 1'] : []),
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
