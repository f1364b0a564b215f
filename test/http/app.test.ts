import { describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../src/model/limits.ts';
import type { Log, LogFacts } from '../../src/model/log.ts';
import { silentLog } from '../../src/model/log.ts';
import { testApp } from '../support/http-app.ts';

describe('what is not routed', () => {
  test('an unknown route is a 404 of the error shape that points to the documentation', async () => {
    const { app } = testApp();
    const answer = await app.inject('/nope?x=1');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({
      error_code: 40400,
      message: 'no route GET "/nope"; see /docs',
      code: 'ROUTE_NOT_FOUND',
      retriable: false,
    });
  });

  test('another method of a known route is a 405 with Allow', async () => {
    const { app } = testApp();
    const answer = await app.inject({ method: 'DELETE', url: '/topics' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
    expect(answer.json()).toMatchObject({
      error_code: 40500,
      code: 'METHOD_NOT_ALLOWED',
      details: { allowed: ['GET', 'HEAD', 'OPTIONS'] },
    });
    const put = await app.inject({ method: 'PROPFIND' as 'PUT', url: '/topics/a' });
    expect(put.headers.allow).toMatch(/^GET, HEAD, .*PUT, PATCH, DELETE, OPTIONS$/);
  });

  test('OPTIONS names the methods of a route, and a 404 where there is none', async () => {
    const { app } = testApp();
    const answer = await app.inject({ method: 'OPTIONS', url: '/topics' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await app.inject({ method: 'OPTIONS', url: '/nope' })).statusCode).toBe(404);
  });

  test.each(['/%zz', '/topics/%', '/topics/%c3%28', '/topics/a%2'])(
    '%s cannot be decoded and is a 400',
    async (url) => {
      const { app } = testApp();
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.json()).toMatchObject({ error_code: 40002, code: 'INVALID_REQUEST' });
    },
  );

  test('HEAD answers like GET, without the body', async () => {
    const { app } = testApp();
    const [get, head] = await Promise.all([
      app.inject('/topics'),
      app.inject({ method: 'HEAD', url: '/topics' }),
    ]);
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });
});

describe('bodies', () => {
  const { app } = testApp({
    routes: (it) => {
      it.post('/echo', (request) => ({
        kind: Buffer.isBuffer(request.body) ? 'bytes' : typeof request.body,
        text: String(request.body),
      }));
    },
  });

  test.each(['application/json', 'text/plain; charset=utf-8', 'application/x-strange', undefined])(
    'with the type %s the route gets the bytes as they came',
    async (type) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/echo',
        payload: Buffer.from('{"a": 1.0 }'),
        headers: type === undefined ? {} : { 'content-type': type },
      });
      expect(answer.json()).toEqual({ kind: 'bytes', text: '{"a": 1.0 }' });
    },
  );

  test('without a body there is none', async () => {
    expect((await app.inject({ method: 'POST', url: '/echo' })).json()).toMatchObject({
      kind: 'undefined',
    });
  });

  test('a Content-Type that is none is a 415', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/echo',
      payload: 'x',
      headers: { 'content-type': 'garbage' },
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE', written: 'no' });
  });

  test('the body limit is exact', async () => {
    const post = (bytes: number) =>
      app.inject({ method: 'POST', url: '/echo', payload: Buffer.alloc(bytes, 'a') });
    expect((await post(BODY_BYTES_MAX)).statusCode).toBe(200);
    const answer = await post(BODY_BYTES_MAX + 1);
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toEqual({
      error_code: 41300,
      message: `the body is larger than the ${BODY_BYTES_MAX} bytes that are allowed`,
      code: 'BODY_TOO_LARGE',
      retriable: false,
      written: 'no',
      details: { limit_bytes: BODY_BYTES_MAX },
    });
  });
});

describe('an unexpected failure', () => {
  test('is a 500 whose stack stands in the log and not in the answer', async () => {
    const lines: LogFacts[] = [];
    const log: Log = { ...silentLog, error: (facts) => void lines.push(facts) };
    const { app } = testApp({
      log,
      routes: (it) => {
        it.post('/boom/:name', () => {
          throw new TypeError('the secret path /home/x');
        });
      },
    });
    const answer = await app.inject({ method: 'POST', url: '/boom/alice' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      error_code: 50002,
      message: 'the server failed unexpectedly; its log says more',
      code: 'UNKNOWN_SERVER_ERROR',
      retriable: false,
      written: 'unknown',
    });
    expect(lines).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '/boom/:name',
        err: expect.objectContaining({ stack: expect.stringContaining('secret path') }),
      }),
    ]);
  });

  test('so is something thrown that is no Error at all', async () => {
    const { app } = testApp({
      routes: (it) => {
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is what is tested
        it.get('/boom', () => Promise.reject(undefined));
      },
    });
    expect((await app.inject('/boom')).statusCode).toBe(500);
  });
});

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
    const refused = await app.inject({ method: 'POST', url: '/topics/a' });
    expect(refused.statusCode === 503 || refused.statusCode === 405).toBe(true);
    const answer = await app.inject('/topics');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });
    expect(answer.json()).toMatchObject({ code: 'SHUTTING_DOWN', retriable: true });
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    expect((await app.inject('/health/ready')).statusCode).toBe(503);
  });
});
