import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { listeningApp, parseAnswers, sendRaw } from '../support/http-app.ts';

const LIMIT = 1_000_000;
const SMALL = { settings: { bodyBytesMax: LIMIT } };

test('a body within the limit is asked for, then taken', async () => {
  await using server = await listeningApp(SMALL);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    'PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      'Connection: close\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  );
  const [invitation] = (await once(socket, 'data')) as [Buffer];
  expect(invitation.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{}');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 201 /);
  socket.destroy();
});

test('a body above the limit is refused before it is sent', async () => {
  await using server = await listeningApp(SMALL);
  const head =
    `PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${LIMIT + 1}\r\nExpect: 100-continue\r\n\r\n`;
  const socket = connect(server.port, '127.0.0.1');
  socket.write(head);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
});

test('another expectation is passed over, as RFC 9110 allows', async () => {
  await using server = await listeningApp(SMALL);
  const head = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: cake\r\n\r\n';
  expect(parseAnswers(await sendRaw(server.port, head))[0]?.status).toBe(200);
});
