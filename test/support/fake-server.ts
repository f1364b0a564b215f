/** An HTTP server that answers as a test wants: for clients that must bear with any. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface FakeServer {
  readonly url: string;
  /** What came in, in order: method, path, body. */
  readonly requests: readonly string[];
  /** Stops listening and cuts every connection. */
  stop(): Promise<void>;
}

export type Answer = (
  response: ServerResponse,
  request: IncomingMessage,
  body: string,
) => void | Promise<void>;

/** `answers` in turn; the last one answers all further requests too. Stopped with the test. */
export async function fakeServer(...answers: readonly Answer[]): Promise<FakeServer> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`);
      const answer = answers[Math.min(requests.length, answers.length) - 1] as Answer;
      void answer(response, request, body);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
}

/** An address at which nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = await fakeServer(() => {});
  await server.stop();
  return server.url;
}

export function json(status: number, body: unknown): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

/** A refusal in the server's shape. */
export function refusal(status: number, code: string, more: object = {}): Answer {
  return json(status, { error_code: status * 100, code, message: `no: ${code}`, ...more });
}

/** Lines of NDJSON; `end` says what becomes of the connection then. */
export function lines(values: readonly unknown[], end: 'end' | 'cut' | 'open' = 'end'): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
    if (end === 'end') response.end(text);
    else response.write(text, () => (end === 'cut' ? response.destroy() : undefined));
  };
}

/** Cuts the connection without an answer. */
export const cut: Answer = (response) => void response.destroy();
