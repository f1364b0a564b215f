import { describe, expect, test } from 'vitest';
import { testApp } from '../support/http-app.ts';

const PAGE = 'http://localhost:3000';
const { app } = testApp({ settings: { corsOrigins: [PAGE] } });

describe('a listed origin', () => {
  test('may read answers, errors too, and the headers that matter', async () => {
    for (const [url, status] of [
      ['/topics', 200],
      ['/topics/nope', 404],
    ] as const) {
      const answer = await app.inject({ url, headers: { origin: PAGE } });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers).toMatchObject({ 'access-control-allow-origin': PAGE, vary: 'origin' });
      expect(answer.headers['access-control-expose-headers']).toContain('millrace-next-offset');
    }
  });

  test('is told by a preflight what it may send', async () => {
    const answer = await app.inject({
      method: 'OPTIONS',
      url: '/topics/a',
      headers: {
        origin: PAGE,
        'sec-fetch-site': 'cross-site',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type,producer-id',
        'access-control-request-private-network': 'true',
      },
    });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'content-type,producer-id',
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '7200',
    });
  });
});

test('a preflight of another origin is refused and gets no CORS header', async () => {
  const answer = await app.inject({
    method: 'OPTIONS',
    url: '/topics/a',
    headers: { origin: 'http://evil.example', 'access-control-request-method': 'PUT' },
  });
  expect(answer.statusCode).toBe(403);
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test('a request without Origin gets no CORS header', async () => {
  const answer = await app.inject('/topics');
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
});

test('* allows every origin and names none', async () => {
  const { app: open } = testApp({ settings: { corsOrigins: ['*'] } });
  const answer = await open.inject({ url: '/topics', headers: { origin: 'http://a.example' } });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['access-control-allow-origin']).toBe('*');
});
