/**
 * One HTTP exchange with a server. A refusal becomes a ServerError, a missing or broken answer an
 * UnreachableError; when the caller's signal fired, its reason is thrown.
 */
import { isErrorBody, notMillrace, ServerError, UnreachableError } from './server-error.ts';

export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Without a slash at its end. */
  readonly base: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The whole answer. */
export async function callServer(call: Call): Promise<Answer> {
  try {
    const answer = await send(call);
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    throw told(call, error);
  }
}

/** The answer's bytes as they come. */
export async function* streamFromServer(call: Call): AsyncGenerator<Uint8Array> {
  try {
    const { body } = await send(call);
    if (body !== null) yield* body;
  } catch (error) {
    throw told(call, error);
  }
}

/** What the server says in JSON; anything else is no Millrace server's. */
export function parseAnswer(base: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notMillrace(base, 'sent an answer that is no JSON');
  }
}

async function send({ method, base, path, headers, body, signal }: Call): Promise<Response> {
  const answer = await fetch(base + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.ok) return answer;
  throw refusalIn(base, { status: answer.status, text: await answer.text() });
}

/** What an answer that is no 2xx means. */
export function refusalIn(base: string, { status, text }: Answer): ServerError {
  const facts = text.startsWith('{') ? parseAnswer(base, text) : undefined;
  if (isErrorBody(facts)) return new ServerError(facts);
  return notMillrace(base, `answered with status ${status} and no reason`);
}

/** `fetch` wraps what happens on the way in a TypeError with a cause, but a signal's reason in nothing. */
function told({ base }: Call, error: unknown): unknown {
  const isOnTheWay = error instanceof TypeError && error.cause !== undefined;
  return isOnTheWay ? new UnreachableError(base, error) : error;
}
