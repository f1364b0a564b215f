/**
 * Faults of the HTTP request as such: a route, method, header or media type that is not served.
 * Nothing behind the face was asked, so nothing was changed. Faults of what a request asks for
 * are `MillraceError`s; a malformed one is `INVALID_REQUEST` there.
 */
import type { ErrorFacts } from '../model/errors.ts';

export const HTTP_FAULTS = {
  FORBIDDEN: { status: 403, meaning: 'a web page or host that this server does not serve' },
  ROUTE_NOT_FOUND: { status: 404, meaning: 'no such route' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'the route exists, `Allow` names its methods' },
  NOT_ACCEPTABLE: { status: 406, meaning: 'no representation that `Accept` allows' },
  REQUEST_TIMED_OUT: { status: 408, meaning: 'the request did not arrive in time' },
  BODY_TOO_LARGE: { status: 413, meaning: 'the body is larger than the limit in the message' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    meaning: 'the body has a type that the route cannot read',
  },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'the request line and headers are too large' },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    meaning: 'all connections that the server allows are in use',
  },
} as const;

export type HttpCode = keyof typeof HTTP_FAULTS;

export interface HttpErrorFacts extends Pick<ErrorFacts, 'details'> {
  /** Headers of the answer, such as `allow`. */
  readonly headers?: Readonly<{ [name: string]: string }>;
  /** Where v2 has a number of its own; else status x 100. */
  readonly errorCode?: number;
}

export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpCode;
  readonly status: number;
  readonly errorCode: number;
  readonly details: Readonly<{ [name: string]: unknown }>;
  readonly headers: Readonly<{ [name: string]: string }>;

  constructor(code: HttpCode, message: string, facts: HttpErrorFacts = {}) {
    super(message);
    this.code = code;
    this.status = HTTP_FAULTS[code].status;
    this.errorCode = facts.errorCode ?? this.status * 100;
    this.details = facts.details ?? {};
    this.headers = facts.headers ?? {};
  }
}
