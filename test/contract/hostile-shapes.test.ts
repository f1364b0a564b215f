/**
 * Bytes on a raw connection that are almost HTTP: each must be refused, or be one request and no
 * more, and never let a second request through that the sender had put into the first.
 *
 * The lines that they hang on, such as Node's strict parser in `app.ts` and `badCoding` in
 * `request-hooks.ts`, are taken away one by one by `hostile-controls.ts`.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListeningApp } from '../support/http-app.ts';
import { listeningApp } from '../support/http-app.ts';
import { expectServed, head, hear } from '../support/hostile-peer.ts';

const HOST = 'Host: localhost';
const CLOSE = 'Connection: close';
const CHUNKED = 'Transfer-Encoding: chunked';
const SMUGGLED = head('PUT /topics/smuggled HTTP/1.1', HOST, CLOSE);
const NONE = '0\r\n\r\n';

let server: ListeningApp;
beforeAll(async () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 500, checkIntervalMs: 25 };
  server = await listeningApp({ limits: { ...limits, keepAliveMs: 300 } });
});
afterAll(() => server[Symbol.asyncDispose]());

function post(...lines: readonly string[]): string {
  return head('POST /topics/t HTTP/1.1', HOST, 'Content-Type: text/plain', ...lines);
}

function get(target: string, ...lines: readonly string[]): string {
  return head(`GET ${target} HTTP/1.1`, HOST, CLOSE, ...lines);
}

async function statusesOf(bytes: string): Promise<readonly number[]> {
  const heard = hear(server.port, Buffer.from(bytes, 'latin1'));
  await expectServed(server);
  const { statuses } = await heard;
  const topics = (await server.broker.listTopics()).map(({ name }) => name);
  expect(topics).not.toContain('smuggled');
  return statuses;
}

describe('where a body ends is never a matter of taste', () => {
  test.each([
    ['length and chunks', post('Content-Length: 4', CHUNKED) + NONE],
    ['chunks and length', post(CHUNKED, 'Content-Length: 4') + NONE],
    ['two lengths', post('Content-Length: 4', 'Content-Length: 0')],
    ['the same length twice', `${post('Content-Length: 4', 'Content-Length: 4')}abcd`],
    ['a list of lengths', `${post('Content-Length: 4, 4')}abcd`],
    ['a length with a sign', `${post('Content-Length: +4')}abcd`],
    ['a hexadecimal length', `${post('Content-Length: 0x4')}abcd`],
    ['an empty length', post('Content-Length:')],
    ['a length beyond 2^64', `${post('Content-Length: 99999999999999999999')}abcd`],
    ['an unknown coding', post('Transfer-Encoding: xchunked') + NONE],
    ['chunks not last', post('Transfer-Encoding: chunked, identity') + NONE],
    ['chunks twice', post('Transfer-Encoding: chunked, chunked') + NONE],
    ['two codings in two lines', post(CHUNKED, 'Transfer-Encoding: identity') + NONE],
    ['no coding', post('Transfer-Encoding: identity')],
    ['a space before the colon', post('Transfer-Encoding : chunked') + NONE],
    ['a vertical tab', post('Transfer-Encoding: \x0bchunked') + NONE],
    ['a folded coding', post('Transfer-Encoding:\r\n chunked') + NONE],
    ['a bare LF before a coding', post('X: a\nTransfer-Encoding: chunked') + NONE],
    ['a chunk size of 68 bits', `${post(CHUNKED)}FFFFFFFFFFFFFFFFF\r\nabc\r\n`],
    ['a negative chunk size', `${post(CHUNKED)}-1\r\nabc\r\n`],
    ['a chunk size with 0x', `${post(CHUNKED)}0x3\r\nabc\r\n`],
    ['a chunk longer than it says', `${post(CHUNKED)}3\r\nabcd\r\n${NONE}`],
    ['chunks ended by bare LF', `${post(CHUNKED)}3\nabc\n0\n\n`],
    ['a bare LF in a chunk extension', `${post(CHUNKED)}3;a\nb\r\nabc\r\n${NONE}`],
    ['a length in a trailer', `${post(CHUNKED)}3\r\nabc\r\n0\r\nContent-Length: 50\r\n\r\n`],
  ])('%s', async (_, bytes) => {
    expect(await statusesOf(bytes + SMUGGLED)).toEqual([400]);
  });

  test.each([
    ['a chunk extension of 20 kB', `${post(CHUNKED)}3;${'a'.repeat(20_000)}\r\nabc\r\n`, 413],
    ['a trailer of 20 kB', `${post(CHUNKED)}0\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['a chunk that never ends', `${post(CHUNKED)}FFFFFFFFFFFFFFF\r\n`, 408],
  ])('%s', async (_, bytes, status) => {
    expect(await statusesOf(bytes)).toEqual([status]);
  });
});

describe('lines that others read otherwise are refused', () => {
  test.each([
    ['a folded header', get('/topics', 'X: a', ' b')],
    ['a header folded into the first line', head('GET / HTTP/1.1', ' X: a', HOST)],
    ['a bare CR', get('/topics', 'X: a\rb')],
    ['bare LFs', `GET / HTTP/1.1\n${HOST}\n\n`],
    ['a NUL in a value', get('/topics', 'X: a\0b')],
    ['a NUL in a name', get('/topics', 'X\0: a')],
    ['an empty name', get('/topics', ': a')],
    ['a control character in the path', get('/\x01')],
    ['a raw byte in the path', get('/topics/\xe4')],
    ['a space in the path', get('/a b')],
    ['no path', get('')],
    ['a path without its slash', get('topics')],
    ['a method in lower case', head('get / HTTP/1.1', HOST)],
    ['HTTP/1.2', head('GET / HTTP/1.2', HOST)],
    ['HTTP/0.9 with a line more', 'GET /topics\r\n\r\n'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'],
    ['the hello of TLS', '\x16\x03\x01\0\xa5\x01\0\0\xa1\x03\x03'],
  ])('%s', async (_, bytes) => {
    expect(await statusesOf(bytes)).toEqual([400]);
  });

  test('a name that is no loopback one, however it is put', async () => {
    for (const host of [
      'localhost, evil',
      'evil@localhost',
      'localhost:99999',
      '',
      'a.'.repeat(5_000),
    ]) {
      expect(await statusesOf(head('GET / HTTP/1.1', `Host: ${host}`, CLOSE)), host).toEqual([403]);
    }
  });
});

describe('what is unusual and clear is one request', () => {
  test.each([
    ['an absolute target', get('http://localhost/topics'), 200],
    ['empty lines before it', `\r\n\r\n${get('/topics')}`, 200],
    ['dots in the path', get('/topics/../../etc'), 404],
    ['encoded dots and slashes', get('/topics/..%2f..%2fetc'), 404],
    ['a coding before chunks', post('Transfer-Encoding: gzip, chunked', CLOSE) + NONE, 400],
    ['OPTIONS of everything', head('OPTIONS * HTTP/1.1', HOST, CLOSE), 204],
    ['a method that no route takes', head('TRACE / HTTP/1.1', HOST, CLOSE), 405],
    ['an upgrade that is not offered', get('/topics', 'Connection: Upgrade', 'Upgrade: h2c'), 200],
  ])('%s', async (_, bytes, status) => {
    expect(await statusesOf(bytes)).toEqual([status]);
  });

  test('a tunnel is closed without a word, HTTP/0.9 when its time is over', async () => {
    expect(await statusesOf(head('CONNECT localhost:80 HTTP/1.1', HOST))).toEqual([]);
    expect(await statusesOf('GET /\r\n')).toEqual([408]);
  });
});

describe('a Content-Type that is hard to read', () => {
  const BODY = '{"records":[]}';
  const sent = (...types: readonly string[]): string =>
    head(
      ...['POST /topics/t HTTP/1.1', HOST, CLOSE, `Content-Length: ${BODY.length}`],
      ...types.map((type) => `Content-Type:${type}`),
    ) + BODY;

  // 422 is JSON's answer to this body: it was read as JSON, and checked.
  test.each([
    [' application/json', 422],
    ['\t application/json \t', 422],
    ['application/JSON;charset=UTF-8', 422],
    ['application/json ;charset="utf-8"', 422],
    ['application/json;', 422],
    ['application/json; charset=utf-16', 415],
    ['', 415],
    ['application', 415],
    ['/', 415],
    ['application/json\ttext/plain', 415],
    ['application/json text/plain', 415],
    ['application/json, text/plain', 415],
    ['multipart/form-data; boundary=x', 415],
    ['APPLICATION/X-WWW-FORM-URLENCODED', 415],
    ['application/vnd.kafka.avro.v2+json', 415],
  ])('%j is %d', async (type, status) => {
    expect(await statusesOf(sent(type))).toEqual([status]);
  });

  test('of two the first counts', async () => {
    expect(await statusesOf(sent('application/json', 'text/plain'))).toEqual([422]);
  });
});
