/** The routes of Confluent's v2 consumers over a broker and groups in memory, on a manual clock. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { buildApp } from '../../src/http/app.ts';
import type { Groups } from '../../src/broker/groups.ts';
import type { ErrorCode } from '../../src/model/errors.ts';
import { MillraceError } from '../../src/model/errors.ts';
import type { Ask } from './conformance.ts';
import { conformingAsk } from './conformance.ts';
import { httpContext } from './http-context.ts';
import { ManualClock } from './manual-clock.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { createMemoryBroker } from './memory-broker.ts';

export interface V2App {
  readonly app: FastifyInstance;
  readonly broker: MemoryBroker;
  readonly levers: GroupLevers;
  readonly clock: ManualClock;
  /** Every answer is held against the description. */
  readonly ask: Ask;
  readonly stop: () => void;
  /** Records whose values are these numbers, in order. */
  produce(topic: string, partition: number, ...values: number[]): Promise<void>;
}

export function v2App(): V2App {
  const clock = new ManualClock();
  const levers = new GroupLevers();
  const broker = withLevers(createMemoryBroker({ clock }), levers);
  const stopping = new AbortController();
  const context = httpContext({ broker, clock, stopping: stopping.signal });
  const app = buildApp(context);
  return {
    app,
    broker,
    levers,
    clock,
    ask: conformingAsk(app),
    stop: () => stopping.abort(),
    async produce(topic, partition, ...values) {
      const records = values.map((value) => ({
        key: null,
        value: Buffer.from(String(value)),
        headers: [],
        timestamp: clock.wallMs(),
      }));
      await broker.produce([{ topic, partition, payload: { kind: 'records', records } }]);
    },
  };
}

/** What a test does to the calls that concern groups, before they reach the broker. */
export class GroupLevers {
  /** The next call of that name is refused so. */
  readonly refusals = new Map<keyof Groups, MillraceError>();
  /** Every call of that name is answered so. */
  readonly answers: { -readonly [Name in keyof Groups]?: Groups[Name] } = {};
  /** How often each was called. */
  readonly counts = new Map<PropertyKey, number>();

  refuse(name: keyof Groups, code: ErrorCode): void {
    this.refusals.set(name, new MillraceError(code, 'says the test'));
  }
}

function withLevers(broker: MemoryBroker, levers: GroupLevers): MemoryBroker {
  return new Proxy(broker, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        levers.counts.set(name, (levers.counts.get(name) ?? 0) + 1);
        const refusal = levers.refusals.get(name as keyof Groups);
        levers.refusals.delete(name as keyof Groups);
        if (refusal !== undefined) return Promise.reject(refusal);
        return Reflect.apply(levers.answers[name as keyof Groups] ?? member, target, given);
      };
    },
  });
}

/** Client ids of the members of group `g`, sorted. */
export async function membersOf(v2: V2App): Promise<string[]> {
  if ((await v2.broker.listGroups()).every(({ group }) => group !== 'g')) return [];
  const { members } = await v2.broker.describeGroup('g');
  return members.map(({ clientId }) => clientId).sort();
}

/** Takes a member out of group `g`, as the end of its session would. */
export async function expel(v2: V2App, name: string): Promise<void> {
  const { members } = await v2.broker.describeGroup('g');
  const leaving = members.filter(({ clientId }) => clientId === name);
  await v2.broker.leaveGroup('g', leaving);
}

/** One consumer instance as its caller sees it. */
export class V2Client {
  readonly #v2: V2App;
  readonly at: string;

  constructor(v2: V2App, group: string, name: string) {
    this.#v2 = v2;
    this.at = `/consumers/${encodeURIComponent(group)}/instances/${encodeURIComponent(name)}`;
  }

  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    payload?: object,
  ): Promise<LightMyRequestResponse> {
    const body =
      payload === undefined
        ? {}
        : { payload, headers: { 'content-type': 'application/vnd.kafka.v2+json' } };
    return this.#v2.ask({ method, url: `${this.at}${path}`, ...body });
  }

  subscribe(...topics: string[]): Promise<LightMyRequestResponse> {
    return this.call('POST', '/subscription', { topics });
  }

  /** The values of what one read answers. */
  async read(query = ''): Promise<number[]> {
    const answer = await this.call('GET', `/records${query}`);
    if (answer.statusCode !== 200) throw new Error(answer.body);
    return answer.json<{ value: number }[]>().map(({ value }) => value);
  }

  /** The next offset to read, as the group knows it. */
  async committed(topic = 't', partition = 0): Promise<number | undefined> {
    const answer = await this.call('GET', `/offsets?topic=${topic}&partition=${partition}`);
    return answer.json().offsets[0]?.offset;
  }

  delete(): Promise<LightMyRequestResponse> {
    return this.call('DELETE', '');
  }
}

/** JSON, from the beginning, and a read that finds nothing does not wait. */
export async function createV2(
  v2: V2App,
  name: string,
  config: object = {},
  group = 'g',
): Promise<V2Client> {
  const payload = {
    name,
    format: 'json',
    'auto.offset.reset': 'earliest',
    'consumer.request.timeout.ms': 0,
    ...config,
  };
  const answer = await v2.ask({
    method: 'POST',
    url: `/consumers/${encodeURIComponent(group)}`,
    payload,
  });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  return new V2Client(v2, group, name);
}

/** Lets what runs in the background come to its end, or to where it waits. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}
