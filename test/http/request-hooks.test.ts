import { describe, expect, test } from 'vitest';
import { listeningApp, parseAnswers, sendRaw, testApp } from '../support/http-app.ts';

describe('answers', () => {
  test('carry nosniff, good or bad', async () => {
    const { app } = testApp();
    for (const url of ['/', '/topics', '/nope', '/topics/nope']) {
      const answer = await app.inject(url);
      expect(answer.headers['x-content-type-options'], url).toBe('nosniff');
    }
  });

  test('are refused with 503 and Connection: close while the server stops, probes excepted', async () => {
    const { app, stop } = testApp();
    stop();
    const refused = await app.inject({ method: 'POST', url: '/topics/a', payload: {} });
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'SHUTTING_DOWN', written: 'no' });
    const answer = await app.inject('/topics');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
    expect(answer.json()).toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
  });
});

test('a request without Host is a 400 unless it is HTTP/1.0', async () => {
  await using server = await listeningApp();
  for (const [version, status] of [
    ['1.1', 400],
    ['1.0', 200],
  ] as const) {
    const lines = [`GET /topics HTTP/${version}`, 'Connection: close', '', ''];
    const [answer] = parseAnswers(await sendRaw(server.port, lines.join('\r\n')));
    expect(answer?.status, version).toBe(status);
  }
});

test.each(['Host: localhost', 'hOST: evil.example'])('two Hosts are a 400: %s', async (second) => {
  await using server = await listeningApp();
  const lines = ['GET /topics HTTP/1.1', 'Host: localhost', second, 'Connection: close', '', ''];
  const [answer] = parseAnswers(await sendRaw(server.port, lines.join('\r\n')));
  expect(answer?.status).toBe(400);
  expect(answer?.body).toContain('2 Host headers');
});

test.each([
  ['gzip, chunked', 400],
  ['identity, chunked', 400],
  ['CHUNKED', 200],
])('the transfer coding %s is a %d: none but chunked is undone', async (coding, status) => {
  await using server = await listeningApp();
  const lines = [
    ...['POST /topics/t HTTP/1.1', 'Host: localhost', 'Content-Type: text/plain'],
    ...[`Transfer-Encoding: ${coding}`, 'Connection: close', '', '1', 'x', '0', '', ''],
  ];
  const [answer] = parseAnswers(await sendRaw(server.port, lines.join('\r\n')));
  expect(answer?.status).toBe(status);
  expect(await server.broker.listTopics()).toHaveLength(status === 200 ? 1 : 0);
});

test('every answer is counted once under its route, refusals too', async () => {
  const { app } = testApp();
  await app.inject('/topics');
  await app.inject({ url: '/topics', headers: { origin: 'http://evil.example' } });
  await app.inject({ method: 'HEAD', url: '/topics' });
  const counted = app.counters.routes
    .filter(({ answers }) => answers.some((count) => count > 0))
    .map(({ method, route, answers }) => [method, route, answers.slice(2)]);
  expect(counted).toEqual([
    ['GET', '/topics', [1, 0, 1, 0]],
    ['HEAD', '/topics', [1, 0, 0, 0]],
  ]);
});
