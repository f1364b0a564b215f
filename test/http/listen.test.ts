import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { closeApp } from '../../src/http/listen.ts';
import { machineClock } from '../support/http-context.ts';
import { listeningApp } from '../support/http-app.ts';

const GET = 'GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A route that answers when it is let go. */
function gatedRoute() {
  const gate = Promise.withResolvers<object>();
  return {
    letGo: () => gate.resolve({ done: true }),
    routes: (app: { get(url: string, handler: () => Promise<object>): unknown }) => {
      app.get('/slow', () => gate.promise);
    },
  };
}

test('a request in flight gets its answer, then its kept-alive connection ends', async () => {
  const { letGo, routes } = gatedRoute();
  await using server = await listeningApp({ routes });
  const socket = connect(server.port, '127.0.0.1');
  socket.write(GET);
  await once(server.app.server, 'request');

  server.stop();
  const closed = closeApp(server.app, machineClock);
  letGo();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*{"done":true}$/i);
  socket.resume();
  await Promise.all([closed, once(socket, 'close')]);
});

test('an idle connection does not hold up the close', async () => {
  await using server = await listeningApp();
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  server.stop();
  await closeApp(server.app, machineClock);
});

test('what is still open after the grace is cut', async () => {
  const { routes } = gatedRoute();
  await using server = await listeningApp({ routes });
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(GET);
  await once(server.app.server, 'request');
  server.stop();
  await closeApp(server.app, machineClock, 50);
  await once(socket.resume(), 'close');
});

test('localhost is one address, so that all connections share the limits', async () => {
  await using server = await listeningApp({ settings: { host: 'localhost' } });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(server.app.addresses()).toHaveLength(1);
});

test('a port in use rejects with its code', async () => {
  await using server = await listeningApp();
  const second = listeningApp({ settings: { port: server.port } });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
