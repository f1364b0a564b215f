/** What went wrong between a client and a server, in a form that a program can branch on. */

/** The server answered with an error; the members are those of its body. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** From the server's closed list, such as `UNKNOWN_TOPIC_OR_PARTITION`; `NOT_MILLRACE` for an
   * answer that no Millrace server gives. */
  readonly code: string;
  readonly retriable: boolean;
  /** What is known of a failed write; undefined when the error is not about writing. */
  readonly written: string | undefined;
  readonly details: Readonly<{ [name: string]: unknown }>;

  constructor({ message, code, retriable = false, written, details = {} }: ErrorBody) {
    super(message);
    this.code = code;
    this.retriable = retriable;
    this.written = written;
    this.details = details;
  }
}

/** An error body of the server, as far as it matters here. */
export interface ErrorBody {
  readonly message: string;
  readonly code: string;
  readonly retriable?: boolean;
  readonly written?: string;
  readonly details?: { readonly [name: string]: unknown };
}

export function isErrorBody(value: unknown): value is ErrorBody {
  if (typeof value !== 'object' || value === null) return false;
  const { message, code } = value as Partial<Record<string, unknown>>;
  return typeof message === 'string' && typeof code === 'string';
}

/** Something between here and the server, or another server, answered in its own words. */
export function notMillrace(url: string, what: string): ServerError {
  return new ServerError({
    code: 'NOT_MILLRACE',
    message: `${url} ${what}; is it the address of a Millrace server?`,
  });
}

/** No answer came, or it broke off. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** Whether the request may have arrived: a connection stood. */
  readonly mayHaveArrived: boolean;

  constructor(url: string, cause: unknown) {
    const reason = innermost(cause);
    const mayHaveArrived = !isBeforeConnection(reason);
    const what = mayHaveArrived ? 'lost the connection to' : 'no answer from';
    super(`${what} ${url}: ${messageOf(reason)}`, { cause });
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** Node wraps the interesting error once or twice, or has one for each address it tried. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return innermost(error.cause);
  return error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isBeforeConnection(reason: unknown): boolean {
  const { syscall, code, message } = reason as NodeJS.ErrnoException;
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  // `fetch` refuses the ports of some other protocols (WHATWG Fetch, 2.9).
  return code === 'UND_ERR_CONNECT_TIMEOUT' || message === 'bad port';
}
