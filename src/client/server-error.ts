/** What went wrong between a client and a server, in a form that a program can branch on. */

/** The server answered with an error; the members are those of its body. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly status: number;
  /** From the server's closed list, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
  readonly code: string;
  readonly retriable: boolean;
  /** What is known of a failed write; undefined when the error is not about writing. */
  readonly written: string | undefined;
  readonly details: Readonly<{ [name: string]: unknown }>;

  constructor(status: number, body: unknown) {
    const facts = typeof body === 'object' && body !== null ? (body as ErrorBody) : {};
    super(facts.message ?? `the server answered with status ${status}`);
    this.status = status;
    this.code = facts.code ?? `HTTP_${status}`;
    this.retriable = facts.retriable ?? false;
    this.written = facts.written;
    this.details = facts.details ?? {};
  }
}

/** No answer came: nothing listens there, or the connection broke. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}: ${reasonOf(cause)}`, { cause });
  }
}

interface ErrorBody {
  readonly message?: string;
  readonly code?: string;
  readonly retriable?: boolean;
  readonly written?: string;
  readonly details?: { readonly [name: string]: unknown };
}

/** Node wraps the interesting error once or twice. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (cause instanceof Error && cause.cause !== undefined) return reasonOf(cause.cause);
  return cause instanceof Error ? cause.message : String(cause);
}
