import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/model/errors.ts';
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

describe('an operating error', () => {
  const failing = (error: MillraceError) =>
    testApp({
      routes: (it) => {
        it.get('/fails', () => {
          throw error;
        });
      },
    }).app;

  test('has the status of its code, and its cause stays inside', async () => {
    const error = new MillraceError('KAFKA_STORAGE_ERROR', 'partition 3 is offline', {
      details: { partition: 3 },
      cause: new Error('EIO at /data/secret'),
    });
    const answer = await failing(error).inject('/fails');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      error_code: 50300,
      message: 'partition 3 is offline',
      code: 'KAFKA_STORAGE_ERROR',
      retriable: false,
      details: { partition: 3 },
    });
  });

  test.each([
    ['THROTTLING_QUOTA_EXCEEDED', true, '1'],
    ['KAFKA_STORAGE_ERROR', true, '1'],
    ['KAFKA_STORAGE_ERROR', false, undefined],
    ['DISK_FULL', true, undefined],
  ] as const)('%s, retriable %s, has Retry-After %s', async (code, retriable, expected) => {
    const answer = await failing(new MillraceError(code, 'x', { retriable })).inject('/fails');
    expect(answer.headers['retry-after']).toBe(expected);
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
        it.get('/null', () => {
          // oxlint-disable-next-line typescript/only-throw-error -- it is what is tested
          throw null;
        });
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- it is what is tested
        it.get('/boom', () => Promise.reject(undefined));
      },
    });
    for (const url of ['/boom', '/null']) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.json().code], url).toEqual([500, 'UNKNOWN_SERVER_ERROR']);
    }
  });
});
