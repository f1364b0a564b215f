import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseAnswers, sendRaw } from '../support/http-app.ts';
import type { V2App } from '../support/v2-app.ts';
import { createV2, membersOf, settled, V2Client, v2App } from '../support/v2-app.ts';

let v2: V2App;

beforeEach(async () => {
  v2 = v2App();
  await v2.broker.createTopic({ name: 't', partitionCount: 2 });
});

describe('POST /consumers/{group}', () => {
  const create = (payload?: object, headers = {}) =>
    v2.ask({ method: 'POST', url: '/consumers/g', headers, ...(payload && { payload }) });

  test('answers where to call, by the name that the server was called by', async () => {
    const answer = await create({ name: 'a b' }, { host: 'localhost:4711' });
    expect(answer.json()).toEqual({
      instance_id: 'a b',
      base_uri: 'http://localhost:4711/consumers/g/instances/a%20b',
    });
    expect(answer.headers['content-type']).toMatch(/^application\/vnd\.kafka\.v2\+json/);
  });

  test("may end in a slash, as in Confluent's own example", async () => {
    const answer = await v2.app.inject({ method: 'POST', url: '/consumers/g/' });
    expect(answer.json().base_uri).toMatch(/\/consumers\/g\/instances\/rest-consumer-/);
  });

  test('without a body makes an instance with a name of its own', async () => {
    const names = [(await create()).json(), (await create({})).json()];
    expect(names[0].instance_id).toMatch(/^rest-consumer-\d+-1$/);
    expect(names[1].instance_id).toMatch(/^rest-consumer-\d+-2$/);
  });

  test('a name is given once in a group: 40902', async () => {
    await create({ name: '__proto__' });
    const again = await create({ name: '__proto__' });
    expect([again.statusCode, again.json().error_code]).toEqual([409, 40902]);
    const other = { method: 'POST', url: '/consumers/h', payload: { name: '__proto__' } } as const;
    expect((await v2.ask(other)).statusCode).toBe(200);
  });

  test.each([
    [{ format: 'avro' }, 'format'],
    [{ 'fetch.max.bytes': 1 }, 'fetch.max.bytes'],
  ])('%j is refused: 42204', async (payload, named) => {
    const answer = await create(payload);
    expect([answer.statusCode, answer.json().error_code]).toEqual([422, 42204]);
    expect(answer.json().message).toContain(named);
  });

  test('the rules of group names hold', async () => {
    const answer = await v2.ask({ method: 'POST', url: '/consumers/%00' });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'INVALID_GROUP_ID']);
  });

  test('answers plain JSON to whoever prefers it', async () => {
    const answer = await create({}, { accept: 'application/json' });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });
});

test.each([
  ['DELETE', ''],
  ['POST', '/subscription'],
  ['GET', '/subscription'],
  ['DELETE', '/subscription'],
  ['POST', '/assignments'],
  ['GET', '/assignments'],
  ['GET', '/records'],
  ['POST', '/offsets'],
  ['GET', '/offsets'],
  ['POST', '/positions'],
  ['POST', '/positions/beginning'],
  ['POST', '/positions/end'],
] as const)('%s %s of an unknown instance is a 404 with 40403', async (method, path) => {
  await createV2(v2, 'a');
  for (const [group, name] of [
    ['g', 'b'],
    ['h', 'a'],
    ['g', '__proto__'],
  ] as const) {
    const answer = await new V2Client(v2, group, name).call(method, path);
    expect([answer.statusCode, answer.json().error_code]).toEqual([404, 40403]);
  }
});

describe('subscribed', () => {
  test('an instance reads each record once, and after its deletion another goes on', async () => {
    await v2.produce('t', 0, 1, 2);
    await v2.produce('t', 1, 3);
    const a = await createV2(v2, 'a');
    expect((await a.subscribe('t')).statusCode).toBe(204);
    expect((await a.read()).toSorted((x, y) => x - y)).toEqual([1, 2, 3]);
    expect(await a.read()).toEqual([]);
    await v2.produce('t', 0, 4);
    expect(await a.read()).toEqual([4]);
    expect((await a.delete()).statusCode).toBe(204);
    expect((await a.delete()).statusCode).toBe(404);

    const b = await createV2(v2, 'b');
    await b.subscribe('t');
    expect(await b.read()).toEqual([]);
  });

  test('the shape of a record is that of v2, and more', async () => {
    await v2.produce('t', 0, 7);
    const a = await createV2(v2, 'a', { format: 'binary' });
    await a.subscribe('t');
    const answer = await a.call('GET', '/records');
    expect(answer.headers['content-type']).toMatch(/^application\/vnd\.kafka\.binary\.v2\+json/);
    const value = Buffer.from('7').toString('base64');
    const timestamp = v2.clock.wallMs();
    expect(answer.json()).toEqual([
      { topic: 't', key: null, value, partition: 0, offset: 0, timestamp, headers: [] },
    ]);
  });

  test('only a GET reads: no cache and no HEAD takes anything', async () => {
    await v2.produce('t', 0, 7);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    const head = await v2.app.inject({ method: 'HEAD', url: `${a.at}/records` });
    expect([head.statusCode, head.headers.allow]).toEqual([405, 'GET, OPTIONS']);
    const answer = await a.call('GET', '/records');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toHaveLength(1);
  });

  test.each([
    ['json', 'application/vnd.kafka.binary.v2+json'],
    ['json', 'application/vnd.kafka.v2+json'],
    ['binary', 'application/vnd.kafka.json.v2+json'],
    ['text', 'application/vnd.kafka.avro.v2+json'],
  ])('a %s instance does not answer %s: 40601', async (format, accept) => {
    const a = await createV2(v2, 'a', { format });
    await a.subscribe('t');
    const answer = await v2.ask({ url: `${a.at}/records`, headers: { accept } });
    expect([answer.statusCode, answer.json().error_code]).toEqual([406, 40601]);
  });

  test('a read that waits answers with the first byte', async () => {
    const a = await createV2(v2, 'a', { 'consumer.request.timeout.ms': 5_000 });
    await a.subscribe('t');
    const read = a.read();
    await settled();
    await v2.produce('t', 1, 8);
    expect(await read).toEqual([8]);
  });

  test('a read that waits in vain answers an empty list after its time', async () => {
    const a = await createV2(v2, 'a', { 'consumer.request.timeout.ms': '5000' });
    await a.subscribe('t');
    let isOver = false;
    const read = a.read('?timeout=3000').finally(() => (isOver = true));
    await settled();
    v2.clock.advance(2_999);
    await settled();
    expect(isOver).toBe(false);
    v2.clock.advance(1);
    expect(await read).toEqual([]);
  });

  test('max_bytes bounds an answer, and the next one goes on behind it', async () => {
    await v2.produce('t', 0, 1);
    await v2.produce('t', 0, 2);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    expect(await a.read('?max_bytes=1')).toEqual([1]);
    expect(await a.read('?max_bytes=-1')).toEqual([2]);
  });

  test('by a pattern, it tells the topics that match', async () => {
    await v2.broker.createTopic({ name: 'tt' });
    const a = await createV2(v2, 'a');
    expect((await a.call('GET', '/subscription')).json()).toEqual({ topics: [] });
    await a.call('POST', '/subscription', { topic_pattern: 't+' });
    expect((await a.call('GET', '/subscription')).json()).toEqual({ topics: ['t', 'tt'] });
    await v2.produce('tt', 0, 5);
    expect(await a.read()).toEqual([5]);
  });

  test('a later subscription takes the place of the earlier, and can be taken back', async () => {
    await v2.broker.createTopic({ name: 'u' });
    await v2.produce('t', 0, 1);
    await v2.produce('u', 0, 2);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    expect(await a.read()).toEqual([1]);
    await a.subscribe('u');
    expect((await a.call('GET', '/subscription')).json()).toEqual({ topics: ['u'] });
    expect(await a.read()).toEqual([2]);
    expect(await a.committed()).toBe(1);
    expect((await a.call('DELETE', '/subscription')).statusCode).toBe(204);
    expect((await a.call('GET', '/subscription')).json()).toEqual({ topics: [] });
    expect(await membersOf(v2)).toEqual([]);
    const answer = await a.call('GET', '/records');
    expect([answer.statusCode, answer.json().error_code]).toEqual([409, 40903]);
  });

  test('to a topic that is not there yet, it reads it once it is', async () => {
    const a = await createV2(v2, 'a');
    await a.subscribe('later');
    expect(await a.read()).toEqual([]);
    await v2.broker.createTopic({ name: 'later' });
    await v2.produce('later', 0, 1);
    // This one is told of it, and has no time to wait for the rebalance.
    expect(await a.read()).toEqual([]);
    expect(await a.read()).toEqual([1]);
  });
});

describe('assigned by hand', () => {
  const zero = { partitions: [{ topic: 't', partition: 0 }] };

  test('an instance reads what it was told, and is no member', async () => {
    await v2.produce('t', 0, 1);
    await v2.produce('t', 1, 2);
    const a = await createV2(v2, 'a');
    expect((await a.call('POST', '/assignments', zero)).statusCode).toBe(204);
    expect((await a.call('GET', '/assignments')).json()).toEqual(zero);
    expect(await a.read()).toEqual([1]);
    expect(await membersOf(v2)).toEqual([]);
    await a.delete();
    const b = await createV2(v2, 'b');
    await b.call('POST', '/assignments', zero);
    expect(await b.read()).toEqual([]);
  });

  test('goes on where it was with partitions that it keeps', async () => {
    await v2.produce('t', 0, 1);
    await v2.produce('t', 1, 2);
    const a = await createV2(v2, 'a', { 'auto.commit.enable': false });
    await a.call('POST', '/assignments', zero);
    await a.read();
    const both = { partitions: [...zero.partitions, { topic: 't', partition: 1 }] };
    await a.call('POST', '/assignments', both);
    expect(await a.read()).toEqual([2]);
    await a.call('POST', '/assignments', { partitions: [] });
    expect((await a.call('GET', '/records')).json().error_code).toBe(40903);
  });

  test('stays where it is, whoever else commits for the group', async () => {
    await v2.produce('t', 0, 1, 2);
    const a = await createV2(v2, 'a');
    await a.call('POST', '/assignments', zero);
    expect(await a.read()).toEqual([1, 2]);
    await a.call('POST', '/offsets');
    const offsets = [{ topic: 't', partition: 0, offset: 0, leaderEpoch: -1, metadata: '' }];
    await v2.broker.commitOffsets({ group: 'g', memberId: '', generation: -1, offsets });
    expect(await a.read()).toEqual([]);
  });

  test('and subscribed exclude each other: 40903', async () => {
    const a = await createV2(v2, 'a');
    await a.call('POST', '/assignments', zero);
    const subscribing = await a.subscribe('t');
    expect([subscribing.statusCode, subscribing.json().error_code]).toEqual([409, 40903]);
    await a.call('DELETE', '/subscription');
    expect((await a.subscribe('t')).statusCode).toBe(204);
    const assigning = await a.call('POST', '/assignments', zero);
    expect([assigning.statusCode, assigning.json().error_code]).toEqual([409, 40903]);
  });

  test('without a starting point one has to be chosen', async () => {
    await v2.produce('t', 0, 1, 2);
    const a = await createV2(v2, 'a', { 'auto.offset.reset': 'none' });
    await a.call('POST', '/assignments', zero);
    const answer = await a.call('GET', '/records');
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'NO_COMMITTED_OFFSET']);
    await a.call('POST', '/positions', { offsets: [{ topic: 't', partition: 0, offset: 1 }] });
    expect(await a.read()).toEqual([2]);
  });

  test.each([
    ['nope', 0, 40401],
    ['t', 2, 40402],
  ])('%s %i is not there: %i', async (topic, partition, code) => {
    const a = await createV2(v2, 'a');
    const answer = await a.call('POST', '/assignments', { partitions: [{ topic, partition }] });
    expect([answer.statusCode, answer.json().error_code]).toEqual([404, code]);
  });
});

describe('commits', () => {
  const MANUAL = { 'auto.commit.enable': 'false' };

  test("a list is by v2's rule: the offset behind the one given is committed, and shown", async () => {
    await v2.produce('t', 0, 1, 2, 3);
    const a = await createV2(v2, 'a', MANUAL);
    await a.subscribe('t');
    await a.read();
    const offsets = [{ topic: 't', partition: 0, offset: 0, metadata: 'mine' }];
    const answer = await a.call('POST', '/offsets', { offsets });
    expect([answer.statusCode, answer.json()]).toEqual([200, []]);
    expect(await v2.broker.fetchOffsets('g')).toMatchObject([{ offset: 1, metadata: 'mine' }]);
    const body = {
      partitions: [
        { topic: 't', partition: 0 },
        { topic: 't', partition: 1 },
      ],
    };
    expect((await a.call('GET', '/offsets', body)).json()).toEqual({
      offsets: [{ topic: 't', partition: 0, offset: 1, metadata: 'mine' }],
    });
  });

  test('a commit does not move the one who reads', async () => {
    await v2.produce('t', 0, 1, 2, 3);
    const a = await createV2(v2, 'a', MANUAL);
    await a.subscribe('t');
    await a.read();
    await a.call('POST', '/offsets', { offsets: [{ topic: 't', partition: 0, offset: 0 }] });
    expect(await a.read()).toEqual([]);
    await v2.produce('t', 0, 4);
    expect(await a.read()).toEqual([4]);
  });

  test.each([[undefined], [{}]])(
    'with the body %j all that was read is committed',
    async (body) => {
      await v2.produce('t', 0, 1, 2);
      await v2.produce('t', 1, 3);
      const a = await createV2(v2, 'a', MANUAL);
      await a.subscribe('t');
      await a.read();
      await a.read();
      expect(await a.committed()).toBeUndefined();
      expect((await a.call('POST', '/offsets', body)).json()).toEqual([]);
      expect([await a.committed('t', 0), await a.committed('t', 1)]).toEqual([2, 1]);
      await a.delete();
      expect((await v2.broker.fetchOffsets('g')).map(({ offset }) => offset)).toEqual([2, 1]);
    },
  );

  test('by itself an instance commits with the next read, and with its deletion', async () => {
    await v2.produce('t', 0, 1);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    await a.read();
    // Where it began: so that nothing is skipped that comes before its first commit.
    expect(await a.committed()).toBe(0);
    await v2.produce('t', 0, 2);
    await a.read();
    expect(await a.committed()).toBe(1);
    await a.delete();
    expect(await v2.broker.fetchOffsets('g')).toMatchObject([{ offset: 2 }, { offset: 0 }]);
  });

  test('above the high watermark is refused: 422', async () => {
    await v2.produce('t', 0, 1);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    const offsets = [{ topic: 't', partition: 0, offset: 1 }];
    expect((await a.call('POST', '/offsets', { offsets })).statusCode).toBe(422);
  });

  test('a commit that cannot be stored fails the deletion, which can be tried again', async () => {
    await v2.produce('t', 0, 1);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    await a.read();
    v2.levers.refuse('commitOffsets', 'DISK_FULL');
    expect((await a.delete()).statusCode).toBe(507);
    expect((await a.delete()).statusCode).toBe(204);
    expect(await v2.broker.fetchOffsets('g')).toMatchObject([{ offset: 1 }, { offset: 0 }]);
  });

  test.each([
    [{}, 400, 40002],
    [{ partitions: [{ topic: 'nope', partition: 0 }] }, 404, 40401],
    [{ partitions: [{ topic: 't', partition: 2 }] }, 404, 40402],
  ])('asked what is committed for %j: %i', async (body, status, code) => {
    const a = await createV2(v2, 'a');
    const answer = await a.call('GET', '/offsets', body);
    expect([answer.statusCode, answer.json().error_code]).toEqual([status, code]);
  });

  test('asked what is committed for nothing at all, the answer says how to ask', async () => {
    const a = await createV2(v2, 'a');
    for (const query of ['', '?topic=t', '?partition=0']) {
      const answer = await a.call('GET', `/offsets${query}`);
      expect([answer.statusCode, answer.json().message]).toEqual([
        400,
        'partitions is missing; it must be in the body; or send both ?topic= and &partition=',
      ]);
    }
  });
});

describe('positions', () => {
  test('a reader goes where it is told, also before its first read', async () => {
    await v2.produce('t', 0, 1, 2, 3);
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    const offsets = [{ topic: 't', partition: 0, offset: 2 }];
    expect((await a.call('POST', '/positions', { offsets })).statusCode).toBe(204);
    expect(await a.read()).toEqual([3]);
    const partitions = [{ topic: 't', partition: 0 }];
    expect((await a.call('POST', '/positions/beginning', { partitions })).statusCode).toBe(204);
    expect(await a.read()).toEqual([1, 2, 3]);
    await a.call('POST', '/positions/beginning', { partitions: [] });
    expect((await a.call('POST', '/positions/end', { partitions })).statusCode).toBe(204);
    expect(await a.read()).toEqual([]);
  });

  test('a read that waits goes on from there', async () => {
    await v2.produce('t', 0, 1);
    const a = await createV2(v2, 'a', { 'consumer.request.timeout.ms': 5_000 });
    await a.subscribe('t');
    expect(await a.read()).toEqual([1]);
    const read = a.read();
    await settled();
    await a.call('POST', '/positions/beginning', { partitions: [] });
    expect(await read).toEqual([1]);
  });

  test.each(['/positions', '/positions/beginning', '/positions/end'])(
    '%s of a partition that it does not have: 40903',
    async (path) => {
      const place = { topic: 't', partition: 5 };
      const body =
        path === '/positions' ? { offsets: [{ ...place, offset: 0 }] } : { partitions: [place] };
      const a = await createV2(v2, 'a');
      for (const subscribe of [false, true]) {
        if (subscribe) await a.subscribe('t');
        const answer = await a.call('POST', path, body);
        expect([answer.statusCode, answer.json().error_code]).toEqual([409, 40903]);
      }
    },
  );
});

describe('over a connection', () => {
  async function sent(...requests: readonly string[]) {
    await v2.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = v2.app.server.address() as AddressInfo;
    try {
      return parseAnswers(await sendRaw(port, requests.join('')));
    } finally {
      await v2.app.close();
    }
  }

  test('a GET may have a body, and the next request is understood', async () => {
    const { at } = await createV2(v2, 'a');
    const body = '{"partitions": [{"topic": "t", "partition": 0}]}';
    const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    const answers = await sent(
      `GET ${at}/offsets HTTP/1.1\r\n${head}\r\n\r\n${body}`,
      `GET ${at}x/offsets HTTP/1.1\r\n${head}\r\n\r\n${body}`,
      `GET ${at}/subscription HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    expect(answers.map((each) => [each.status, JSON.parse(each.body)])).toEqual([
      [200, { offsets: [] }],
      [404, expect.objectContaining({ error_code: 40403 })],
      [200, { topics: [] }],
    ]);
  });

  test('without a Host the base_uri is the address that was called', async () => {
    const [answer] = await sent('POST /consumers/g HTTP/1.0\r\ncontent-length: 0\r\n\r\n');
    expect(JSON.parse(answer?.body ?? '').base_uri).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/consumers\/g\/instances\/rest-consumer-/,
    );
  });
});

describe('when the server stops', () => {
  test('a read that waits answers, and all leave their groups without a commit', async () => {
    await v2.produce('t', 0, 1);
    const a = await createV2(v2, 'a', { 'consumer.request.timeout.ms': 5_000 });
    await a.subscribe('t');
    expect(await a.read()).toEqual([1]);
    const read = a.read();
    await settled();
    v2.stop();
    expect(await read).toEqual([]);
    await v2.app.close();
    expect(await membersOf(v2)).toEqual([]);
  });

  test('closing the app is enough', async () => {
    const a = await createV2(v2, 'a');
    await a.subscribe('t');
    await a.read();
    await v2.app.close();
    expect(await membersOf(v2)).toEqual([]);
    expect(v2.clock.timerCount).toBe(0);
  });
});
