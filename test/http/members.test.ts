import { setImmediate as nextTurn } from 'node:timers/promises';
import { unpack } from 'msgpackr';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import type { TestApp } from '../support/http-app.ts';
import { testApp } from '../support/http-app.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { valued } from '../support/stored-records.ts';

let clock: ManualClock;
let server: TestApp;
let ask: Ask;

beforeEach(async () => {
  clock = new ManualClock();
  server = testApp({ clock });
  ask = conformingAsk(server.app);
  await server.broker.createTopic({ name: 't', partitionCount: 2 });
});

interface Joined {
  readonly member_id: string;
  readonly generation: number;
  readonly assignment: readonly { readonly topic: string; readonly partitions: number[] }[];
  readonly cursor: string;
}

function join(wish: object = {}, group = 'g') {
  return ask({
    method: 'POST',
    url: `/groups/${group}/members`,
    payload: { topics: ['t'], ...wish },
  });
}

async function joined(wish: object = {}): Promise<Joined> {
  const answer = await join(wish);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** Reads once without waiting, from the cursor of the join where not said otherwise. */
function read({ member_id, generation, cursor }: Joined, wish: object = {}) {
  return ask({
    method: 'POST',
    url: `/groups/g/members/${member_id}/fetch`,
    payload: { generation, cursor, timeout_ms: 0, ...wish },
  });
}

function commit({ member_id, generation }: Joined, cursor: string) {
  return ask({
    method: 'POST',
    url: '/groups/g/offsets',
    payload: { member_id, generation, cursor },
  });
}

async function produce(partition: number, ...values: string[]): Promise<void> {
  const payload = { kind: 'records' as const, records: values.map((each) => valued(`"${each}"`)) };
  await server.broker.produce([{ topic: 't', partition, payload }]);
}

async function untilState(state: string): Promise<void> {
  while ((await server.broker.describeGroup('g')).state !== state) await nextTurn();
}

function valuesOf(answer: { json(): { records: { value: string }[] } }): string[] {
  return answer.json().records.map(({ value }) => value);
}

describe('joining', () => {
  test('answers the whole topic to a member alone', async () => {
    const { generation, assignment } = await joined();
    expect(generation).toBe(1);
    expect(assignment).toEqual([{ topic: 't', partitions: [0, 1] }]);
  });

  test('shares the partitions out as soon as the first has joined again', async () => {
    const first = await joined();
    const second = join();
    await untilState('PreparingRebalance');
    const heartbeat = await ask({
      method: 'POST',
      url: `/groups/g/members/${first.member_id}/heartbeat`,
      payload: { generation: first.generation },
    });
    expect([heartbeat.statusCode, heartbeat.json().code]).toEqual([409, 'REBALANCE_IN_PROGRESS']);
    const again = await joined({ member_id: first.member_id, cursor: first.cursor });
    const other = (await second).json() as Joined;
    expect([again.generation, other.generation]).toEqual([2, 2]);
    const partitions = [again, other].map(({ assignment }) => assignment[0]?.partitions);
    expect(new Set(partitions.flat())).toEqual(new Set([0, 1]));
    expect(partitions.map((each) => each?.length)).toEqual([1, 1]);
  });

  test('with a pattern takes all topics that match, and no others', async () => {
    await server.broker.createTopic({ name: 'orders-eu' });
    await server.broker.createTopic({ name: 'orders-us' });
    const { assignment } = await joined({ topics: undefined, topic_pattern: 'orders-.*' });
    expect(assignment.map(({ topic }) => topic).toSorted()).toEqual(['orders-eu', 'orders-us']);
  });

  test('names a topic that is not there, and the member is called again when it comes', async () => {
    const member = await joined({ topics: ['later'] });
    expect(member).toMatchObject({ assignment: [], missing_topics: ['later'] });
    expect((await read(member)).statusCode).toBe(200);
    await server.broker.createTopic({ name: 'later' });
    const told = await read(member);
    expect([told.statusCode, told.json().code]).toEqual([409, 'REBALANCE_IN_PROGRESS']);
    const again = await joined({
      topics: undefined,
      member_id: member.member_id,
      cursor: member.cursor,
    });
    expect(again.assignment).toEqual([{ topic: 'later', partitions: [0] }]);
  });

  test('that waits when the server stops is told so, and its member keeps its place', async () => {
    const first = await joined();
    const entering = join();
    await untilState('PreparingRebalance');
    await joined({ member_id: first.member_id });
    const { member_id: kept } = (await entering).json<Joined>();
    const third = join();
    await untilState('PreparingRebalance');
    const waiting = join({ member_id: kept });
    server.stop();
    for (const { statusCode, body } of await Promise.all([third, waiting])) {
      expect([statusCode, JSON.parse(body)]).toMatchObject([
        503,
        { code: 'SHUTTING_DOWN', retriable: true },
      ]);
    }
    const { members } = await server.broker.describeGroup('g');
    expect(members.map(({ memberId }) => memberId)).toContain(kept);
  });

  test('whose body ends after the stop has begun does not wait for it', async () => {
    server = testApp({ clock });
    ask = conformingAsk(server.app);
    server.app.addHook('preHandler', ({ method }, _reply, done) => {
      if (method === 'POST') server.stop();
      done();
    });
    expect((await join()).json()).toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
  });

  test('under an instance name takes the place over and fences who had it', async () => {
    const first = await joined({ group_instance_id: 'i' });
    const second = await joined({ group_instance_id: 'i' });
    expect(second.assignment).toEqual(first.assignment);
    const fenced = await read(first, { group_instance_id: 'i' });
    expect([fenced.statusCode, fenced.json().code]).toEqual([409, 'FENCED_INSTANCE_ID']);
    expect((await read(second, { group_instance_id: 'i' })).statusCode).toBe(200);
  });

  test.each([
    [{ topics: undefined }, 'topics is missing; it must be a list of topic names, or send'],
    [{ topics: [] }, 'topics is "[]"; it must be a list of 1 to 1000 strings'],
    [{ topics: ['t', 't'] }, 'none twice'],
    [{ topic_pattern: 'x' }, 'topics and topic_pattern are both given; send one of them'],
    [{ topics: undefined, topic_pattern: '(' }, 'pattern'],
    [{ session_timeout_ms: 'soon' }, 'session_timeout_ms is'],
    [{ rebalance_timeout_ms: 0 }, 'rebalance_timeout_ms is "0"; it must be an integer from 1'],
    [{ auto_offset_reset: 'middle' }, '"earliest" or "latest" or "none"'],
    [{ assignors: ['mine'] }, 'mine'],
    [{ assignors: ['range', 'cooperative-sticky'] }, 'cooperative-sticky'],
    [{ cursor: 'nonsense' }, 'cursor'],
    [{ colour: 'red' }, 'the body has unknown members: "colour"'],
  ])('refuses %j', async (wish, message) => {
    const answer = await join(wish);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain(message);
  });

  test.each([
    [{ session_timeout_ms: 10 }, 422, 'INVALID_SESSION_TIMEOUT'],
    [{ topics: ['a b'] }, 422, 'INVALID_TOPIC_EXCEPTION'],
    [{ member_id: 'nobody' }, 404, 'UNKNOWN_MEMBER_ID'],
  ])('refuses %j as %d %s', async (wish, status, code) => {
    const answer = await join(wish);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test.each(['a%0ab', 'x'.repeat(256)])('refuses the group %s', async (group) => {
    const answer = await join({}, group);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'INVALID_GROUP_ID']);
  });

  test('none as auto_offset_reset wants a committed offset, and says where there are records', async () => {
    await produce(0, 'a');
    const answer = await join({ auto_offset_reset: 'none' });
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'NO_COMMITTED_OFFSET']);
    expect(answer.json().details).toEqual({
      topic: 't',
      partition: 0,
      log_start_offset: 0,
      high_watermark: 1,
    });
    // And the member has not stayed.
    expect((await server.broker.describeGroup('g')).members).toEqual([]);
  });
});

describe('reading', () => {
  test('gives the records of all partitions, and goes on behind them with the new cursor', async () => {
    await produce(0, 'a', 'b');
    await produce(1, 'c');
    const member = await joined();
    const first = await read(member);
    expect(valuesOf(first).toSorted()).toEqual(['a', 'b', 'c']);
    const next = await read({ ...member, cursor: first.json().cursor });
    expect(valuesOf(next)).toEqual([]);
    await produce(0, 'd');
    expect(valuesOf(await read({ ...member, cursor: next.json().cursor }))).toEqual(['d']);
    // The same cursor again gives the same records: nothing is remembered here.
    expect(valuesOf(await read({ ...member, cursor: next.json().cursor }))).toEqual(['d']);
  });

  test('gives no more records than asked for, and misses none', async () => {
    await produce(0, 'a', 'b', 'c');
    await produce(1, 'd', 'e');
    const member = await joined();
    const seen: string[] = [];
    let { cursor } = member;
    for (let reads = 0; reads < 4; reads += 1) {
      const answer = await read({ ...member, cursor }, { max_records: 2 });
      expect(valuesOf(answer).length).toBeLessThanOrEqual(2);
      seen.push(...valuesOf(answer));
      cursor = answer.json().cursor;
    }
    expect(seen.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(seen.filter((each) => 'abc'.includes(each))).toEqual(['a', 'b', 'c']);
  });

  test('gives each partition its turn, however much waits in another', async () => {
    await produce(0, ...Array.from({ length: 50 }, (_, index) => `much ${index}`));
    await produce(1, 'little');
    const member = await joined();
    const seen: string[] = [];
    let { cursor } = member;
    for (let reads = 0; reads < 2; reads += 1) {
      const answer = await read({ ...member, cursor }, { max_records: 5 });
      seen.push(...valuesOf(answer));
      cursor = answer.json().cursor;
    }
    expect(seen).toContain('little');
    expect(seen.length).toBeGreaterThan(5);
  });

  test('begins at the committed offsets without a cursor, which a commit of a cursor moved', async () => {
    await produce(0, 'a', 'b');
    const member = await joined();
    const first = await read(member, { max_records: 1 });
    expect(valuesOf(first)).toEqual(['a']);
    expect((await commit(member, first.json().cursor)).statusCode).toBe(200);
    expect(valuesOf(await read(member, { cursor: undefined }))).toEqual(['b']);
  });

  test('latest skips what was there when the member joined, and nothing that came after', async () => {
    await produce(0, 'a');
    const member = await joined({ auto_offset_reset: 'latest' });
    await produce(0, 'b');
    expect(valuesOf(await read(member))).toEqual(['b']);
  });

  test('waits for a record, and shows life meanwhile', async () => {
    const member = await joined({ session_timeout_ms: 1_000 });
    const waiting = read(member, { timeout_ms: 30_000 });
    while (server.broker.stats().parkedFetches === 0) await nextTurn();
    clock.advance(20_000);
    await produce(1, 'a');
    expect(valuesOf(await waiting)).toEqual(['a']);
  });

  test('ends at once when a rebalance begins', async () => {
    const member = await joined();
    const waiting = read(member, { timeout_ms: 30_000 });
    while (server.broker.stats().parkedFetches === 0) await nextTurn();
    const newcomer = join();
    const told = await waiting;
    expect([told.statusCode, told.json().code]).toEqual([409, 'REBALANCE_IN_PROGRESS']);
    await joined({ member_id: member.member_id });
    await newcomer;
  });

  test('tells when partitions were added or the topic was deleted, so that the member joins again', async () => {
    const member = await joined();
    await server.broker.addPartitions('t', 3);
    expect((await read(member)).json().code).toBe('REBALANCE_IN_PROGRESS');
    const again = await joined({ member_id: member.member_id, cursor: member.cursor });
    expect(again.assignment).toEqual([{ topic: 't', partitions: [0, 1, 2] }]);
    await server.broker.deleteTopic('t');
    expect((await read(again)).json().code).toBe('REBALANCE_IN_PROGRESS');
    const left = await joined({ member_id: member.member_id, cursor: again.cursor });
    expect(left.assignment).toEqual([]);
  });

  test('says where retention forced a jump', async () => {
    await produce(0, 'a', 'b', 'c');
    const member = await joined();
    const first = await read(member, { max_records: 1 });
    await server.broker.deleteRecords('t', 0, 3);
    const jumped = await read({ ...member, cursor: first.json().cursor });
    expect(jumped.json().reset).toEqual([{ topic: 't', partition: 0, from: 1, to: 3 }]);
  });

  test('answers in MessagePack as well', async () => {
    await produce(0, 'a');
    const { member_id, generation, cursor } = await joined();
    const answer = await ask({
      method: 'POST',
      url: `/groups/g/members/${member_id}/fetch`,
      payload: { generation, cursor, timeout_ms: 0 },
      headers: { accept: 'application/msgpack' },
    });
    expect(unpack(answer.rawPayload)).toMatchObject({
      records: [{ topic: 't', partition: 0, offset: 0, value: Buffer.from('"a"') }],
      cursor: expect.any(String),
      generation,
    });
  });

  test('by GET takes the same from the query', async () => {
    await produce(0, 'a');
    const { member_id, generation, cursor } = await joined();
    const url = `/groups/g/members/${member_id}/records`;
    const answer = await ask(`${url}?generation=${generation}&cursor=${cursor}&timeout=0`);
    expect(valuesOf(answer)).toEqual(['a']);
    const missing = await ask(url);
    expect([missing.statusCode, missing.json().details]).toEqual([
      400,
      { field: 'generation', received: null },
    ]);
  });

  test.each([
    [{ generation: undefined }, 400, 'INVALID_REQUEST'],
    [{ generation: 7 }, 409, 'ILLEGAL_GENERATION'],
    [{ max_records: 0 }, 400, 'INVALID_REQUEST'],
    [{ timeout_ms: 60_001 }, 400, 'INVALID_REQUEST'],
    [{ format: 'xml' }, 400, 'INVALID_REQUEST'],
    [{ extra: 1 }, 400, 'INVALID_REQUEST'],
  ])('refuses %j as %d %s', async (wish, status, code) => {
    const answer = await read(await joined(), wish);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test('refuses a cursor of another group', async () => {
    const member = await joined();
    const other = (await join({}, 'h')).json() as Joined;
    const answer = await read(member, { cursor: other.cursor });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toContain('"h"');
  });
});

describe('staying and leaving', () => {
  test('a heartbeat keeps a member; without one it is gone after its session time', async () => {
    const member = await joined({ session_timeout_ms: 5_000 });
    const heartbeat = () =>
      ask({
        method: 'POST',
        url: `/groups/g/members/${member.member_id}/heartbeat`,
        payload: { generation: member.generation },
      });
    clock.advance(4_000);
    expect((await heartbeat()).statusCode).toBe(204);
    clock.advance(4_000);
    expect((await heartbeat()).statusCode).toBe(204);
    clock.advance(6_000);
    const gone = await heartbeat();
    expect([gone.statusCode, gone.json().code]).toEqual([404, 'UNKNOWN_MEMBER_ID']);
  });

  test('who leaves is gone at once', async () => {
    const { member_id } = await joined();
    const leave = () => ask({ method: 'DELETE', url: `/groups/g/members/${member_id}` });
    expect((await leave()).statusCode).toBe(204);
    expect((await server.broker.describeGroup('g')).state).toBe('Empty');
    const again = await leave();
    expect([again.statusCode, again.json().code]).toEqual([404, 'UNKNOWN_MEMBER_ID']);
  });
});
