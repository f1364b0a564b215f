import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Broker, Topic } from '../../src/broker/broker.ts';
import {
  KAFKA_IDLE_MS,
  KAFKA_PIPELINED_REQUESTS_MAX,
  READER_STALL_MS,
  REQUEST_TIMEOUT_MS,
} from '../../src/model/limits.ts';
import { parseTopicConfig } from '../../src/model/topic-config.ts';
import type { KafkaFace } from '../support/kafka-face.ts';
import { kafkaFace } from '../support/kafka-face.ts';
import type { KafkaWire, WireRequest } from '../support/kafka-wire.ts';
import { answerBody, requestFrame } from '../support/kafka-wire.ts';
import { ManualClock } from '../support/manual-clock.ts';

const VERSIONS: WireRequest = { key: 18, version: 0 };
/** All topics: waits for the broker. */
const METADATA: WireRequest = { key: 3, version: 1, body: (writer) => writer.writeInt32(-1) };

const numbered = (request: WireRequest, correlationId: number): Buffer =>
  requestFrame({ ...request, correlationId });

async function numbers(wire: KafkaWire, count: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < count) all.push((await wire.next()).readInt32BE(4));
  return all;
}

/** A broker whose lists of topics come when the test says so. */
class Held {
  readonly waiting: ((topics: readonly Topic[]) => void)[] = [];

  readonly wrap = (broker: Broker): Broker =>
    Object.assign(Object.create(broker) as Broker, {
      listTopics: () =>
        new Promise<readonly Topic[]>((resolve) => {
          this.waiting.push(resolve);
        }),
    });

  async untilAsked(count: number): Promise<void> {
    while (this.waiting.length < count) await nextTurn();
  }
}

async function untilClosed({ context }: KafkaFace): Promise<void> {
  while (context.counters.connectionsOpen > 0) await nextTurn();
}

describe('requests', () => {
  test('that come in one piece, byte by byte or cut anywhere are all answered', async () => {
    await using face = await kafkaFace();
    const wire = await face.connect();
    wire.socket.setNoDelay(true);
    wire.send(Buffer.concat([numbered(VERSIONS, 1), numbered(METADATA, 2), numbered(VERSIONS, 3)]));
    expect(await numbers(wire, 3)).toEqual([1, 2, 3]);
    for (const byte of numbered(METADATA, 4)) {
      wire.send(Buffer.from([byte]));
      await nextTurn();
    }
    expect(await numbers(wire, 1)).toEqual([4]);
  });

  test('are begun as they come and answered in their order', async () => {
    const held = new Held();
    await using face = await kafkaFace({ wrap: held.wrap });
    const wire = await face.connect();
    wire.send(numbered(METADATA, 1), numbered(VERSIONS, 2), numbered(METADATA, 3));
    await held.untilAsked(2);
    const [first, second] = held.waiting;
    second?.([]);
    await nextTurn();
    first?.([]);
    expect(await numbers(wire, 3)).toEqual([1, 2, 3]);
  });

  test('are begun up to a number; the rest is read when there is room again', async () => {
    const held = new Held();
    await using face = await kafkaFace({ wrap: held.wrap });
    const wire = await face.connect();
    const count = KAFKA_PIPELINED_REQUESTS_MAX + 50;
    for (let number = 0; number < count; number++) wire.send(numbered(METADATA, number));
    await held.untilAsked(KAFKA_PIPELINED_REQUESTS_MAX);
    // Another connection is not held up by that, and its answer shows that the first was read.
    const other = await face.connect();
    other.send(numbered(VERSIONS, 7));
    expect(await numbers(other, 1)).toEqual([7]);
    expect(held.waiting).toHaveLength(KAFKA_PIPELINED_REQUESTS_MAX);
    for (let index = 0; index < count; index++) {
      await held.untilAsked(index + 1);
      held.waiting[index]?.([]);
    }
    expect(await numbers(wire, count)).toEqual(Array.from({ length: count }, (_, each) => each));
  });

  test('of many connections at once wait for one another’s bytes, and all get through', async () => {
    await using face = await kafkaFace({ settings: { requestBytesMax: 40_000_000 } });
    // Too large for its API, which is found out only when all of it is there: so all bytes count.
    const large = Buffer.alloc(20_000_000);
    large.writeInt32BE(large.length - 4);
    requestFrame(VERSIONS).copy(large, 4, 4);
    const wires = await Promise.all([1, 2, 3].map(() => face.connect()));
    for (const wire of wires) wire.send(large);
    await Promise.all(wires.map((wire) => wire.closed));
    expect(face.lines).toHaveLength(3);
    const after = await face.connect();
    expect((await after.ask(VERSIONS)).readInt16('error')).toBe(0);
  });
});

describe('a connection is closed, with one line in the log and without a word of its content:', () => {
  test.each<[string, Buffer, RegExp]>([
    ['no size', Buffer.alloc(8), /size of a request: expected 1 to 16777216 bytes, found 0$/],
    ['an absurd size', Buffer.from('7fffffff', 'hex'), /found 2147483647$/],
    ['a negative size', Buffer.from('ffffffff', 'hex'), /found -1$/],
    ['HTTP', Buffer.from('GET /secret HTTP/1.1\r\n\r\n'), /another protocol: HTTP .*--http-port/],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), /another protocol: TLS/],
    [
      'an unknown API',
      requestFrame({ key: 4, version: 0 }),
      /api_key: expected one that is served/,
    ],
    ['an unknown version', requestFrame({ key: 3, version: 99 }), /Metadata v99: api_version/],
    ['a body that ends early', requestFrame({ key: 3, version: 0 }), /Metadata v0: topics/],
  ])('%s', async (_what, bytes, message) => {
    await using face = await kafkaFace();
    const wire = await face.connect();
    wire.send(bytes);
    expect(await wire.closed).toHaveLength(0);
    expect(face.lines).toEqual([
      [
        'warn',
        expect.stringMatching(message),
        expect.objectContaining({ peer: expect.any(String) }),
      ],
    ]);
    expect(JSON.stringify(face.lines)).not.toContain('secret');
    await untilClosed(face);
    expect(face.context.counters).toMatchObject({ connectionsFaulted: 1, connectionsOpened: 1 });
  });

  test('a fault of the server, with its stack', async () => {
    const fault = new TypeError('a mistake');
    const wrap = (broker: Broker): Broker =>
      Object.assign(Object.create(broker) as Broker, { listTopics: () => Promise.reject(fault) });
    await using face = await kafkaFace({ wrap });
    const wire = await face.connect();
    wire.send(requestFrame(METADATA));
    await wire.closed;
    expect(face.lines).toEqual([
      [
        'error',
        'a Kafka request met a fault of the server',
        expect.objectContaining({ error: fault }),
      ],
    ]);
  });
});

describe('a peer that goes', () => {
  test('in the middle of a large request, or while it waits to send one, keeps nobody out', async () => {
    await using face = await kafkaFace({ settings: { requestBytesMax: 40_000_000 } });
    const size = Buffer.from('01c9c380', 'hex'); // 30,000,000
    const [sending, waiting] = [await face.connect(), await face.connect()];
    sending.send(size, Buffer.alloc(100_000));
    waiting.send(size);
    await (await face.connect()).ask(VERSIONS);
    waiting.destroy();
    sending.destroy();
    await untilGone(face, 1);
    const next = await face.connect();
    next.send(size, Buffer.alloc(30_000_000, 0xff)); // API -1.
    await next.closed;
    expect(face.lines).toMatchObject([['warn', expect.stringContaining('api_key'), {}]]);
  });

  test('ends what waits on its behalf, and what comes late harms nobody', async () => {
    const held = new Held();
    await using face = await kafkaFace({ wrap: held.wrap });
    const wire = await face.connect();
    wire.send(requestFrame(METADATA));
    await held.untilAsked(1);
    wire.destroy();
    await untilClosed(face);
    held.waiting[0]?.([]);
    await nextTurn();
    expect(face.lines).toEqual([]);
  });
});

describe('time', () => {
  test('ends a connection that idles, but none that waits for an answer', async () => {
    const clock = new ManualClock();
    const held = new Held();
    await using face = await kafkaFace({ clock, wrap: held.wrap });
    const [idle, parked] = [await face.connect(), await face.connect()];
    await idle.ask(VERSIONS);
    parked.send(requestFrame(METADATA));
    await held.untilAsked(1);
    clock.advance(KAFKA_IDLE_MS);
    expect(idle.socket.destroyed).toBe(false);
    clock.advance(10_000);
    await idle.closed;
    held.waiting[0]?.([]);
    expect(answerBody(await parked.next(), METADATA).readInt32('brokers')).toBe(1);
    expect(face.lines).toEqual([]);
  });

  test('ends a request that does not come to its end', async () => {
    const clock = new ManualClock();
    await using face = await kafkaFace({ clock });
    const wire = await face.connect();
    await wire.ask(VERSIONS);
    wire.send(requestFrame(VERSIONS).subarray(0, 9));
    // Its answer tells that the server has read on.
    await (await face.connect()).ask(VERSIONS);
    clock.advance(REQUEST_TIMEOUT_MS - 2_000);
    wire.send(Buffer.from([0]));
    await (await face.connect()).ask(VERSIONS);
    clock.advance(6_000);
    await wire.closed;
    expect(face.lines).toEqual([
      [
        'warn',
        expect.stringContaining('a request was not complete after 120000 ms'),
        expect.anything(),
      ],
    ]);
  });

  test('ends a peer that takes nothing of its answers, and asks for no more than it took', async () => {
    const clock = new ManualClock();
    const held = new Held();
    await using face = await kafkaFace({ clock, wrap: held.wrap });
    const wire = await face.connect();
    wire.socket.pause();
    wire.send(numbered(METADATA, 1), numbered(METADATA, 2), numbered(METADATA, 3));
    await held.untilAsked(3);
    for (const give of held.waiting) give(manyTopics());
    await nextTurn();
    wire.send(numbered(METADATA, 4));
    await (await face.connect()).ask(VERSIONS);
    expect(held.waiting).toHaveLength(3);
    for (let ms = 0; ms <= READER_STALL_MS + 4_000; ms += 2_000) {
      clock.advance(2_000);
      await nextTurn();
    }
    await untilGone(face, 1);
    expect(face.lines).toEqual([
      ['warn', expect.stringContaining('took nothing of its answers'), expect.anything()],
    ]);
  });
});

async function untilGone({ context }: KafkaFace, left: number): Promise<void> {
  while (context.counters.connectionsOpen > left) await nextTurn();
}

/** Their metadata is beyond what the kernel keeps for a socket. */
function manyTopics(): Topic[] {
  const config = parseTopicConfig(new Map());
  const more = { partitionCount: 1_000, config, configOverrides: new Map<string, string>() };
  const topicId = '00000000-0000-0000-0000-000000000001';
  return Array.from({ length: 400 }, (_, index) => ({ name: `t${index}`, topicId, ...more }));
}
