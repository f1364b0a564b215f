/**
 * Peers that send too much or too slowly, or do not read: what they hold is counted and has an end.
 * The lines that they hang on, such as `maxHeaderSize` in `app.ts`, are taken away one by one by
 * `hostile-controls.ts`; that pipelined answers keep their order is Node's own doing.
 */
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  FETCH_IN_FLIGHT_BYTES_MAX,
  HEADER_BYTES_MAX,
  READER_STALL_MS,
} from '../../src/model/limits.ts';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp, parseAnswers } from '../support/http-app.ts';
import { closed, expectServed, head, hear, leaveOpen } from '../support/hostile-peer.ts';
import { ManualClock } from '../support/manual-clock.ts';

const HOST = 'Host: localhost';
const HASTY = { headersTimeoutMs: 300, requestTimeoutMs: 500, checkIntervalMs: 25 };

test('floods of headers end at the limit of their size, many small ones as one large', async () => {
  await using server = await listeningApp();
  const floods = [
    'a:b\r\n'.repeat(20_000),
    `a: ${'b'.repeat(200_000)}\r\n`,
    'a:\r\n'.repeat(30_000),
  ];
  const heard = floods.flatMap((flood) =>
    Array.from({ length: 10 }, () => hear(server.port, `GET / HTTP/1.1\r\n${HOST}\r\n${flood}`)),
  );
  await expectServed(server);
  // What came behind the limit may turn the answer into a reset.
  for (const { statuses } of await Promise.all(heard)) expect(statuses[0] ?? 431).toBe(431);
  await expectServed(server);
});

test.each([
  ['its headers', `GET / HTTP/1.1\r\n${HOST}\r\nX: `, { ...HASTY, requestTimeoutMs: 600_000 }],
  [
    'its body',
    head('POST /topics/t HTTP/1.1', HOST, 'Content-Type: a/b', 'Content-Length: 1000000'),
    HASTY,
  ],
])('who sends %s a byte at a time has no more time than others', async (_, start, limits) => {
  await using server = await listeningApp({ limits });
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(start);
  let sent = 0;
  // A byte a millisecond at the most: below the limit of the headers when the time is over.
  const dribble = setInterval(() => {
    if (socket.writable) sent += socket.write('x') ? 1 : 0;
  }, 1);
  await expectServed(server);
  await closed(socket);
  clearInterval(dribble);
  expect(sent).toBeLessThan(HEADER_BYTES_MAX);
  expect(parseAnswers(Buffer.concat(chunks).toString())[0]?.status ?? 408).toBe(408);
  expect((await server.broker.listTopics()).map(({ name }) => name)).toEqual(['served']);
});

test('hundreds of requests in one write are answered in their order', async () => {
  await using server = await listeningApp();
  const count = 500;
  const paths = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? `/topics/missing-${index}` : `/nowhere-${index}`,
  );
  const requests = paths.map((path) => head(`GET ${path} HTTP/1.1`, HOST));
  const last = head('GET /topics HTTP/1.1', HOST, 'Connection: close');
  const hearing = hear(server.port, requests.join('') + last);
  await expectServed(server);
  const answers = parseAnswers((await hearing).text);
  expect(answers).toHaveLength(count + 1);
  for (const [index, { status, body }] of answers.slice(0, count).entries()) {
    expect(status).toBe(404);
    expect(body).toContain(`-${index}\\"`);
  }
});

test('records pipelined by hundreds lie in the order they were sent', async () => {
  await using server = await listeningApp();
  const one = (value: number): string => {
    const body = `{"records":[{"value":${value}}]}`;
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    return head('POST /topics/t HTTP/1.1', HOST, ...lines) + body;
  };
  const all = Array.from({ length: 300 }, (_, value) => one(value)).join('');
  const closing = head('GET / HTTP/1.1', HOST, 'Connection: close');
  const { statuses } = await hear(server.port, all + closing);
  expect(statuses).toEqual(Array.from({ length: 301 }, () => 200));
  const read = await fetch(`${server.url}/topics/t/partitions/0/records`);
  const { records } = (await read.json()) as { records: { value: number }[] };
  expect(records.map(({ value }) => value)).toEqual(
    Array.from({ length: 300 }, (_, value) => value),
  );
});

/** 12 MiB in records of 1 MiB. */
async function fill({ broker }: ListeningApp): Promise<void> {
  const value = Buffer.alloc(1_000_000, 'x');
  const record = { key: null, value, headers: [], timestamp: 0 };
  for (let index = 0; index < 12; index++) {
    const payload = { kind: 'records', records: [record] } as const;
    await broker.produce([{ topic: 'large', partition: 0, payload }]);
  }
}

test('readers that do not read hold no more than the budget, for no longer than a reader may', async () => {
  const clock = new ManualClock();
  await using server = await listeningApp({ clock });
  const { app, port, broker } = server;
  await broker.createTopic({ name: 'large' });
  await fill(server);
  const at = '/topics/large/partitions/0/records';
  const page = head(`GET ${at}?max_bytes=67108864&format=text HTTP/1.1`, HOST);
  const follow = head(`GET ${at} HTTP/1.1`, HOST, 'Accept: text/event-stream');
  const raw = head(`GET ${at} HTTP/1.1`, HOST, 'Accept: application/vnd.kafka.recordbatch');
  const sockets = (
    await Promise.all([page, follow, raw].map((request) => leaveOpen(port, 12, request)))
  ).flat();
  let heldMost = 0;
  // Until all have been taken up, and what can be sent was sent.
  while (counted(server) < 36) {
    await nextTurn();
    heldMost = Math.max(heldMost, app.fetchBudget.heldBytes);
  }
  expect(heldMost).toBeGreaterThan(0);
  expect(heldMost).toBeLessThanOrEqual(FETCH_IN_FLIGHT_BYTES_MAX);
  const produced = {
    method: 'POST',
    url: '/topics/t',
    payload: { records: [{ value: 1 }] },
  } as const;
  expect((await app.inject(produced)).statusCode).toBe(200);
  while (app.fetchBudget.heldBytes > 0 || app.counters.connectionsOpen > 0) {
    clock.advance(READER_STALL_MS);
    await nextTurn();
    for (const socket of sockets) if (app.fetchBudget.heldBytes === 0) socket.destroy();
  }
  expect(app.counters.streamsOpen).toBe(0);
  for (const socket of sockets) socket.destroy();
  expect((await app.inject(`${at}/0`)).statusCode).toBe(200);
});

/** Answers to reads that were begun, whatever became of them. */
function counted({ app }: ListeningApp): number {
  const reads = app.counters.routes.filter(({ route }) => route.endsWith('/records'));
  return reads.flatMap(({ answers }) => answers).reduce((sum, count) => sum + count, 0);
}

test('connections that are opened and left are closed when their time is over', async () => {
  await using server = await listeningApp({ limits: HASTY });
  const sockets = await leaveOpen(server.port, 300);
  const halves = await leaveOpen(server.port, 300, 'POST /topics/t HTTP/1.1\r\nHo');
  expect(server.app.counters.connectionsOpen).toBe(600);
  await expectServed(server);
  for (const socket of [...sockets, ...halves]) socket.resume();
  await Promise.all([...sockets, ...halves].map(closed));
  await expectServed(server);
});
