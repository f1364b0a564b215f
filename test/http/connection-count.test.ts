import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ConnectionPlaces } from '../../src/broker/connection-places.ts';
import { listeningApp, parseAnswers, sendRaw } from '../support/http-app.ts';

const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(GET.replace('close', 'keep-alive'));
  await once(socket, 'data');
  return socket;
}

test('a connection above the limit is told 503, and its request is not carried out', async () => {
  await using server = await listeningApp({ connections: new ConnectionPlaces(2) });
  const held = [await open(server.port), await open(server.port)];
  const put = 'PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const [answer] = parseAnswers(await sendRaw(server.port, put));
  expect(answer?.status).toBe(503);
  expect(answer?.headers.get('retry-after')).toBe('1');
  expect(JSON.parse(answer?.body ?? '')).toEqual({
    error_code: 50300,
    message: 'all 2 connections that the server allows are in use',
    code: 'TOO_MANY_CONNECTIONS',
    retriable: true,
    details: { connections_max: 2 },
    written: 'no',
  });
  expect(await server.broker.listTopics()).toEqual([]);
  expect(server.app.counters).toMatchObject({ connectionsOpen: 2, connectionsRefused: 1 });
  for (const socket of held) socket.destroy();
});

test('a connection that was closed makes room for another', async () => {
  await using server = await listeningApp({ connections: new ConnectionPlaces(1) });
  for (let round = 0; round < 3; round += 1) {
    const [answer] = parseAnswers(await sendRaw(server.port, GET));
    expect(answer?.status).toBe(200);
    await expect.poll(() => server.app.counters.connectionsOpen).toBe(0);
  }
  expect(server.app.counters).toMatchObject({ connectionsOpened: 3, connectionsRefused: 0 });
});
