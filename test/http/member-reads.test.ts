import { setImmediate as nextTurn } from 'node:timers/promises';
import { unpack } from 'msgpackr';
import { beforeEach, describe, expect, test } from 'vitest';
import { CURSOR_URL_LENGTH_MAX } from '../../src/model/limits.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import type { TestApp } from '../support/http-app.ts';
import { listeningApp, testApp } from '../support/http-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { valued } from '../support/stored-records.ts';

const FOR_GROUP = '/topics/t/records?group=g&timeout=0';
let clock: ManualClock;
let server: TestApp;
let ask: Ask;

beforeEach(async () => {
  clock = new ManualClock();
  server = testApp({ clock });
  ask = conformingAsk(server.app);
  await server.broker.createTopic({ name: 't', partitionCount: 2 });
});

async function produce(partition: number, ...values: string[]): Promise<void> {
  const payload = { kind: 'records' as const, records: values.map((each) => valued(`"${each}"`)) };
  await server.broker.produce([{ topic: 't', partition, payload }]);
}

function commit(cursor: string) {
  return ask({ method: 'POST', url: '/groups/g/offsets', payload: { cursor } });
}

async function join(wish: object = {}, { app }: TestApp = server) {
  const payload = { topics: ['t'], ...wish };
  const answer = await app.inject({ method: 'POST', url: '/groups/g/members', payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<{ member_id: string; generation: number; cursor: string }>();
}

function valuesOf(answer: { json(): { records: { value: string }[] } }): string[] {
  return answer.json().records.map(({ value }) => value);
}

describe('a whole topic for a group', () => {
  test('is read from its beginning by a group that never committed', async () => {
    await produce(0, 'a');
    await produce(1, 'b');
    const answer = await ask(FOR_GROUP);
    expect(valuesOf(answer).toSorted()).toEqual(['a', 'b']);
    expect(Object.keys(answer.json())).toEqual(['records', 'cursor']);
    expect(answer.headers['vary']).toContain('accept');
  });

  test('goes on with the cursor, however small the pages are', async () => {
    await produce(0, 'a', 'b');
    await produce(1, 'c');
    const seen: string[] = [];
    let query = '';
    for (let page = 0; page < 3; page += 1) {
      const answer = await ask(`${FOR_GROUP}&max_records=1${query}`);
      seen.push(...valuesOf(answer));
      query = `&cursor=${answer.json().cursor}`;
    }
    expect(seen.toSorted()).toEqual(['a', 'b', 'c']);
    expect(valuesOf(await ask(`${FOR_GROUP}${query}`))).toEqual([]);
  });

  test('goes on from the committed offsets once a cursor was committed', async () => {
    await produce(0, 'a', 'b');
    await produce(1, 'c');
    const { cursor } = (await ask(FOR_GROUP)).json();
    expect((await ask(FOR_GROUP)).json().records).toHaveLength(3);
    expect((await commit(cursor)).statusCode).toBe(200);
    expect(valuesOf(await ask(FOR_GROUP))).toEqual([]);
    await produce(1, 'd');
    expect(valuesOf(await ask(FOR_GROUP))).toEqual(['d']);
    // What was committed since does not hold a cursor back that says otherwise.
    expect(valuesOf(await ask(`${FOR_GROUP}&cursor=${cursor}`))).toEqual(['d']);
  });

  test('is no membership', async () => {
    await ask(FOR_GROUP);
    expect(await server.broker.listGroups()).toEqual([]);
  });

  test('comes in MessagePack as well', async () => {
    await produce(1, 'a');
    const answer = await ask({ url: FOR_GROUP, headers: { accept: 'application/msgpack' } });
    expect(unpack(answer.rawPayload)).toEqual({
      records: [expect.objectContaining({ topic: 't', partition: 1, offset: 0 })],
      cursor: expect.any(String),
    });
  });

  test('says where retention forced a jump', async () => {
    await produce(0, 'a', 'b', 'c');
    const { cursor } = (await ask(`${FOR_GROUP}&max_records=1`)).json();
    await server.broker.deleteRecords('t', 0, 2);
    const answer = await ask(`${FOR_GROUP}&cursor=${cursor}`);
    expect(valuesOf(answer)).toEqual(['c']);
    expect(answer.json().reset).toEqual([{ topic: 't', partition: 0, from: 1, to: 2 }]);
  });

  test('waits for a record', async () => {
    const waiting = ask('/topics/t/records?group=g&timeout=30000');
    while (server.broker.stats().parkedFetches === 0) await nextTurn();
    await produce(1, 'a');
    expect(valuesOf(await waiting)).toEqual(['a']);
  });

  test('reads partitions that were added since the cursor', async () => {
    const { cursor } = (await ask(FOR_GROUP)).json();
    await server.broker.addPartitions('t', 3);
    await produce(2, 'a');
    expect(valuesOf(await ask(`${FOR_GROUP}&cursor=${cursor}`))).toEqual(['a']);
  });

  test('needs the group by name', async () => {
    const answer = await ask('/topics/t/records');
    expect([answer.statusCode, answer.json().details]).toEqual([
      400,
      { field: 'group', received: null },
    ]);
  });

  test.each([
    ['/topics/nowhere/records?group=g', 404, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['/topics/t/records?group=..', 422, 'INVALID_GROUP_ID'],
    ['/topics/t/records?group=g&generation=1', 400, 'INVALID_REQUEST'],
    ['/topics/t/records?group=g&max_records=0', 400, 'INVALID_REQUEST'],
    ['/topics/t/records?group=g&cursor=nonsense', 400, 'INVALID_REQUEST'],
  ])('refuses %s as %d %s', async (url, status, code) => {
    const answer = await ask(url);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test('does not come as a stream', async () => {
    const answer = await ask({ url: FOR_GROUP, headers: { accept: 'text/event-stream' } });
    expect(answer.statusCode).toBe(406);
  });
});

test('a cursor that is too long for a URL is refused by its name', async () => {
  const { member_id, generation } = await join();
  const cursor = 'A'.repeat(CURSOR_URL_LENGTH_MAX + 1);
  for (const url of [
    `/groups/g/members/${member_id}/records?generation=${generation}&cursor=${cursor}`,
    `${FOR_GROUP}&cursor=${cursor}`,
  ]) {
    const answer = await ask(url);
    expect([answer.statusCode, answer.json().details.parameter]).toEqual([400, 'cursor']);
  }
});

test('what an answer held is given back once it was sent', async () => {
  await produce(0, 'a');
  await ask(FOR_GROUP);
  expect(server.app.fetchBudget.heldBytes).toBe(0);
});

test('reads are refused while the answers of others hold all bytes there are', async () => {
  await produce(0, 'a');
  const hold = server.app.fetchBudget.take(server.app.fetchBudget.share(Infinity) * 2);
  const answer = await ask(FOR_GROUP);
  expect([answer.statusCode, answer.json().code]).toEqual([429, 'THROTTLING_QUOTA_EXCEEDED']);
  hold.release();
  expect((await ask(FOR_GROUP)).statusCode).toBe(200);
});

test('a caller that disconnects frees its parked read, and its member may expire', async () => {
  await using listening = await listeningApp({ clock });
  const { broker } = listening;
  await broker.createTopic({ name: 't' });
  const member = await join({ session_timeout_ms: 1_000 }, listening);
  const path = `${listening.url}/groups/g/members/${member.member_id}/records`;
  const leaving = new AbortController();
  const reading = fetch(`${path}?generation=${member.generation}&timeout=60000`, leaving);
  while (broker.stats().parkedFetches === 0) await nextTurn();
  clock.advance(20_000);
  expect((await broker.describeGroup('g')).members).toHaveLength(1);
  leaving.abort();
  await expect(reading).rejects.toThrow('aborted');
  while (broker.stats().parkedFetches > 0) await nextTurn();
  clock.advance(2_000);
  expect((await broker.describeGroup('g')).members).toEqual([]);
});
