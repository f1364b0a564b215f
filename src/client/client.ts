/**
 * Talks to a Millrace server over HTTP. What the command line tool needs, one method a route; the
 * shapes are the server's own JSON.
 *
 * Every method rejects with ServerError when the server refuses and UnreachableError when no
 * answer came.
 */
import { ServerError, UnreachableError } from './server-error.ts';
import { jsonLines } from './json-lines.ts';

export interface TopicAnswer {
  readonly name: string;
  readonly topic_id: string;
  readonly configs: { readonly [name: string]: string };
  readonly partitions: readonly {
    readonly partition: number;
    readonly beginning_offset: number;
    readonly end_offset: number;
  }[];
}

/** A record as `format=base64` gives it. */
export interface WireRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key?: string | null;
  readonly key_base64?: string | null;
  readonly value?: unknown;
  readonly value_base64?: string | null;
  readonly headers: readonly {
    readonly key: string;
    readonly value?: string | null;
    readonly value_base64?: string;
  }[];
}

/** A record of a stream: what it says, and the line as the server wrote it. */
export interface ReceivedRecord {
  readonly fields: WireRecord;
  readonly json: string;
}

/** One record to produce; bytes as base64, null = none. */
export interface OutgoingRecord {
  readonly key_base64?: string | null;
  readonly value_base64: string | null;
  readonly partition?: number;
  readonly headers?: readonly { readonly key: string; readonly value: string }[];
}

export interface StreamQuery {
  /** As the server takes it: a number, earliest, latest, -N, @time. */
  readonly offset: string;
  readonly follow: boolean;
  readonly format: 'json' | 'text' | 'base64';
  readonly signal: AbortSignal;
}

export class Client {
  readonly #base: string;

  /** `server` is a URL such as http://127.0.0.1:8082; throws TypeError when it is none. */
  constructor(server: string) {
    const url = new URL(server);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new TypeError(`${server} is not an http URL`);
    }
    this.#base = url.href.replace(/\/+$/, '');
  }

  listTopics(): Promise<string[]> {
    return this.#json('GET', '/topics');
  }

  describeTopic(name: string): Promise<TopicAnswer> {
    return this.#json('GET', `/topics/${encodeURIComponent(name)}`);
  }

  /** Answers whether it is new; 409 (TOPIC_ALREADY_EXISTS) when it exists and differs. */
  async createTopic(
    name: string,
    spec: { partitions?: number; configs?: { [name: string]: string } },
  ): Promise<boolean> {
    const answer = await this.#request('PUT', `/topics/${encodeURIComponent(name)}`, spec);
    await answer.arrayBuffer();
    return answer.status === 201;
  }

  async deleteTopic(name: string): Promise<void> {
    await (await this.#request('DELETE', `/topics/${encodeURIComponent(name)}`)).arrayBuffer();
  }

  /** Removes all records of a topic, or those of one partition below an offset. */
  purge(name: string, part?: { partition: number; before?: number }): Promise<unknown> {
    const topic = `/topics/${encodeURIComponent(name)}`;
    if (part === undefined) return this.#json('DELETE', `${topic}/records`);
    const query = part.before === undefined ? '' : `?before=${part.before}`;
    return this.#json('DELETE', `${topic}/partitions/${part.partition}/records${query}`);
  }

  /** Resolves when every record is on stable storage. */
  async produce(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const path = `/topics/${encodeURIComponent(topic)}?format=base64`;
    const answer = await this.#request('POST', path, { records }, { prefer: 'return=minimal' });
    await answer.arrayBuffer();
  }

  /** The records of a partition from an offset on, as they come; rejects as the stream does. */
  async *records(
    topic: string,
    partition: number,
    query: StreamQuery,
  ): AsyncGenerator<ReceivedRecord> {
    const parameters = new URLSearchParams({ offset: query.offset, format: query.format });
    if (query.follow) parameters.set('follow', 'true');
    const path = `/topics/${encodeURIComponent(topic)}/partitions/${partition}/records?${parameters}`;
    const headers = { accept: 'application/x-ndjson' };
    const answer = await this.#request('GET', path, undefined, headers, query.signal);
    if (answer.body === null) return;
    for await (const json of jsonLines(this.#chunks(answer.body))) {
      const fields = JSON.parse(json) as WireRecord & { readonly error?: unknown };
      if (fields.error !== undefined) throw new ServerError(answer.status, fields.error);
      yield { fields, json };
    }
  }

  async *#chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      throw isAbort(error) ? error : new UnreachableError(this.#base, error);
    }
  }

  async #json<T>(method: string, path: string): Promise<T> {
    return (await (await this.#request(method, path)).json()) as T;
  }

  async #request(
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
    signal?: AbortSignal,
  ): Promise<Response> {
    const init: RequestInit = { method, headers };
    if (signal !== undefined) init.signal = signal;
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...headers, 'content-type': 'application/json' };
    }
    let answer;
    try {
      answer = await fetch(this.#base + path, init);
    } catch (error) {
      throw isAbort(error) ? error : new UnreachableError(this.#base, error);
    }
    if (answer.ok) return answer;
    const text = await answer.text();
    throw new ServerError(answer.status, parseOr(text, { message: text.slice(0, 500) }));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Something between here and the server may have answered in its own words. */
function parseOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return fallback;
    throw error;
  }
}
