import { connect } from 'node:net';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
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

test('a sender of 100 MB that asked nobody reads the 413 early, and its connection goes on', async () => {
  await using server = await listeningApp(SMALL);
  const total = 100_000_000;
  const chunk = Buffer.alloc(1_000_000);
  const socket = connect(server.port, '127.0.0.1');
  const received: Buffer[] = [];
  let sent = 0;
  let sentAtAnswer = total;
  socket.on('data', (bytes: Buffer) => {
    if (received.length === 0) sentAtAnswer = sent;
    received.push(bytes);
  });
  socket.write(
    'PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${total}\r\n\r\n`,
  );
  while (sent < total) {
    sent += chunk.length;
    if (!socket.write(chunk)) await once(socket, 'drain');
  }
  socket.write('GET /topics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  const [refusal, next] = parseAnswers(Buffer.concat(received).toString());
  expect(refusal?.status).toBe(413);
  expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ details: { limit_bytes: LIMIT } });
  expect(sentAtAnswer, 'early, not after all of it').toBeLessThan(total / 2);
  expect(next?.status).toBe(200);
});

test('a body without a length is cut off at the limit', async () => {
  await using server = await listeningApp(SMALL);
  const sending = request(`${server.url}/topics/a`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  });
  for (let sent = 0; sent <= LIMIT; sent += 100_000) sending.write(Buffer.alloc(100_000));
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(413);
  sending.end();
  await once(response.resume(), 'end');
});
