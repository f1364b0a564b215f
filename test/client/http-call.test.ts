import { expect, it } from 'vitest';
import { callServer, parseAnswer, streamFromServer } from '../../src/client/http-call.ts';
import type { Call } from '../../src/client/http-call.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import type { FakeServer } from '../support/fake-server.ts';
import { cut, deadAddress, fakeServer, json, refusal } from '../support/fake-server.ts';

function callOf({ url }: Pick<FakeServer, 'url'>, more: Partial<Call> = {}): Call {
  return { method: 'GET', base: url, path: '/a', ...more };
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );
}

async function streamed(call: Call): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamFromServer(call)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('sends a body as JSON and answers with status and text', async () => {
  const server = await fakeServer((response, request) => {
    response
      .writeHead(201)
      .end(`${request.headers['content-type']} ${String(request.headers['x-a'])}`);
  });
  const call = callOf(server, { method: 'PUT', body: { b: [1] }, headers: { 'x-a': 'y' } });
  expect(await callServer(call)).toEqual({ status: 201, text: 'application/json y' });
  expect(server.requests).toEqual(['PUT /a {"b":[1]}']);
});

it('gives a refusal with what the server says of it', async () => {
  const server = await fakeServer(refusal(429, 'THROTTLED', { retriable: true, written: 'no' }));
  for (const attempt of [callServer(callOf(server)), streamed(callOf(server))]) {
    const error = await failureOf(attempt);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: 'THROTTLED', retriable: true, written: 'no' });
  }
});

it.each([
  ['a page of HTML', '<html>not found</html>'],
  ['JSON of another kind', '{"error": "x"}'],
  ['broken JSON', '{"error": '],
  ['nothing', ''],
])('calls %s the answer of another server', async (_, text) => {
  const server = await fakeServer((response) => void response.writeHead(404).end(text));
  expect(await failureOf(callServer(callOf(server)))).toMatchObject({
    code: 'NOT_MILLRACE',
    message: expect.stringContaining(server.url) as string,
  });
});

it('knows that nothing arrived where nothing listens', async () => {
  const error = await failureOf(callServer(callOf({ url: await deadAddress() })));
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ mayHaveArrived: false });
});

it('does not know it of a connection that is cut', async () => {
  const server = await fakeServer(cut);
  const error = await failureOf(callServer(callOf(server, { method: 'POST', body: {} })));
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ mayHaveArrived: true });
});

it('notices an answer that breaks off', async () => {
  const server = await fakeServer((response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('12345', () => response.destroy());
  });
  expect(await failureOf(callServer(callOf(server)))).toBeInstanceOf(UnreachableError);
  expect(await failureOf(streamed(callOf(server)))).toBeInstanceOf(UnreachableError);
});

it('streams what came before the end', async () => {
  const server = await fakeServer((response) => {
    response.write('one ');
    response.end('two');
  });
  expect(await streamed(callOf(server))).toBe('one two');
});

it('throws the reason of a signal that fired', async () => {
  const server = await fakeServer((response) => void response.write('open'));
  const ending = new AbortController();
  const call = callOf(server, { signal: ending.signal });
  const reason = new Error('enough');
  const stream = streamFromServer(call);
  await stream.next();
  const pending = failureOf(stream.next());
  const called = failureOf(callServer(call));
  ending.abort(reason);
  expect(await pending).toBe(reason);
  expect(await called).toBe(reason);
});

it('closes the connection when its reader leaves', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const server = await fakeServer((response) => {
    response.on('close', resolve);
    response.write('open');
  });
  for await (const chunk of streamFromServer(callOf(server))) {
    expect(Buffer.from(chunk).toString()).toBe('open');
    break;
  }
  await closed;
});

it('leaves mistakes of the program alone', async () => {
  const server = await fakeServer(json(200, {}));
  const call = callOf(server, { headers: { 'bad name': 'x' } });
  expect(await failureOf(callServer(call))).not.toBeInstanceOf(UnreachableError);
});

it('parses what a server says, and wonders when it is no JSON', () => {
  expect(parseAnswer('http://a', '[1]')).toEqual([1]);
  expect(() => parseAnswer('http://a', '<p>')).toThrow('http://a sent an answer that is no JSON');
});
