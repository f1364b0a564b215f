/**
 * Puts generated requests to an application one after the other and holds each answer to what
 * every answer must be: in time by the injected clock, as described, no failure of the server,
 * and nothing changed by a refusal.
 */
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import type { Broker } from '../../src/broker/broker.ts';
import { ERROR_SCHEMA } from '../../src/http/description.ts';
import type { OpenApiDocument } from '../../src/http/openapi-document.ts';
import { stateOf } from './broker-state.ts';
import type { BrokerState } from './broker-state.ts';
import { answerFaults } from './conformance.ts';
import type { HostileRequest } from './hostile-requests.ts';
import { schemaFaults } from './json-schema.ts';
import type { ManualClock } from './manual-clock.ts';

export interface HostileScene {
  readonly app: FastifyInstance;
  readonly broker: Broker;
  readonly clock: ManualClock;
  readonly document: OpenApiDocument;
}

/** Longer than anything that a request may wait for: a rebalance has half an hour. */
const WAIT_MS_MAX = 10_000_000;
/** Turns of the event loop between two steps of the clock: what waits for no time ends in them. */
const TURNS_A_STEP = 20;
/** And once the clock has passed all waits: for the machine's own disk, and code being loaded. */
const TURNS_AT_LAST = 1_000_000;

type Filled = Omit<InjectOptions, 'method'> & {
  readonly method: 'GET';
  readonly url: string;
};

export class HostileRun {
  readonly #scene: HostileScene;
  /** What the answers so far have told, by the name it has in requests. */
  readonly #learned = new Map<string, string>();
  /** Of the request under way. */
  #response: ServerResponse | undefined;
  #waitedMs = 0;
  #probes = 0;

  /** Before the application's first request. */
  constructor(scene: HostileScene) {
    this.#scene = scene;
    scene.app.addHook('onRequest', (_request, reply, done) => {
      this.#response = reply.raw;
      done();
    });
  }

  /** Answers the status. */
  async ask(request: HostileRequest): Promise<number> {
    const { broker } = this.#scene;
    const before = await this.#stateAtRest();
    const options = this.#filled(request);
    const asked = `${request.method} ${options.url} ${shown(options.payload)}`;
    const answer = await this.#answerTo(options, asked);
    if (answer === undefined) return 200;
    const { statusCode } = answer;
    const told = `${asked} -> ${statusCode} ${answer.body.slice(0, 500)}`;
    expect(statusCode < 500 || statusCode === 503 || statusCode === 507, told).toBe(true);
    expect(this.#shapeFaults(options, answer), told).toEqual([]);
    if (statusCode >= 400) this.#checkSame(before, await stateOf(broker), request, told);
    this.#learn(answer);
    return statusCode;
  }

  /** That the server goes on: a record is produced and read back. */
  async probe(): Promise<void> {
    const { app } = this.#scene;
    const offset = this.#probes++;
    const payload = { records: [{ value: offset }] };
    const produced = await app.inject({ method: 'POST', url: '/topics/probe', payload });
    expect(produced.json()).toMatchObject({ offsets: [{ partition: 0, offset }] });
    const read = await app.inject(`/topics/probe/partitions/0/records/${offset}`);
    expect(read.json()).toMatchObject({ offset, value: offset });
  }

  /** Joins that earlier requests have begun go on by themselves. */
  async #stateAtRest(): Promise<BrokerState> {
    const { broker } = this.#scene;
    for (let state = await stateOf(broker); ;) {
      await turns(TURNS_A_STEP);
      const next = await stateOf(broker);
      if (isDeepStrictEqual(state, next)) return state;
      state = next;
    }
  }

  #filled({ method, url, headers, body }: HostileRequest): Filled {
    const fill = (text: string): string => {
      const filled = text.replaceAll(/"@generation"/g, this.#learned.get('@generation') ?? '0');
      return filled.replaceAll(/@(member|cursor|generation)/g, (name) => {
        return this.#learned.get(name) ?? 'unknown';
      });
    };
    return {
      method: method as 'GET',
      url: fill(url),
      headers,
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? fill(body) : body }),
    };
  }

  /** Undefined for a stream that has no end: it was cut off once it stood. */
  async #answerTo(options: Filled, asked: string): Promise<LightMyRequestResponse | undefined> {
    const { app, clock } = this.#scene;
    this.#response = undefined;
    this.#waitedMs = 0;
    const settled = new AbortController();
    const answering = app.inject(options).finally(() => settled.abort());
    for (let stepMs = 500; ; stepMs = Math.min(2 * stepMs, 60_000)) {
      await turns(TURNS_A_STEP, settled.signal);
      if (settled.signal.aborted) return answering;
      if (this.#cutStream()) {
        await expect(answering).rejects.toThrow('destroyed before completion');
        return undefined;
      }
      clock.advance(stepMs);
      this.#waitedMs += stepMs;
      if (this.#waitedMs < WAIT_MS_MAX) continue;
      await turns(TURNS_AT_LAST, settled.signal);
      expect(settled.signal.aborted, `${asked} hangs`).toBe(true);
    }
  }

  #cutStream(): boolean {
    const response = this.#response;
    if (response === undefined || !isStream(response)) return false;
    response.destroy();
    return true;
  }

  #shapeFaults(options: Filled, answer: LightMyRequestResponse): string[] {
    const faults = answerFaults(this.#scene.document, options, answer);
    const isElsewhere = faults[0] === 'no such operation is described' && answer.statusCode >= 400;
    return isElsewhere ? schemaFaults({}, ERROR_SCHEMA, answer.json()) : faults;
  }

  /** While time passes groups change by themselves. */
  #checkSame(before: BrokerState, after: BrokerState, { url }: HostileRequest, told: string): void {
    const topics = new Map(after.topics);
    // A produce makes its topic before it can be held against it; then it stands empty.
    const made = /^\/topics\/([^/?]+)(\/partitions\/[^/]+)?(\?.*)?$/.exec(url)?.[1] ?? '';
    const isEmpty = topics.get(made)?.partitions.every((each) => each.highWatermark === 0);
    if (isEmpty === true && !before.topics.has(made)) topics.delete(made);
    expect(topics, told).toEqual(before.topics);
    if (this.#waitedMs > 0) return;
    // Any call of a subscribed instance may let it join again, whatever becomes of the call.
    // A member that came in and cannot be told where to read has left again, wherever it was before.
    const isOfMembers = url.startsWith('/consumers/') || told.includes('"NO_COMMITTED_OFFSET"');
    const see = isOfMembers ? committed : (state: BrokerState) => state.groups;
    expect(see(after), told).toEqual(see(before));
  }

  #learn({ statusCode, headers, body }: LightMyRequestResponse): void {
    if (statusCode !== 200 || !String(headers['content-type']).includes('json')) return;
    for (const name of ['member', 'cursor', 'generation']) {
      const member = name === 'member' ? 'member_id' : name;
      const found = new RegExp(`"${member}":("[^"]+"|\\d+)`).exec(body)?.[1];
      if (found !== undefined) this.#learned.set(`@${name}`, found.replaceAll('"', ''));
    }
  }
}

async function turns(count: number, until?: AbortSignal): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    if (until?.aborted === true) return;
    await nextTurn();
  }
}

function committed({ groups }: BrokerState): unknown[] {
  return [...groups.values()].flatMap(({ offsets }) => offsets);
}

function shown(payload: InjectOptions['payload']): string {
  return typeof payload === 'string' || Buffer.isBuffer(payload)
    ? payload.toString().slice(0, 300)
    : '';
}

function isStream(response: ServerResponse): boolean {
  const type = String(response.getHeader('content-type'));
  return response.headersSent && /event-stream|x-ndjson/.test(type);
}
