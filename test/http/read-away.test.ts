import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { listeningApp, parseAnswers } from '../support/http-app.ts';

const LIMIT = 1_000_000;
const SMALL = { settings: { bodyBytesMax: LIMIT } };

test('a sender of 100 MB is answered early, and reads the answer after having sent it all', async () => {
  await using server = await listeningApp(SMALL);
  const total = 100_000_000;
  const chunk = Buffer.alloc(1_000_000);
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
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
  await once(socket, 'end');
  socket.destroy();
  const [refusal] = parseAnswers(Buffer.concat(received).toString());
  expect(refusal?.status).toBe(413);
  expect(refusal?.headers.get('connection')).toBe('close');
  expect(JSON.parse(refusal?.body ?? '')).toMatchObject({ details: { limit_bytes: LIMIT } });
  expect(sentAtAnswer, 'early, not after all of it').toBeLessThan(total / 2);
});

test('a body without a length is cut off at the limit, and its sender stops', async () => {
  await using server = await listeningApp(SMALL);
  const sending = request(`${server.url}/topics/a`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
  });
  const more = (): void => {
    while (sending.write(Buffer.alloc(100_000)));
  };
  sending.on('drain', more);
  more();
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  sending.off('drain', more);
  expect(response.statusCode).toBe(413);
  expect((await response.toArray()).join('')).toContain('BODY_TOO_LARGE');
  await once(sending, 'close');
});

test('one 413 is counted once', async () => {
  await using server = await listeningApp(SMALL);
  const body = Buffer.alloc(LIMIT + 1);
  const answer = await fetch(`${server.url}/topics/a`, { method: 'PUT', body });
  expect(answer.status).toBe(413);
  const counter = server.app.counters.routes.find(({ method }) => method === 'PUT');
  expect(counter?.answers).toEqual([0, 0, 0, 0, 1, 0]);
});
