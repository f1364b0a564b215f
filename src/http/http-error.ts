/**
 * Faults of the HTTP request as such: a route, method, header or media type that is not served.
 * Nothing behind the face was asked, so nothing was changed. Faults of what a request asks for
 * are `MillraceError`s; a malformed one is `INVALID_REQUEST` there.
 */
import type { ErrorFacts } from '../model/errors.ts';

export const HTTP_FAULTS = {
  FORBIDDEN: { status: 403, meaning: 'a web page or host that this server does not serve' },
  ROUTE_NOT_FOUND: { status: 404, meaning: 'no such route' },
  CONSUMER_INSTANCE_NOT_FOUND: {
    status: 404,
    errorCode: 40403,
    meaning: 'no such consumer instance, or it has ended (40403): create it again',
  },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'the route exists, `Allow` names its methods' },
  NOT_ACCEPTABLE: { status: 406, meaning: 'no representation that `Accept` allows' },
  CONSUMER_ALREADY_EXISTS: {
    status: 409,
    errorCode: 40902,
    meaning: 'the group has a consumer instance of this name (40902)',
  },
  ILLEGAL_STATE: {
    status: 409,
    errorCode: 40903,
    meaning: 'not while the consumer instance is what it is (40903)',
  },
  REQUEST_TIMED_OUT: { status: 408, meaning: 'the request did not arrive in time' },
  BODY_TOO_LARGE: { status: 413, meaning: 'the body is larger than the limit in the message' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    meaning: 'the body has a type that the route cannot read',
  },
  INVALID_CONSUMER_CONFIG: {
    status: 422,
    errorCode: 42204,
    meaning: 'a setting of a consumer instance that is unknown or out of its range (42204)',
  },
  // Kafka's brokers take any commit; this face keeps a slip of the pen from skipping records.
  OFFSET_ABOVE_HIGH_WATERMARK: {
    status: 422,
    meaning: 'a commit above the high watermark of its partition; the details say where that is',
  },
  HEADERS_TOO_LARGE: { status: 431, meaning: 'the request line and headers are too large' },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    meaning: 'all connections that the server allows are in use',
  },
} as const satisfies { readonly [code: string]: HttpFault };

interface HttpFault {
  readonly status: number;
  /** The number of Confluent's v2 where the fault always has one; else status x 100. */
  readonly errorCode?: number;
  /** One phrase for the API's description. */
  readonly meaning: string;
}

export type HttpCode = keyof typeof HTTP_FAULTS;

export interface HttpErrorFacts extends Pick<ErrorFacts, 'details'> {
  /** Headers of the answer, such as `allow`. */
  readonly headers?: Readonly<{ [name: string]: string }>;
  /** Where v2 has a number of its own in this case. */
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
    const fault: HttpFault = HTTP_FAULTS[code];
    this.status = fault.status;
    this.errorCode = facts.errorCode ?? fault.errorCode ?? this.status * 100;
    this.details = facts.details ?? {};
    this.headers = facts.headers ?? {};
  }
}
