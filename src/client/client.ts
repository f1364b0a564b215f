/**
 * Talks to a Millrace server over HTTP. What the command line tool needs, one method a route; the
 * shapes are the server's own JSON.
 *
 * Every method rejects with ServerError when the server refuses, with UnreachableError when no
 * answer came, and with MillraceError for a topic name that cannot be one.
 */
import { checkTopicName } from '../model/names.ts';
import type { PartitionState } from '../model/partition-state.ts';
import { GroupClient } from './group-client.ts';
import type { Answer, Call } from './http-call.ts';
import { callServer, parseAnswer } from './http-call.ts';
import { KeepAlive } from './keep-alive.ts';
import type { RecordGroup, StreamQuery } from './record-stream.ts';
import { recordStream } from './record-stream.ts';
import { notMillrace } from './server-error.ts';

export interface PartitionAnswer {
  readonly partition: number;
  readonly beginning_offset: number;
  readonly end_offset: number;
  readonly bytes: number;
  readonly state: PartitionState;
  /** Why it is not online. */
  readonly reason?: string;
}

export interface TopicAnswer {
  readonly name: string;
  readonly topic_id: string;
  readonly configs: { readonly [name: string]: string };
  readonly partitions: readonly PartitionAnswer[];
}

export interface TopicWish {
  readonly partitions?: number;
  readonly configs?: { readonly [name: string]: string };
}

/** One record to produce; bytes as base64, null = none. */
export interface OutgoingRecord {
  readonly key_base64?: string | null;
  readonly value_base64: string | null;
  readonly headers?: readonly { readonly key: string; readonly value: string }[];
}

export interface LoadProducer {
  /** JSON objects with commas between. Rejects as `Client.produce` does. */
  send(records: string): Promise<void>;
  close(): void;
}

export class Client {
  readonly groups: GroupClient;
  readonly #base: string;
  readonly #signal: AbortSignal;

  /**
   * `server` is a URL such as http://127.0.0.1:8082, with or without the scheme; throws TypeError
   * when it is none. `signal` ends every call but those whose outcome should be known: a produce,
   * and how a group's member ends.
   */
  constructor(server: string, signal: AbortSignal) {
    this.#base = baseOf(server);
    this.#signal = signal;
    this.groups = new GroupClient(this.#base, signal);
  }

  async listTopics(): Promise<string[]> {
    const names = parseAnswer(this.#base, (await this.#call('GET', '/topics')).text);
    if (Array.isArray(names)) return names as string[];
    throw notMillrace(this.#base, 'sent no list of topics');
  }

  async describeTopic(name: string): Promise<TopicAnswer> {
    return this.#topicOf(await this.#call('GET', topicPath(name)));
  }

  /** Whether it is new; TOPIC_ALREADY_EXISTS when it exists and differs. */
  async createTopic(
    name: string,
    wish: TopicWish,
  ): Promise<{ isNew: boolean; topic: TopicAnswer }> {
    const answer = await this.#call('PUT', topicPath(name), { body: wish });
    return { isNew: answer.status === 201, topic: this.#topicOf(answer) };
  }

  async deleteTopic(name: string): Promise<void> {
    await this.#call('DELETE', topicPath(name));
  }

  /** Removes all records of a topic, or those of one partition, or its records below an offset. */
  async purge(name: string, part?: { partition: number; before?: number }): Promise<void> {
    const query = part?.before === undefined ? '' : `?before=${part.before}`;
    await this.#call('DELETE', `${partPath(name, part?.partition)}/records${query}`);
  }

  /** Resolves when every record is on stable storage. Without a partition each goes by its key. */
  async produce(
    topic: string,
    partition: number | undefined,
    records: readonly OutgoingRecord[],
  ): Promise<void> {
    await this.#call('POST', `${partPath(topic, partition)}?format=base64`, {
      body: { records },
      headers: { prefer: 'return=minimal' },
      signal: undefined,
    });
  }

  /**
   * Produces to a topic over so many connections at most, for load: `send` takes records as the
   * JSON they are sent as and resolves when all of them are on stable storage.
   */
  producer(topic: string, connections: number): LoadProducer {
    const path = topicPath(topic);
    const keepAlive = new KeepAlive(this.#base, connections);
    return {
      send: (records) =>
        keepAlive.post(path, `{"records":[${records}]}`, { prefer: 'return=minimal' }),
      close: () => keepAlive.close(),
    };
  }

  /** The records of a partition from an offset on, as they come; rejects as the stream does. */
  records(topic: string, partition: number, query: StreamQuery): AsyncGenerator<RecordGroup> {
    const path = `${partPath(topic, partition)}/records`;
    return recordStream({ base: this.#base, path }, query);
  }

  #topicOf({ text }: Answer): TopicAnswer {
    const topic = parseAnswer(this.#base, text) as Partial<TopicAnswer> | null;
    if (Array.isArray(topic?.partitions)) return topic as TopicAnswer;
    throw notMillrace(this.#base, 'sent no topic');
  }

  #call(method: Call['method'], path: string, rest: Partial<Call> = {}): Promise<Answer> {
    return callServer({ method, base: this.#base, path, signal: this.#signal, ...rest });
  }
}

function baseOf(server: string): string {
  const url = new URL(/^[a-z]+:\/\//i.test(server) ? server : `http://${server}`);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  const isBare = url.username + url.password + url.search + url.hash === '';
  if (!isHttp || !isBare) throw new TypeError('not the plain URL of a server');
  return url.href.replace(/\/+$/, '');
}

/** A name that is checked first: `..` would become another route. */
function topicPath(name: string): string {
  checkTopicName(name);
  return `/topics/${name}`;
}

function partPath(topic: string, partition: number | undefined): string {
  return topicPath(topic) + (partition === undefined ? '' : `/partitions/${partition}`);
}
