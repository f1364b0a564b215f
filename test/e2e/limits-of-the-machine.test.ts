/** Descriptors that are few, or run out. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findingsOf } from '../support/history-checker.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('1,000 partitions open and serve with 1,024 descriptors', async () => {
  const directory = await temporaryDirectory();
  const limit = { shellPrefix: 'ulimit -n 1024' };
  const first = await startServerProcess(directory, limit);
  const topic = `${first.url}/topics/wide`;
  expect((await put(topic, { partitions: 1000 })).status).toBe(201);
  const records = Array.from({ length: 1000 }, (_, partition) => ({ value: partition, partition }));
  expect((await post(topic, { records })).status).toBe(200);
  await first.stop('SIGKILL');

  const second = await startServerProcess(directory, limit);
  expect((await post(`${second.url}/topics/wide`, { records })).status).toBe(200);
  for (const partition of [0, 1, 511, 998, 999]) {
    expect(await countRecords(`${second.url}/topics/wide/partitions/${partition}`)).toBe(2);
  }
  expect(await second.stop()).toBe(0);
});

test('when descriptors run out connections are refused and files wait; nothing acknowledged is lost, and it recovers', async () => {
  const directory = await temporaryDirectory();
  const server = await startServerProcess(directory, { shellPrefix: 'ulimit -n 80' });
  const history = new History();
  const client = new NotedClient(history, 'client');
  client.url = server.url;
  const place = (partition: number) => ({ topic: 'wide', topicId: '', partition });
  expect((await put(`${server.url}/topics/wide`, { partitions: 100 })).status).toBe(201);
  await client.produce(place(0), ['before']);

  const crowd = await Promise.all(Array.from({ length: 100 }, () => idle(server)));
  expect(crowd.filter(({ isLetIn }) => !isLetIn).length).toBeGreaterThan(0);
  // The connection that produced before is still there, and these partitions have no open file yet.
  for (let partition = 0; partition < 100; partition += 1) {
    await client.produce(place(partition), [`crowded ${partition}`]);
  }
  for (const { socket } of crowd) socket.destroy();
  for (let partition = 0; partition < 100; partition += 1) {
    while ((await client.produce(place(partition), [`after ${partition}`]))?.kind !== 'produced');
  }
  expect(await server.stop()).toBe(0);
  history.endLife('SIGTERM');

  const next = await startServerProcess(directory);
  client.url = next.url;
  for (let partition = 0; partition < 100; partition += 1) await client.fetch(place(partition), 0);
  expect(await next.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

/** A connection that is kept open, if it is answered at all. */
async function idle({ url }: ServerProcess): Promise<{ socket: Socket; isLetIn: boolean }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const closed = new Promise<boolean>((resolve) => {
    socket.on('error', () => {}).on('close', () => resolve(false));
  });
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const answered = once(socket, 'data').then(
    () => true,
    () => false,
  );
  return { socket, isLetIn: await Promise.race([answered, closed]) };
}

function send(method: string, url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(url, { method, headers, body: JSON.stringify(body) });
}

function post(url: string, body: unknown): Promise<Response> {
  return send('POST', url, body);
}

function put(url: string, body: unknown): Promise<Response> {
  return send('PUT', url, body);
}

async function countRecords(partition: string): Promise<number> {
  const answer = await fetch(`${partition}/records?max_bytes=67108864`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { records: unknown[] }).records.length;
}
