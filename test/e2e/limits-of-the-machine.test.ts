/** Descriptors that are few, or run out. */
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RETENTION_INTERVAL_MS } from '../../src/model/limits.ts';
import { findingsOf } from '../support/history-checker.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import { hurryTimers, noDescriptorFor } from '../support/preloads.ts';
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

test('with 50 descriptors and 150 peers topics are made and records taken; nothing is lost, and it stops in order', async () => {
  const directory = await temporaryDirectory();
  const server = await startServerProcess(directory, { shellPrefix: 'ulimit -n 50' });
  const shares = server.log.find(({ descriptors }) => descriptors === 50);
  expect(shares?.['msg']).toMatch(/^at most \d connections, not 10000: this process may have 50 /);
  const history = new History();
  const client = new NotedClient(history, 'client');
  client.url = server.url;
  const place = (partition: number) => ({ topic: 'wide', topicId: '', partition });
  // What is asked here and below goes by connections that are there before the crowd.
  expect((await put(`${server.url}/topics/wide`, { partitions: 100 })).status).toBe(201);
  expect(await notOnline(server)).toEqual([]);

  const crowd = await Promise.all(Array.from({ length: 150 }, () => idle(server)));
  const letIn = crowd.filter(({ isLetIn }) => isLetIn).length;
  expect(letIn).toBeGreaterThan(0);
  expect(letIn).toBeLessThan(Number(shares?.['connections']));
  // The other face has no place left either.
  await once(connectTo(String(server.log.at(-1)?.['kafka'])), 'close');
  expect((await put(`${server.url}/topics/more`, { partitions: 100 })).status).toBe(201);
  expect(await notOnline(server)).toEqual([]);
  for (let partition = 0; partition < 100; partition += 1) {
    const answer = await client.produce(place(partition), [`crowded ${partition}`]);
    expect(answer?.kind).toBe('produced');
  }
  for (const { socket } of crowd) socket.destroy();
  expect(await server.stop()).toBe(0);
  history.endLife('SIGTERM');

  const next = await startServerProcess(directory);
  client.url = next.url;
  for (let partition = 0; partition < 100; partition += 1) await client.fetch(place(partition), 0);
  expect(await next.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

test.each([
  ['when they are asked for', []],
  ['by themselves', hurryTimers(RETENTION_INTERVAL_MS, 50)],
] as const)(
  'partitions that find no descriptor at the start come back %s, with all that they had',
  async (_, hurry) => {
    const directory = await temporaryDirectory();
    const first = await startServerProcess(directory);
    const topic = '/topics/three';
    expect((await put(`${first.url}${topic}`, { partitions: 3 })).status).toBe(201);
    const records = [0, 1, 2].map((partition) => ({ value: partition, partition }));
    expect((await post(`${first.url}${topic}`, { records })).status).toBe(200);
    await first.stop('SIGKILL');

    const flag = join(directory, 'no-descriptors');
    await writeFile(flag, '');
    const nodeArgs = [...noDescriptorFor('recovery.checkpoint', flag), ...hurry];
    const second = await startServerProcess(directory, { nodeArgs });
    // And the log of the groups.
    expect(await notOnline(second)).toHaveLength(4);
    const refused = await post(`${second.url}${topic}`, { records });
    expect([refused.status, await refused.json()]).toMatchObject([
      503,
      { code: 'KAFKA_STORAGE_ERROR', written: 'no', retriable: true },
    ]);
    await rm(flag);
    const isAsked = hurry.length === 0;
    while ((await notOnline(second)).length > (isAsked ? 1 : 0)) {
      if (!isAsked) continue;
      for (const partition of [0, 1, 2]) {
        await fetch(`${second.url}${topic}/partitions/${partition}/records`);
      }
    }
    expect((await post(`${second.url}${topic}`, { records })).status).toBe(200);
    for (const partition of [0, 1, 2]) {
      expect(await countRecords(`${second.url}${topic}/partitions/${partition}`)).toBe(2);
    }
    expect(await second.stop()).toBe(0);
  },
);

/** A connection that is kept open, if it is answered at all. */
async function idle({ url }: ServerProcess): Promise<{ socket: Socket; isLetIn: boolean }> {
  const socket = connectTo(new URL(url).host);
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const isLetIn = await new Promise<boolean>((resolve) => {
    socket.on('data', (text: Buffer) => resolve(text.toString().startsWith('HTTP/1.1 200')));
    socket.on('close', () => resolve(false));
  });
  return { socket, isLetIn };
}

/** An end by the other side is no error. */
function connectTo(address: string): Socket {
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host).on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function notOnline({ url }: ServerProcess): Promise<unknown[]> {
  const answer = await fetch(`${url}/health/ready`);
  return ((await answer.json()) as { not_online: unknown[] }).not_online;
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
