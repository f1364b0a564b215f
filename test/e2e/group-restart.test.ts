/** Consumers of one group over plain HTTP: sharing, taking over, and going on after kill -9. */
import { expect, test } from 'vitest';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PARTITIONS = 3;

interface Answer {
  readonly status: number;
  readonly body: { readonly [member: string]: unknown };
}

async function send(url: string, method: string, body?: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

interface Read {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

/** A consumer as a program would be written: read, work, commit; on 409 join again. */
class Consumer {
  readonly read: Read[] = [];
  url: string;
  partitions: readonly number[] = [];
  memberId: string | undefined;
  generation = -1;
  #cursor: string | undefined;

  constructor(url: string) {
    this.url = url;
  }

  async join(): Promise<void> {
    const { status, body } = await send(`${this.url}/groups/g/members`, 'POST', {
      topics: ['t'],
      session_timeout_ms: 1_000,
      member_id: this.memberId,
      cursor: this.#cursor,
    });
    if (status === 404) this.memberId = undefined;
    if (status !== 200) return;
    this.memberId = body['member_id'] as string;
    this.generation = body['generation'] as number;
    this.#cursor = body['cursor'] as string;
    const [assigned] = body['assignment'] as { partitions: number[] }[];
    this.partitions = assigned?.partitions ?? [];
  }

  /** One read, committed; or one join when the group says so. */
  async turn(): Promise<void> {
    if (this.memberId === undefined) return this.join();
    const { memberId: member_id, generation } = this;
    const wish = { generation, cursor: this.#cursor, timeout_ms: 100 };
    const { status, body } = await send(
      `${this.url}/groups/g/members/${member_id}/fetch`,
      'POST',
      wish,
    );
    if (status === 404) this.memberId = undefined;
    if (status !== 200) return this.join();
    const { records, cursor } = body as { records: Read[]; cursor: string };
    const commit = { member_id, generation, cursor };
    const committed = await send(`${this.url}/groups/g/offsets`, 'POST', commit);
    // What was not committed is read again, by whoever has the partition then.
    if (committed.status !== 200) return;
    this.#cursor = cursor;
    this.read.push(...records);
  }
}

/** All take turns until what is awaited has come. */
async function until(consumers: readonly Consumer[], isDone: () => boolean): Promise<void> {
  while (!isDone()) await Promise.all(consumers.map((each) => each.turn()));
}

function areSharedOut(consumers: readonly Consumer[]): boolean {
  const all = consumers.flatMap(({ partitions }) => partitions).toSorted((a, b) => a - b);
  const generations = new Set(consumers.map(({ generation }) => generation));
  return generations.size === 1 && all.join() === '0,1,2';
}

async function produce(server: ServerProcess, from: number, count: number): Promise<string[]> {
  const values = Array.from({ length: count }, (_, index) => `value ${from + index}`);
  const records = values.map((value, index) => ({ value, partition: index % PARTITIONS }));
  const { status } = await send(`${server.url}/topics/t`, 'POST', { records });
  expect(status).toBe(200);
  return values;
}

function valuesOf(consumers: readonly Consumer[]): string[] {
  return consumers.flatMap(({ read }) => read.map(({ value }) => value)).toSorted();
}

test('two members take over what a third leaves, and go on over a kill -9 of the server without a rebalance', async () => {
  const directory = await temporaryDirectory();
  let server = await startServerProcess(directory);
  await send(`${server.url}/topics/t`, 'PUT', { partitions: PARTITIONS });
  const consumers = [1, 2, 3].map(() => new Consumer(server.url));
  const [one, two] = consumers as [Consumer, Consumer, Consumer];
  await until(consumers, () => areSharedOut(consumers));
  const values = await produce(server, 0, 30);
  await until(consumers, () => valuesOf(consumers).length >= 30);
  expect(valuesOf(consumers)).toEqual(values.toSorted());

  // The third vanishes without a word; its session is over after a second.
  await until([one, two], () => areSharedOut([one, two]));
  values.push(...(await produce(server, 30, 30)));
  await until([one, two], () => valuesOf(consumers).length >= 60);
  expect(valuesOf(consumers)).toEqual(values.toSorted());

  await server.stop('SIGKILL');
  server = await startServerProcess(directory);
  for (const consumer of consumers) consumer.url = server.url;
  const { generation, memberId } = one;
  const path = `${server.url}/groups/g/members/${memberId}/heartbeat`;
  expect((await send(path, 'POST', { generation })).status).toBe(204);
  values.push(...(await produce(server, 60, 30)));
  await until([one, two], () => valuesOf(consumers).length >= 90);
  expect(valuesOf(consumers)).toEqual(values.toSorted());
  expect([one.generation, two.generation]).toEqual([generation, generation]);

  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    for (const { read } of consumers) {
      const mine = read.filter((each) => each.partition === partition);
      const offsets = mine.map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
  }
  expect((await send(`${server.url}/groups/g/lag`, 'GET')).body['total_lag']).toBe(0);

  // Who leaves politely is taken over from at once.
  await send(`${server.url}/groups/g/members/${two.memberId}`, 'DELETE');
  await until([one], () => areSharedOut([one]));
  expect(await server.stop()).toBe(0);
});

test('after kill -9 in the middle of commits each group finds its last acknowledged one, or a later one', async () => {
  const directory = await temporaryDirectory();
  let server = await startServerProcess(directory);
  const records = Array.from({ length: 2_000 }, (_, value) => ({ value, partition: 0 }));
  await send(`${server.url}/topics/t`, 'PUT', { partitions: 1 });
  await send(`${server.url}/topics/t`, 'POST', { records });
  const acknowledged = new Map<string, number>();
  const sent = new Map<string, number>();
  let killed: Promise<unknown> | undefined;
  const commit = async (group: string): Promise<void> => {
    for (let offset = 1; killed === undefined; offset += 1) {
      sent.set(group, offset);
      if (offset === 100 && group === 'g0') killed = server.stop('SIGKILL');
      const offsets = [{ topic: 't', partition: 0, offset }];
      try {
        const { status } = await send(`${server.url}/groups/${group}/offsets`, 'POST', { offsets });
        if (status === 200) acknowledged.set(group, offset);
      } catch (error) {
        // fetch has no other word for a connection that broke.
        if (!(error instanceof TypeError)) throw error;
        return;
      }
    }
  };
  const groups = Array.from({ length: 8 }, (_, index) => `g${index}`);
  await Promise.all(groups.map((group) => commit(group)));
  await killed;
  server = await startServerProcess(directory);
  for (const group of groups) {
    const { body } = await send(`${server.url}/groups/${group}/offsets`, 'GET');
    const [kept] = body['offsets'] as { offset: number }[];
    expect(kept?.offset, group).toBeGreaterThanOrEqual(acknowledged.get(group) as number);
    expect(kept?.offset, group).toBeLessThanOrEqual(sent.get(group) as number);
  }
  expect(acknowledged.get('g0')).toBe(99);
  expect(await server.stop()).toBe(0);
});
