/**
 * POSTs over connections that stay open, for load: Node's own client instead of `fetch`, which
 * costs three times as much a request (measured with 64 connections and small bodies).
 */
import type { Agent, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Answer } from './http-call.ts';
import { refusalIn } from './http-call.ts';
import { UnreachableError } from './server-error.ts';

export class KeepAlive {
  readonly #base: string;
  readonly #request: typeof httpRequest;
  readonly #agent: Agent;
  readonly #place: RequestOptions;
  /** Before every path, where the server stands behind a proxy. */
  readonly #pathname: string;

  /** `base` without a slash at its end. At most `connections` are open at a time. */
  constructor(base: string, connections: number) {
    const url = new URL(base);
    const isTls = url.protocol === 'https:';
    const options = { keepAlive: true, maxSockets: connections };
    this.#base = base;
    this.#request = isTls ? httpsRequest : httpRequest;
    this.#agent = isTls ? new HttpsAgent(options) : new HttpAgent(options);
    // `url.hostname` keeps the brackets of an IPv6 address, which a lookup does not understand.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    this.#place = { host, port: url.port, agent: this.#agent };
    this.#pathname = url.pathname.replace(/\/$/, '');
  }

  /** Resolves when it was answered with a 2xx; rejects with ServerError or UnreachableError. */
  async post(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.#answer(path, body, headers);
    if (answer.status < 200 || answer.status > 299) throw refusalIn(this.#base, answer);
  }

  /** Ends the connections, also those with a request under way. */
  close(): void {
    this.#agent.destroy();
  }

  #answer(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(new UnreachableError(this.#base, error));
      const answered = (response: IncomingMessage): void => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', failed);
      };
      const length = Buffer.byteLength(body);
      const options = {
        ...this.#place,
        method: 'POST',
        path: this.#pathname + path,
        headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
      };
      this.#request(options, answered).on('error', failed).end(body);
    });
  }
}
