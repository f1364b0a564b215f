import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import type { Broker, Topic } from '../../src/broker/broker.ts';
import { KafkaListener } from '../../src/kafka-protocol/listener.ts';
import { kafkaFace, kafkaParts } from '../support/kafka-face.ts';
import type { WireRequest } from '../support/kafka-wire.ts';
import { KafkaWire, requestFrame } from '../support/kafka-wire.ts';
import { ManualClock } from '../support/manual-clock.ts';

const VERSIONS: WireRequest = { key: 18, version: 0 };
const METADATA: WireRequest = { key: 3, version: 1, body: (writer) => writer.writeInt32(-1) };

test('it names the address in use, localhost by its IPv4 address', async () => {
  await using face = await kafkaFace({ settings: { host: 'LocalHost' } });
  expect(face.listener.address).toEqual({ host: '127.0.0.1', port: face.port });
  expect((await (await face.connect()).ask(VERSIONS)).readInt16('error')).toBe(0);
});

test('a port that is taken is Node’s error, with the port', async () => {
  await using face = await kafkaFace();
  const { context } = kafkaParts({ settings: { port: face.port } });
  await expect(KafkaListener.open(context)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port: face.port,
  });
});

test('its sockets may be made by something else, such as TLS', async () => {
  const { context } = kafkaParts();
  let accepted = 0;
  const listener = await KafkaListener.open(context, (accept) =>
    createServer({ pauseOnConnect: true }, (socket) => {
      accepted += 1;
      accept(socket);
    }),
  );
  const wire = await KafkaWire.connect(listener.address.port);
  await wire.ask(VERSIONS);
  expect(accepted).toBe(1);
  wire.destroy();
  await listener.close();
});

test('connections above the limit are closed and counted, until others have gone', async () => {
  await using face = await kafkaFace({ connections: new ConnectionPlaces(1) });
  const { counters } = face.context;
  const first = await face.connect();
  await first.ask(VERSIONS);
  await (
    await face.connect()
  ).closed;
  expect(counters).toMatchObject({
    connectionsOpen: 1,
    connectionsOpened: 1,
    connectionsRefused: 1,
  });
  first.destroy();
  while (counters.connectionsOpen > 0) await nextTurn();
  await (await face.connect()).ask(VERSIONS);
  expect(counters).toMatchObject({ connectionsOpen: 1, connectionsOpened: 2 });
});

test('a server without connections keeps no timer', async () => {
  const clock = new ManualClock();
  await using face = await kafkaFace({ clock });
  expect(clock.timerCount).toBe(0);
  const wire = await face.connect();
  await wire.ask(VERSIONS);
  expect(clock.timerCount).toBe(1);
  wire.destroy();
  while (face.context.counters.connectionsOpen > 0) await nextTurn();
  clock.advance(10_000);
  expect(clock.timerCount).toBe(0);
});

test('what cannot be accepted is logged and ends nothing', async () => {
  const { context, lines } = kafkaParts();
  const server = createServer({ pauseOnConnect: true });
  const listener = await KafkaListener.open(context, () => server);
  server.emit('error', new Error('accept EMFILE'));
  expect(lines).toMatchObject([['error', 'a Kafka connection could not be accepted', {}]]);
  await listener.close();
});

describe('a stop', () => {
  test('closes connections that idle and takes no new ones', async () => {
    await using face = await kafkaFace();
    const wire = await face.connect();
    await wire.ask(VERSIONS);
    await face.listener.close();
    expect(await wire.closed).toHaveLength(0);
    await expect(face.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('answers what is in flight, begins nothing more, and then closes', async () => {
    const waiting: ((topics: readonly Topic[]) => void)[] = [];
    const wrap = (broker: Broker): Broker =>
      Object.assign(Object.create(broker) as Broker, {
        listTopics: () => new Promise((resolve) => waiting.push(resolve)),
      });
    await using face = await kafkaFace({ wrap });
    const wire = await face.connect();
    wire.send(requestFrame({ ...METADATA, correlationId: 7 }));
    while (waiting.length === 0) await nextTurn();
    const closed = face.listener.close();
    wire.send(requestFrame(VERSIONS));
    await nextTurn();
    waiting[0]?.([]);
    expect((await wire.next()).readInt32BE(4)).toBe(7);
    expect(await wire.closed).toHaveLength(0);
    await closed;
    expect(face.lines).toEqual([]);
  });

  test('cuts what does not end within the grace', async () => {
    const clock = new ManualClock();
    const wrap = (broker: Broker): Broker =>
      Object.assign(Object.create(broker) as Broker, { listTopics: () => new Promise(() => {}) });
    await using face = await kafkaFace({ clock, wrap });
    const wire = await face.connect();
    await wire.ask(VERSIONS);
    wire.send(requestFrame(METADATA));
    while (face.context.counters.requests.get('Metadata') === undefined) await nextTurn();
    const closed = face.listener.close(5_000);
    clock.advance(4_999);
    await nextTurn();
    expect(wire.socket.destroyed).toBe(false);
    clock.advance(1);
    await Promise.all([closed, wire.closed]);
  });
});
