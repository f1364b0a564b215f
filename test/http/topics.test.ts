import { beforeEach, describe, expect, test } from 'vitest';
import { PARTITIONS_PER_TOPIC_MAX } from '../../src/model/limits.ts';
import type { Ask } from '../support/conformance.ts';
import { conformingAsk } from '../support/conformance.ts';
import { listeningApp, parseAnswers, sendRaw, testApp } from '../support/http-app.ts';
import type { MemoryBroker } from '../support/memory-broker.ts';

let broker: MemoryBroker;
let ask: Ask;

beforeEach(() => {
  const { app, broker: memory } = testApp();
  broker = memory;
  ask = conformingAsk(app);
});

function send(method: 'PUT' | 'PATCH', url: string, payload: object) {
  return { method, url, payload };
}

describe('GET /topics', () => {
  test('is the list of names, sorted, as in v2', async () => {
    expect((await ask('/topics')).json()).toEqual([]);
    for (const name of ['b', 'a', '__proto__']) await broker.createTopic({ name });
    expect((await ask('/topics')).json()).toEqual(['__proto__', 'a', 'b']);
  });

  test('takes no parameters', async () => {
    const answer = await ask('/topics?limit=1');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ details: { parameter: 'limit' } });
  });
});

describe('GET /topics/{topic}', () => {
  test('holds the members of v2 and ours', async () => {
    await broker.createTopic({ name: 'flights', partitionCount: 2 });
    broker.setPartitionState({ topic: 'flights', partition: 1 }, 'offline', 'a bit flipped');
    const answer = (await ask('/topics/flights')).json();
    expect(answer).toMatchObject({ name: 'flights', configs: { 'retention.ms': '604800000' } });
    expect(answer.topic_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.partitions).toEqual([
      {
        partition: 0,
        leader: 0,
        replicas: [{ broker: 0, leader: true, in_sync: true }],
        beginning_offset: 0,
        end_offset: 0,
        durable_offset: 0,
        bytes: 0,
        segments: 1,
        state: 'online',
      },
      expect.objectContaining({ partition: 1, state: 'offline', reason: 'a bit flipped' }),
    ]);
  });

  test.each(['nope', '..%2f..%2fetc%2fpasswd', '__proto__', 'constructor', '%00'])(
    '%s is a name without a topic: 40401',
    async (name) => {
      const answer = await ask(`/topics/${name}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({
        error_code: 40401,
        code: 'UNKNOWN_TOPIC_OR_PARTITION',
        retriable: false,
      });
    },
  );
});

describe('PUT /topics/{topic}', () => {
  test('without a body makes a topic of the defaults', async () => {
    const answer = await ask({ method: 'PUT', url: '/topics/flights' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json().partitions).toHaveLength(1);
  });

  test('is idempotent: 201, then 200 as long as nothing named differs', async () => {
    const wish = { partitions: 3, configs: { 'retention.ms': 1000, 'flush.messages': '1' } };
    expect((await ask(send('PUT', '/topics/a', wish))).statusCode).toBe(201);
    const again = await ask(send('PUT', '/topics/a', wish));
    expect(again.statusCode).toBe(200);
    expect(again.json().configs).toMatchObject({ 'retention.ms': '1000' });
    for (const less of [{}, { partitions: 3 }, { configs: { 'segment.bytes': '1073741824' } }]) {
      expect((await ask(send('PUT', '/topics/a', less))).statusCode).toBe(200);
    }
  });

  test('keeps and shows what only Kafka has a use for', async () => {
    const configs = {
      'min.insync.replicas': 2,
      'unclean.leader.election.enable': false,
      'min.cleanable.dirty.ratio': 0.25,
    };
    for (const status of [201, 200]) {
      const answer = await ask(send('PUT', '/topics/a', { configs }));
      expect(answer.statusCode).toBe(status);
      expect(answer.json().configs).toMatchObject({
        'min.insync.replicas': '2',
        'unclean.leader.election.enable': 'false',
        'min.cleanable.dirty.ratio': '0.25',
        'delete.retention.ms': '86400000',
      });
    }
  });

  test('of a topic that differs is a 409 with both values, and changes nothing', async () => {
    await ask(send('PUT', '/topics/a', { partitions: 3, configs: { 'retention.ms': 1000 } }));
    const wish = { partitions: 4, configs: { 'retention.ms': 2000, 'segment.ms': 5 } };
    const answer = await ask(send('PUT', '/topics/a', wish));
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      error_code: 40900,
      code: 'TOPIC_ALREADY_EXISTS',
      details: {
        differences: {
          partitions: { asked: 4, actual: 3 },
          'retention.ms': { asked: '2000', actual: '1000' },
          'segment.ms': { asked: '5', actual: '604800000' },
        },
      },
    });
    expect(answer.json().message).toBe(
      'topic a exists and differs: partitions is 3, asked for 4; retention.ms is 1000, asked for 2000; segment.ms is 604800000, asked for 5; PATCH /topics/a changes them',
    );
    expect((await broker.topic('a')).configOverrides).toEqual(new Map([['retention.ms', '1000']]));
  });

  test('of the same topic from two sides makes it once', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => ask(send('PUT', '/topics/a', { partitions: 2 }))),
    );
    const statuses = answers.map((each) => each.statusCode);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
  });

  test('a name of 249 characters is allowed, one of 250 says so', async () => {
    expect((await ask({ method: 'PUT', url: `/topics/${'x'.repeat(249)}` })).statusCode).toBe(201);
    const answer = await ask({ method: 'PUT', url: `/topics/${'x'.repeat(250)}` });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'INVALID_TOPIC_EXCEPTION', error_code: 42200 });
    expect(answer.json().message).toContain('has 250 characters; at most 249 are allowed');
  });

  test.each(['a%2fb', '..%2f..%2fetc', 'a%20b', '%00', '%c3%a4', 'a%0d%0ab'])(
    'the name %s is refused',
    async (name) => {
      const answer = await ask({ method: 'PUT', url: `/topics/${name}` });
      expect(answer.statusCode).toBe(422);
      expect(answer.json().code).toBe('INVALID_TOPIC_EXCEPTION');
      expect(await broker.listTopics()).toEqual([]);
    },
  );

  // Over a socket, because clients in between rewrite such paths.
  test.each(['.', '..', '%2e', '%2E%2e', '.%2e', '..%2f..%2fetc'])(
    'the name %s is refused as it comes from the wire',
    async (name) => {
      await using server = await listeningApp();
      const lines = [`PUT /topics/${name} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
      const [answer] = parseAnswers(await sendRaw(server.port, `${lines.join('\r\n')}\r\n\r\n`));
      expect(answer?.status).toBe(422);
      expect(answer?.body).toContain('INVALID_TOPIC_EXCEPTION');
      expect(await server.broker.listTopics()).toEqual([]);
    },
  );

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '...', '-'])(
    'the name %s is just a name',
    async (name) => {
      expect((await ask({ method: 'PUT', url: `/topics/${name}` })).statusCode).toBe(201);
      expect((await ask(`/topics/${name}`)).json().name).toBe(name);
      expect((await ask('/topics')).json()).toEqual([name]);
    },
  );

  test.each([
    [{ partition: 3 }, 400, 'unknown members: "partition"'],
    [{ configs: [] }, 400, 'configs must be an object'],
    [{ partitions: 0 }, 422, `an integer from 1 to ${PARTITIONS_PER_TOPIC_MAX}`],
    [{ partitions: PARTITIONS_PER_TOPIC_MAX + 1 }, 422, 'partitions is "10001"'],
    [{ partitions: 1.5 }, 422, 'partitions is "1.5"'],
    [{ partitions: '3' }, 422, 'an integer from 1'],
    [{ partitions: null }, 422, 'partitions is "null"'],
    [{ configs: { 'retention.mss': 1 } }, 422, '"retention.mss" is unknown'],
    [{ configs: { 'cleanup.policy': 'compact' } }, 422, 'cleanup.policy is "compact"'],
    [{ configs: { 'retention.ms': 'soon' } }, 422, 'retention.ms is "soon"'],
    [{ configs: { 'retention.ms': null } }, 422, '"retention.ms" must be a string'],
    [{ configs: { 'retention.ms': {} } }, 422, '"retention.ms" must be'],
  ])('%j is a %i: %s', async (body, status, message) => {
    const answer = await ask(send('PUT', '/topics/a', body));
    expect(answer.statusCode).toBe(status);
    expect(answer.json().message).toContain(message);
    expect(await broker.listTopics()).toEqual([]);
  });

  test('a config called __proto__ is an unknown config', async () => {
    const answer = await ask({
      method: 'PUT',
      url: '/topics/a',
      payload: '{"configs": {"__proto__": "1"}}',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().message).toContain('"__proto__" is unknown');
  });

  test('a body without its type is a 415 that says what to add', async () => {
    const answer = await ask({
      method: 'PUT',
      url: '/topics/a',
      payload: '{}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().message).toContain("-H 'content-type: application/json'");
  });
});

describe('PATCH /topics/{topic}', () => {
  test('sets configs and returns one to its default with null', async () => {
    await ask(send('PUT', '/topics/a', { configs: { 'retention.ms': 1, 'segment.ms': 2 } }));
    const answer = await ask(
      send('PATCH', '/topics/a', { configs: { 'retention.ms': null, 'segment.ms': 3 } }),
    );
    expect(answer.json().configs).toMatchObject({ 'retention.ms': '604800000', 'segment.ms': '3' });
    expect(answer.json().notice).toBeUndefined();
  });

  test('adds partitions and says that keys move', async () => {
    await ask(send('PUT', '/topics/a', { partitions: 2 }));
    const answer = await ask(send('PATCH', '/topics/a', { partitions: 3 }));
    expect(answer.json().partitions).toHaveLength(3);
    expect(answer.json().notice).toMatch(/key .* another partition/);
    expect(
      (await ask(send('PATCH', '/topics/a', { partitions: 3 }))).json().notice,
    ).toBeUndefined();
  });

  test('that takes partitions away is refused whole', async () => {
    await ask(send('PUT', '/topics/a', { partitions: 2 }));
    const change = { partitions: 1, configs: { 'retention.ms': 5 } };
    const answer = await ask(send('PATCH', '/topics/a', change));
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'INVALID_PARTITIONS',
      details: { asked: 1, actual: 2 },
    });
    expect((await broker.topic('a')).configOverrides).toEqual(new Map());
  });

  test.each([
    [{}, 400],
    [{ configs: {} }, 400],
    [{ configs: { nope: null } }, 422],
    [{ configs: { 'retention.ms': -2 } }, 422],
    [{ name: 'b' }, 400],
  ])('%j is refused with %i', async (body, status) => {
    await broker.createTopic({ name: 'a' });
    expect((await ask(send('PATCH', '/topics/a', body))).statusCode).toBe(status);
  });

  test('without a body is a 400, of a missing topic a 404', async () => {
    await broker.createTopic({ name: 'a' });
    expect((await ask({ method: 'PATCH', url: '/topics/a' })).statusCode).toBe(400);
    expect((await ask(send('PATCH', '/topics/b', { partitions: 2 }))).statusCode).toBe(404);
  });
});

describe('DELETE /topics/{topic}', () => {
  test('is a 204 once, then a 404', async () => {
    await broker.createTopic({ name: 'a' });
    const answer = await ask({ method: 'DELETE', url: '/topics/a' });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect((await ask({ method: 'DELETE', url: '/topics/a' })).statusCode).toBe(404);
  });
});
