import { expect, it, onTestFinished } from 'vitest';
import { KeepAlive } from '../../src/client/keep-alive.ts';
import { ServerError, UnreachableError } from '../../src/client/server-error.ts';
import { cut, deadAddress, fakeServer, refusal } from '../support/fake-server.ts';

function keepAlive(base: string, connections = 1): KeepAlive {
  const client = new KeepAlive(base, connections);
  onTestFinished(() => client.close());
  return client;
}

it('sends body and headers, over the same connection again', async () => {
  const ports = new Set<number | undefined>();
  const server = await fakeServer((response, request) => {
    ports.add(request.socket.remotePort);
    response.writeHead(request.headers['x-a'] === 'y' ? 200 : 500).end('{}');
  });
  const client = keepAlive(server.url);
  await client.post('/a', '{"é":1}', { 'x-a': 'y' });
  await client.post('/b', '{}', { 'x-a': 'y' });
  expect(server.requests).toEqual(['POST /a {"é":1}', 'POST /b {}']);
  expect(ports.size).toBe(1);
});

it('keeps the path of a server behind a proxy', async () => {
  const server = await fakeServer((response) => void response.end());
  await keepAlive(`${server.url}/millrace`).post('/a', '', {});
  expect(server.requests).toEqual(['POST /millrace/a']);
});

it('rejects with what the server says', async () => {
  const server = await fakeServer(refusal(507, 'DISK_FULL', { written: 'no', retriable: true }));
  const error = await keepAlive(server.url)
    .post('/a', '{}', {})
    .catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ServerError);
  expect(error).toMatchObject({ code: 'DISK_FULL', written: 'no' });
});

it('tells a connection that broke from one that never stood', async () => {
  const server = await fakeServer(cut);
  const broken = keepAlive(server.url).post('/a', '{}', {});
  await expect(broken).rejects.toMatchObject({ mayHaveArrived: true });
  const dead = keepAlive(await deadAddress()).post('/a', '{}', {});
  await expect(dead).rejects.toBeInstanceOf(UnreachableError);
  await expect(dead).rejects.toMatchObject({ mayHaveArrived: false });
});

it('rejects when the answer breaks off', async () => {
  const server = await fakeServer((response) => {
    response.writeHead(200, { 'content-length': 10 });
    response.write('{', () => response.destroy());
  });
  const broken = keepAlive(server.url).post('/a', '{}', {});
  await expect(broken).rejects.toMatchObject({ mayHaveArrived: true });
});
