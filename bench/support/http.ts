/** A client that costs little beside what is measured: Node's own, over connections kept open. */
import { once } from 'node:events';
import type { Agent, IncomingMessage } from 'node:http';
import { request } from 'node:http';

export interface Call {
  readonly agent: Agent;
  readonly url: string;
  readonly method?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export async function call(given: Call): Promise<Answer> {
  const response = await begin(given);
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString();
  return { status: response.statusCode ?? 0, text };
}

/** The answer as it comes. */
export async function begin({
  agent,
  url,
  method = 'GET',
  body,
  headers,
}: Call): Promise<IncomingMessage> {
  const sent = request(url, {
    agent,
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export async function expectOk(
  answer: Promise<Answer>,
): Promise<{ readonly [member: string]: unknown }> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as { readonly [member: string]: unknown };
}
