import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { STREAM_HEARTBEAT_MS } from '../../src/model/limits.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { compressedBatch } from '../support/compressed-frames.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemberReader } from '../support/member-reader.ts';
import { valued } from '../support/stored-records.ts';

let clock: ManualClock;
let server: ListeningApp;
let readers: MemberReader[];

beforeEach(async () => {
  clock = new ManualClock();
  server = await listeningApp({ clock });
  await server.broker.createTopic({ name: 't', partitionCount: 2 });
  readers = [];
});

afterEach(async () => {
  for (const reader of readers) reader.vanish();
  await server[Symbol.asyncDispose]();
});

async function produce(partition: number, ...values: string[]): Promise<void> {
  const payload = { kind: 'records' as const, records: values.map((each) => valued(`"${each}"`)) };
  await server.broker.produce([{ topic: 't', partition, payload }]);
}

interface Joined {
  readonly member_id: string;
  readonly generation: number;
  readonly cursor: string;
}

function post(url: string, payload: object) {
  return server.app.inject({ method: 'POST', url, payload });
}

async function join(wish: object = {}): Promise<Joined> {
  const answer = await post('/groups/g/members', { topics: ['t'], ...wish });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function commit({ member_id, generation }: Joined, cursor: string): Promise<void> {
  const answer = await post('/groups/g/offsets', { member_id, generation, cursor });
  expect(answer.statusCode, answer.body).toBe(200);
}

function urlOf({ member_id, generation }: Omit<Joined, 'cursor'>, query = ''): string {
  return `${server.url}/groups/g/members/${member_id}/records?generation=${generation}${query}`;
}

function follow(member: Omit<Joined, 'cursor'>, query = ''): MemberReader {
  const reader = new MemberReader(urlOf(member, query));
  readers.push(reader);
  return reader;
}

async function parked(count = 1): Promise<void> {
  while (server.broker.stats().parkedFetches !== count) await nextTurn();
}

describe('a stream of a member', () => {
  test('stands at once, with the headers that keep others from holding it up', async () => {
    const leaving = new AbortController();
    const headers = { accept: 'text/event-stream' };
    const answer = await fetch(urlOf(await join()), { headers, signal: leaving.signal });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    leaving.abort();
  });

  test('gives what is there and then what comes, from all partitions', async () => {
    await produce(0, 'a', 'b');
    const reader = await follow(await join()).untilRecords(2);
    await parked();
    await produce(1, 'c');
    await reader.untilRecords(3);
    expect(reader.values).toEqual(['a', 'b', 'c']);
    expect(reader.frames.map(({ event }) => event)).toEqual([
      'record',
      'record',
      'cursor',
      'record',
      'cursor',
    ]);
  });

  test('waits where there is no room to inflate a batch, and goes on when there is', async () => {
    const compressed = (length: number) =>
      compressedBatch(encodedBatch([textRecord(`"${'x'.repeat(length)}"`)]), 'zstd');
    const bytes = compressed(5_000_000);
    await server.broker.produce([
      { topic: 't', partition: 0, payload: { kind: 'batches', bytes } },
    ]);
    const { fetchBudget } = server.app;
    const { hold } = await fetchBudget.inflate(compressed(63_000_000));
    const inflate = vi.spyOn(fetchBudget, 'inflate');
    const reader = follow(await join());
    while (inflate.mock.settledResults[0]?.type !== 'fulfilled') await nextTurn();
    hold?.release();
    await reader.untilRecords(1);
    expect(inflate).toHaveBeenCalledTimes(2);
  });

  test('begins at the cursor that it is given', async () => {
    await produce(0, 'a', 'b');
    const member = await join();
    const payload = { generation: 1, cursor: member.cursor, max_records: 1 };
    const { cursor } = (await post(`/groups/g/members/${member.member_id}/fetch`, payload)).json();
    expect((await follow(member, `&cursor=${cursor}`).untilRecords(1)).values).toEqual(['b']);
  });

  test('gives cursors that commit exactly the records before them', async () => {
    await produce(0, 'a', 'b');
    const member = await join();
    const reader = await follow(member).untilRecords(2);
    const { cursor } = reader;
    await parked();
    await produce(0, 'c');
    await reader.untilRecords(3);
    await commit(member, cursor);
    reader.vanish();
    expect((await follow(member).untilRecords(1)).values).toEqual(['c']);
  });

  test('gives the same again to who connects again and has committed nothing', async () => {
    await produce(0, 'a');
    const member = await join();
    (await follow(member).untilRecords(1)).vanish();
    expect((await follow(member).untilRecords(1)).values).toEqual(['a']);
  });

  test('goes on where it was when what it gave is committed meanwhile', async () => {
    await produce(0, 'a', 'b');
    const member = await join();
    const reader = await follow(member).untilRecords(2);
    await commit(member, reader.cursor);
    await produce(0, 'c');
    await reader.untilRecords(3);
    expect(reader.values).toEqual(['a', 'b', 'c']);
  });

  test('gives a comment when nothing comes, which keeps the member as well', async () => {
    const reader = follow(await join({ session_timeout_ms: 1_000 }));
    await parked();
    clock.advance(STREAM_HEARTBEAT_MS - 1);
    await nextTurn();
    expect(reader.text).toBe('');
    clock.advance(1);
    while (reader.text !== ':\n') await nextTurn();
    await parked();
    clock.advance(STREAM_HEARTBEAT_MS);
    while (reader.text.length < 4) await nextTurn();
    expect((await server.broker.describeGroup('g')).members).toHaveLength(1);
  });

  test('after a jump to the end misses nothing that comes between two reads', async () => {
    const member = await join({ auto_offset_reset: 'latest' });
    await produce(0, 'a', 'b', 'c');
    await server.broker.deleteRecords('t', 0, 2);
    const { broker } = server;
    const fetchNow = broker.fetch.bind(broker);
    const read = vi.spyOn(broker, 'fetch').mockImplementation(async (request) => {
      const results = await fetchNow(request);
      if (results.every(({ error, batches }) => error === undefined && batches.length === 0)) {
        read.mockRestore();
        await produce(0, 'd');
      }
      return results;
    });
    const reader = follow(member, `&cursor=${member.cursor}`);
    await parked();
    clock.advance(STREAM_HEARTBEAT_MS);
    while (reader.text === '') await nextTurn();
    await parked();
    server.stop();
    await reader.untilEnd();
    expect(reader.values).toEqual(['d']);
  });

  test('says where retention has forced a jump, in front of what follows it', async () => {
    await produce(0, 'a', 'b', 'c');
    const member = await join();
    await server.broker.deleteRecords('t', 0, 2);
    const reader = await follow(member, `&cursor=${member.cursor}`).untilRecords(1);
    const [jump, record] = reader.frames;
    expect([jump?.event, record?.event]).toEqual(['reset', 'record']);
    expect(JSON.parse(jump?.data ?? '')).toEqual([{ topic: 't', partition: 0, from: 0, to: 2 }]);
    expect(reader.values).toEqual(['c']);
  });

  test('shows values as asked for', async () => {
    await produce(0, 'a');
    const reader = await follow(await join(), '&format=base64').untilRecords(1);
    const [record] = reader.frames;
    expect(JSON.parse(record?.data ?? '')).toMatchObject({ value_base64: 'ImEi' });
  });

  test('waits while others hold all bytes there are, and then goes on', async () => {
    await produce(0, 'a');
    const { fetchBudget } = server.app;
    const hold = fetchBudget.take(2 * fetchBudget.share(Number.MAX_SAFE_INTEGER));
    const reader = follow(await join());
    while (server.broker.stats().bytesFetched === 0) await nextTurn();
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(reader.values).toEqual([]);
    hold.release();
    expect((await reader.untilRecords(1)).values).toEqual(['a']);
    await parked();
    expect(fetchBudget.heldBytes).toBe(0);
  });
});

describe('a stream of a member ends', () => {
  test('with a rebalance when another member joins', async () => {
    const member = await join();
    const reader = follow(member);
    await parked();
    const newcomer = join();
    expect(await reader.untilEnd()).toMatchObject({
      event: 'rebalance',
      error: { code: 'REBALANCE_IN_PROGRESS', retriable: true },
    });
    await join({ member_id: member.member_id, cursor: member.cursor });
    await newcomer;
  });

  test('with a rebalance when partitions were added', async () => {
    const { member_id, generation, cursor } = await join();
    await server.broker.addPartitions('t', 3);
    const { event } = await follow({ member_id, generation }, `&cursor=${cursor}`).untilEnd();
    expect(event).toBe('rebalance');
  });

  test('with a rebalance when the member leaves', async () => {
    const member = await join();
    const reader = follow(member);
    await parked();
    await server.app.inject({ method: 'DELETE', url: `/groups/g/members/${member.member_id}` });
    expect((await reader.untilEnd()).event).toBe('rebalance');
  });

  test('with an error when the server stops', async () => {
    const reader = follow(await join());
    await parked();
    server.stop();
    expect(await reader.untilEnd()).toMatchObject({
      event: 'error',
      error: { code: 'SHUTTING_DOWN', retriable: true },
    });
    expect(server.app.counters.streamsOpen).toBe(0);
  });

  test('with an error when a partition goes offline', async () => {
    const reader = follow(await join());
    await parked();
    server.broker.setPartitionState({ topic: 't', partition: 1 }, 'offline', 'a bit flipped');
    expect(await reader.untilEnd()).toMatchObject({
      event: 'error',
      error: { code: 'KAFKA_STORAGE_ERROR' },
    });
  });
});

describe('a member that is none', () => {
  test.each([
    ['an unknown one', { member_id: 'nobody' }, 404, 'UNKNOWN_MEMBER_ID'],
    ['one of another generation', { generation: 7 }, 409, 'ILLEGAL_GENERATION'],
  ])('%s is told so by the status, before a stream begins', async (_, wrong, status, code) => {
    const member = await join();
    const headers = { accept: 'text/event-stream' };
    const answer = await fetch(urlOf({ ...member, ...wrong }), { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toMatchObject({ code });
    expect(server.app.counters).toMatchObject({ streamsOpen: 0, streamsOpened: 0 });
  });
});

describe('a reader', () => {
  test('that vanishes frees its place in the count, and its member expires', async () => {
    const reader = follow(await join({ session_timeout_ms: 1_000 }));
    await parked();
    expect(server.app.counters).toMatchObject({ streamsOpen: 1, streamsOpened: 1 });
    clock.advance(2_000);
    expect((await server.broker.describeGroup('g')).members).toHaveLength(1);
    reader.vanish();
    await parked(0);
    while (server.app.counters.streamsOpen > 0) await nextTurn();
    clock.advance(1_000);
    expect((await server.broker.describeGroup('g')).members).toEqual([]);
    expect(clock.timerCount).toBe(0);
  });
});
