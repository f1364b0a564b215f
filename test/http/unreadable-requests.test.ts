import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { HEADER_BYTES_MAX } from '../../src/model/limits.ts';
import { listeningApp, parseAnswers, sendRaw } from '../support/http-app.ts';

/** Short enough for a test, in the same proportions as the real ones. */
const HASTY = { headersTimeoutMs: 150, requestTimeoutMs: 300, checkIntervalMs: 25 };

describe('a sender that is too slow', () => {
  test('with its headers is told 408', async () => {
    await using server = await listeningApp({ limits: HASTY });
    const [answer] = parseAnswers(await sendRaw(server.port, 'GET / HTTP/1.1\r\nHost: local'));
    expect(answer?.status).toBe(408);
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      error_code: 40800,
      message: 'the request did not arrive in time',
      code: 'REQUEST_TIMED_OUT',
      retriable: true,
      written: 'no',
    });
    expect(answer?.headers.get('connection')).toBe('close');
  });

  test('with its body is told 408', async () => {
    await using server = await listeningApp({ limits: HASTY });
    const head = 'PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{';
    const [answer] = parseAnswers(await sendRaw(server.port, head));
    expect(answer?.status).toBe(408);
    expect(await server.broker.listTopics()).toEqual([]);
  });

  test('that sends nothing at all is closed', async () => {
    await using server = await listeningApp({ limits: HASTY });
    expect(parseAnswers(await sendRaw(server.port, ''))[0]?.status ?? 408).toBe(408);
  });

  test('a route that takes its time is no slow sender', async () => {
    await using server = await listeningApp({
      limits: HASTY,
      routes: (app) => {
        app.get('/slow', () => new Promise((done) => setTimeout(done, 600, { ok: true })));
      },
    });
    expect(await (await fetch(`${server.url}/slow`)).json()).toEqual({ ok: true });
  });
});

test('headers above the limit are told 431', async () => {
  await using server = await listeningApp();
  const line = `X-Large: ${'x'.repeat(HEADER_BYTES_MAX)}\r\n`;
  const [answer] = parseAnswers(await sendRaw(server.port, `GET / HTTP/1.1\r\n${line}\r\n`));
  expect(answer?.status).toBe(431);
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({
    error_code: 43100,
    code: 'HEADERS_TOO_LARGE',
  });
});

describe('what is no HTTP', () => {
  test.each([
    'garbage\r\n\r\n',
    'GET /topics HTTP/1.1\r\nConnection: close\r\n\r\n', // no Host
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc', // a TLS client
    'GET / HTTP/1.1\r\nno colon\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ])('%j is told 400 and closed', async (bytes) => {
    await using server = await listeningApp();
    const [answer] = parseAnswers(await sendRaw(server.port, bytes));
    expect(answer?.status).toBe(400);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({
      error_code: 40002,
      code: 'INVALID_REQUEST',
    });
  });

  test('behind a request that was taken it ends the connection after the answer', async () => {
    await using server = await listeningApp();
    const put = 'PUT /topics/a HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const answers = parseAnswers(await sendRaw(server.port, `${put}junk junk junk\r\n\r\n`));
    expect(answers.map((each) => each.status)).toEqual([201]);
    expect((await server.broker.listTopics()).map((topic) => topic.name)).toEqual(['a']);
  });

  test('does not disturb another connection', async () => {
    await using server = await listeningApp();
    const [junk, fine] = await Promise.all([
      sendRaw(server.port, 'junk\r\n\r\n'),
      fetch(`${server.url}/topics`),
    ]);
    expect(junk).toMatch(/^HTTP\/1.1 400 /);
    expect(fine.status).toBe(200);
  });
});

test('pipelined requests are answered in their order', async () => {
  await using server = await listeningApp();
  const one = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const last = 'GET /nope HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const answers = parseAnswers(await sendRaw(server.port, one + one + last));
  expect(answers.map((each) => each.status)).toEqual([200, 200, 404]);
});

test('a client that resets in the middle of its body leaves nothing behind', async () => {
  await using server = await listeningApp();
  const socket = connect(server.port, '127.0.0.1');
  socket.write('PUT /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"par');
  await once(server.app.server, 'request');
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect((await fetch(`${server.url}/topics`)).status).toBe(200);
  expect(await server.broker.listTopics()).toEqual([]);
});
