import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../src/model/limits.ts';
import { listeningApp, parseAnswers, sendRaw, testApp } from '../support/http-app.ts';

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

test('a body that comes in pieces is put together', async () => {
  await using server = await listeningApp({
    routes: (it) => {
      it.post('/echo', (request) => String(request.body));
    },
  });
  const socket = connect(server.port, '127.0.0.1');
  const head = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
  socket.write(`${head}Content-Length: 6\r\nExpect: 100-continue\r\n\r\n`);
  // The invitation shows that the head was taken alone; what is written now is another read.
  await once(socket, 'data');
  socket.write('abc');
  await new Promise((resolve) => setImmediate(resolve));
  socket.write('def');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/abcdef$/);
  socket.destroy();
});

test('a chunked body of unknown length is held to the limit as it comes', async () => {
  await using server = await listeningApp({ settings: { bodyBytesMax: 5 } });
  const post = (chunks: string) =>
    sendRaw(
      server.port,
      `POST /topics/a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
  expect(parseAnswers(await post('3\r\nabc\r\n2\r\nde\r\n'))[0]?.status).toBe(200);
  const [refused] = parseAnswers(await post('3\r\nabc\r\n3\r\ndef\r\n'));
  expect(refused?.status).toBe(413);
  expect(JSON.parse(refused?.body ?? '')).toMatchObject({ code: 'BODY_TOO_LARGE', written: 'no' });
});
