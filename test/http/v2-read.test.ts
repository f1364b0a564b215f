import { beforeEach, describe, expect, test } from 'vitest';
import { V2_WAIT_MS_DEFAULT } from '../../src/model/limits.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import type { V2App, V2Client } from '../support/v2-app.ts';
import { createV2, expel, membersOf, settled, v2App } from '../support/v2-app.ts';

let v2: V2App;

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
});

async function subscribed(name: string, config: object = {}): Promise<V2Client> {
  const client = await createV2(v2, name, config);
  await client.subscribe('t');
  await settled();
  return client;
}

async function partitionsOf(client: V2Client): Promise<number[]> {
  const answer = await client.call('GET', '/assignments');
  return answer.json().partitions.map((each: { partition: number }) => each.partition);
}

describe('a second instance', () => {
  test('gets its share at once from one that has nothing in hand', async () => {
    const a = await subscribed('a');
    expect(await partitionsOf(a)).toEqual([0, 1]);
    const b = await subscribed('b');
    expect([await partitionsOf(a), await partitionsOf(b)]).toEqual([[0], [1]]);
  });

  test('waits until the first is done with what it read, and reads none of it again', async () => {
    await v2.produce('t', 0, 1);
    await v2.produce('t', 1, 2);
    const a = await subscribed('a');
    expect((await a.read()).toSorted((x, y) => x - y)).toEqual([1, 2]);
    const b = await subscribed('b', { 'consumer.request.timeout.ms': 5_000 });
    expect(await partitionsOf(b)).toEqual([]);
    const read = b.read();
    await settled();
    expect(await a.read()).toEqual([]);
    await settled();
    expect([await partitionsOf(a), await partitionsOf(b)]).toEqual([[0], [1]]);
    await v2.produce('t', 1, 3);
    expect(await read).toEqual([3]);
  });

  test('may go on when the first has committed', async () => {
    await v2.produce('t', 1, 2);
    const a = await subscribed('a', { 'auto.commit.enable': false });
    expect(await a.read()).toEqual([2]);
    const b = await subscribed('b');
    expect((await a.call('POST', '/offsets')).statusCode).toBe(200);
    await settled();
    expect(await b.read()).toEqual([]);
    expect(await partitionsOf(b)).toEqual([1]);
  });

  test('and has nothing to commit meanwhile, nor a partition to go elsewhere in', async () => {
    await v2.produce('t', 0, 1);
    await v2.produce('t', 1, 2);
    const a = await subscribed('a');
    await a.read();
    const b = await subscribed('b');
    expect((await b.call('POST', '/offsets')).statusCode).toBe(200);
    const offsets = [{ topic: 't', partition: 0, offset: 0 }];
    for (const [path, code] of [
      ['/offsets', 'REBALANCE_IN_PROGRESS'],
      ['/positions', 'ILLEGAL_STATE'],
    ] as const) {
      const answering = b.call('POST', path, { offsets });
      await settled();
      v2.clock.advance(V2_WAIT_MS_DEFAULT);
      expect((await answering).json().code).toBe(code);
    }
    expect((await a.call('POST', '/offsets', { offsets })).statusCode).toBe(200);
  });

  test('a read that waits is carried over the rebalance', async () => {
    const a = await subscribed('a', { 'consumer.request.timeout.ms': 5_000 });
    const read = a.read();
    await settled();
    await subscribed('b');
    await settled();
    await v2.produce('t', 0, 4);
    expect(await read).toEqual([4]);
  });

  test('its deletion gives everything back', async () => {
    const a = await subscribed('a');
    const b = await subscribed('b');
    await b.delete();
    await settled();
    expect(await partitionsOf(a)).toEqual([0, 1]);
  });
});

test('while the group waits for it, an instance gives signs of life', async () => {
  await v2.produce('t', 0, 1);
  const a = await subscribed('a');
  await a.read();
  await subscribed('b');
  const beats = (): number => v2.levers.counts.get('heartbeat') ?? 0;
  for (let beat = 0; beat < 6; beat += 1) {
    v2.clock.advance(10_000);
    await settled();
  }
  expect(beats()).toBe(6);
  // Twice the session time has passed.
  expect(await membersOf(v2)).toEqual(['a', 'b']);
  await a.read();
  await settled();
  v2.clock.advance(60_000);
  await settled();
  expect(beats()).toBe(6);
});

test('an instance that was taken out of its group joins anew, and reads again what is not committed', async () => {
  await v2.produce('t', 0, 1);
  const a = await subscribed('a');
  expect(await a.read()).toEqual([1]);
  await expel(v2, 'a');
  expect(await a.read()).toEqual([1]);
});

test('partitions that are added are read', async () => {
  const a = await subscribed('a', { 'consumer.request.timeout.ms': 5_000 });
  await v2.broker.addPartitions('t', 3);
  await v2.produce('t', 2, 9);
  expect(await a.read()).toEqual([9]);
});

test('a join that is refused is told by the read, and the next read tries again', async () => {
  v2.levers.refuse('joinGroup', 'GROUP_MAX_SIZE_REACHED');
  await v2.produce('t', 0, 1);
  const a = await createV2(v2, 'a');
  await a.subscribe('t');
  await settled();
  v2.levers.refuse('joinGroup', 'GROUP_MAX_SIZE_REACHED');
  const answer = await a.call('GET', '/records');
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'GROUP_MAX_SIZE_REACHED']);
  expect(await a.read()).toEqual([1]);
});

test('records that came while it began at the end are not skipped by a rebalance', async () => {
  await v2.produce('t', 0, 1);
  const a = await subscribed('a', { 'auto.offset.reset': 'latest' });
  await v2.produce('t', 0, 2);
  await subscribed('b', { 'auto.offset.reset': 'latest' });
  expect(await a.read()).toEqual([2]);
});

test('two reads at once take turns, and no record goes to both', async () => {
  await v2.produce('t', 0, 1);
  await v2.produce('t', 0, 2);
  const a = await subscribed('a');
  const reads = [a.read('?max_bytes=1'), a.read('?max_bytes=1')];
  expect(await Promise.all(reads)).toEqual([[1], [2]]);
});

test('where retention has passed the position, reading goes on as auto.offset.reset says', async () => {
  await v2.produce('t', 0, 1, 2, 3);
  const a = await subscribed('a');
  expect(await a.read()).toEqual([1, 2, 3]);
  await a.call('POST', '/positions/beginning', { partitions: [] });
  await v2.broker.deleteRecords('t', 0, 2);
  const answer = await a.call('GET', '/records');
  expect(answer.json()).toMatchObject([{ value: 3 }]);
  expect(JSON.parse(String(answer.headers['millrace-reset']))).toEqual([
    { topic: 't', partition: 0, from: 0, to: 2 },
  ]);
});

test('a deletion ends a read that waits: 40403', async () => {
  const a = await subscribed('a', { 'consumer.request.timeout.ms': 5_000 });
  const read = a.call('GET', '/records');
  await settled();
  expect((await a.delete()).statusCode).toBe(204);
  expect((await read).json().error_code).toBe(40403);
});

test('a deletion ends a join that waits', async () => {
  await v2.produce('t', 0, 1);
  const a = await subscribed('a');
  await a.read();
  const b = await subscribed('b', { 'consumer.request.timeout.ms': 5_000 });
  const read = b.call('GET', '/records');
  await settled();
  expect((await b.delete()).statusCode).toBe(204);
  expect((await read).json().error_code).toBe(40403);
  expect(await membersOf(v2)).toEqual(['a']);
});

test('a topic that is deleted is no more', async () => {
  const hand = await createV2(v2, 'hand');
  await hand.call('POST', '/assignments', { partitions: [{ topic: 't', partition: 0 }] });
  const a = await subscribed('a');
  await v2.broker.deleteTopic('t');
  expect(await a.read()).toEqual([]);
  expect(await a.read()).toEqual([]);
  const answer = await hand.call('GET', '/records');
  expect([answer.statusCode, answer.json().error_code]).toEqual([404, 40401]);
});

test('whoever comes and goes politely, each record is read once', async () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    v2 = v2App();
    await v2.broker.createTopic({ name: 't', partitionCount: 3 });
    const random = new SeededRandom(seed);
    const clients: V2Client[] = [];
    const values: number[] = [];
    let produced = 0;
    let made = 0;
    for (let step = 0; step < 60; step += 1) {
      const client = clients[random.below(Math.max(1, clients.length))];
      switch (random.below(6)) {
        case 0:
          if (clients.length < 4) clients.push(await createV2(v2, `c${(made += 1)}`));
          await clients.at(-1)?.subscribe('t');
          break;
        case 1:
          if (client !== undefined && clients.length > 1) {
            clients.splice(clients.indexOf(client), 1);
            expect((await client.delete()).statusCode).toBe(204);
          }
          break;
        case 2:
          await v2.produce('t', random.below(3), (produced += 1), (produced += 1));
          break;
        case 3:
          await client?.call('POST', '/offsets');
          break;
        default:
          if (client !== undefined) values.push(...(await readAhead(client)));
      }
    }
    for (let round = 0; round < 8; round += 1) {
      for (const client of clients) values.push(...(await readAhead(client)));
    }
    const expected = Array.from({ length: clients.length > 0 ? produced : 0 }, (_, at) => at + 1);
    expect(
      values.toSorted((x, y) => x - y),
      `seed ${seed}`,
    ).toEqual(expected);
  }
});

/** Where the join waits for others, the time of the read is over at once. */
async function readAhead(client: V2Client): Promise<number[]> {
  const reading = client.read();
  await settled();
  v2.clock.advance(0);
  const values = await reading;
  await settled();
  return values;
}
