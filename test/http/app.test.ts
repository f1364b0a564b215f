import { describe, expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../src/model/limits.ts';
import { testApp } from '../support/http-app.ts';

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
