/** The stop in order: what it answers to whom, and that nothing acknowledged is lost by it. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findingsOf } from '../support/history-checker.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import { signalAtFileCalls } from '../support/preloads.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const POLLS = 100;
const STOPPING = '"code":"SHUTTING_DOWN","retriable":true';

test('everybody who waits gets an answer, idle connections end, and the exit code is 0', async () => {
  const server = await startServerProcess(await temporaryDirectory());
  const ask = (method: string, path: string, body?: object, type = 'application/json') =>
    fetch(`${server.url}${path}`, {
      method,
      headers: { ...(body && { 'content-type': type }), accept: type },
      ...(body && { body: JSON.stringify(body) }),
    });
  const join = (group: string) =>
    ask('POST', `/groups/${group}/members`, { topics: ['quiet'], session_timeout_ms: 60_000 });
  const joined = async (group: string): Promise<Joined> =>
    (await (await join(group)).json()) as Joined;
  await ask('PUT', '/topics/quiet', { partitions: 1 });
  const [reading, streaming] = await Promise.all([joined('reads'), joined('streams')]);
  await joined('rebalances');
  const v2 = 'application/vnd.kafka.v2+json';
  await ask('POST', '/consumers/v2', { name: 'i', format: 'json' }, v2);
  await ask('POST', '/consumers/v2/instances/i/subscription', { topics: ['quiet'] }, v2);
  const idle = await Promise.all(Array.from({ length: 10 }, () => idleConnection(server)));

  const records = '/topics/quiet/partitions/0/records';
  const polls = Array.from({ length: POLLS }, () => ask('GET', `${records}?timeout=60000`));
  const answers = {
    stream: ask('GET', `${records}?follow=true`, undefined, 'application/x-ndjson'),
    events: ask('GET', records, undefined, 'text/event-stream'),
    memberEvents: ask(
      'GET',
      `/groups/streams/members/${streaming.member_id}/records?generation=${streaming.generation}`,
      undefined,
      'text/event-stream',
    ),
    join: join('rebalances'),
    memberRead: ask('POST', `/groups/reads/members/${reading.member_id}/fetch`, {
      generation: reading.generation,
      cursor: reading.cursor,
      timeout_ms: 60_000,
    }),
    v2: ask(
      'GET',
      '/consumers/v2/instances/i/records?timeout=60000',
      undefined,
      v2.replace('v2', 'json.v2'),
    ),
  };
  await untilMetric(server, 'parked_fetches', POLLS + 5);
  await untilMetric(server, 'parked_joins', 1);

  const exited = server.stop();
  for (const poll of await Promise.all(polls)) {
    expect([poll.status, poll.headers.get('connection')]).toEqual([200, 'close']);
    expect(await poll.json()).toMatchObject({ records: [], next_offset: 0 });
  }
  const texts: Record<string, string> = {};
  for (const [name, answer] of Object.entries(answers)) {
    texts[name] = `${(await answer).status} ${await (await answer).text()}`;
  }
  expect(texts).toEqual({
    stream: expect.stringMatching(`^200 {"error":{.*${STOPPING}}}\n$`),
    events: expect.stringMatching(`^200 event: error\ndata: {.*${STOPPING}}\n\n$`),
    memberEvents: expect.stringMatching(`^200 event: error\ndata: {.*${STOPPING}}\n\n$`),
    join: expect.stringMatching(`^503 {.*${STOPPING}}$`),
    memberRead: expect.stringMatching('^200 {"records":\\[\\],"cursor":"'),
    v2: '200 []',
  });
  await Promise.all(idle.map(({ closed }) => closed));
  expect(await exited).toBe(0);
});

test('a request still coming in is waited for and carried out; nobody else is let in; further signals change nothing', async () => {
  const directory = await temporaryDirectory();
  const server = await startServerProcess(directory);
  const body = JSON.stringify({ records: [{ value: 'late' }] });
  const late = connection(server);
  const head = `POST /topics/t HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  late.write(`${head}Content-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`);
  const [asked] = (await once(late, 'data')) as [Buffer];
  expect(asked.toString()).toContain('100 Continue');
  const exited = server.stop();
  while (await isLetIn(server));
  process.kill(server.pid, 'SIGTERM');
  process.kill(server.pid, 'SIGINT');
  expect(await isLetIn(server)).toBe(false);
  late.write(body);
  const [answer] = (await once(late, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200 [^]*connection: close[^]*"offset":0/i);
  expect(await exited).toBe(0);
  expect(await valuesAfterRestart(directory)).toEqual(['late']);
});

test('in the middle of produces it loses nothing that was acknowledged and keeps nothing refused', async () => {
  const directory = await temporaryDirectory();
  const history = new History();
  const server = await startServerProcess(directory);
  const place = { topic: 't', topicId: 't', partition: 0 };
  let acknowledged = 0;
  await Promise.all(
    Array.from({ length: 16 }, async (_, index) => {
      const client = new NotedClient(history, `client ${index}`);
      client.url = server.url;
      for (let count = 0; ; count += 1) {
        const answer = await client.produce(place, [`${index}: ${count}`]);
        if (answer?.kind !== 'produced') return;
        acknowledged += 1;
        if (acknowledged === 300 || acknowledged === 302) void server.stop('SIGTERM');
      }
    }),
  );
  expect(await server.exited).toBe(0);
  history.endLife('SIGTERM');
  const again = await startServerProcess(directory);
  const reader = new NotedClient(history, 'reader');
  reader.url = again.url;
  await reader.fetch(place, 0);
  await again.stop();
  expect(findingsOf(history.entries)).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT'] as const)(
  'signals in the middle of a recovery let it end first: %s',
  async (signal) => {
    const directory = await temporaryDirectory();
    const killed = await startServerProcess(directory);
    const client = new NotedClient(new History(), 'client');
    client.url = killed.url;
    const place = { topic: 't', topicId: 't', partition: 0 };
    for (const text of ['a', 'b', 'c']) await client.produce(place, [text]);
    await killed.stop('SIGKILL');
    const nodeArgs = signalAtFileCalls(signal, { names: ['rename'], counts: [1, 2, 3] });
    const recovering = await startServerProcess(directory, { nodeArgs });
    expect(await recovering.exited).toBe(0);
    expect(recovering.log.map(({ msg }) => msg)).toEqual([
      expect.stringContaining('serves'),
      'stopping',
      'stopped',
    ]);
    expect(await valuesAfterRestart(directory)).toEqual(['a', 'b', 'c']);
  },
);

interface Joined {
  readonly member_id: string;
  readonly generation: number;
  readonly cursor: string;
}

function connection({ url }: ServerProcess): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** One that was answered once and is kept alive. */
async function idleConnection(server: ServerProcess) {
  const socket = connection(server);
  const closed = once(socket, 'close');
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  socket.resume();
  return { closed };
}

async function isLetIn(server: ServerProcess): Promise<boolean> {
  const socket = connection(server);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/) });
    return false;
  } finally {
    socket.destroy();
  }
}

async function untilMetric({ url }: ServerProcess, name: string, value: number): Promise<void> {
  const line = `\nmillrace_${name} ${value}\n`;
  while (!(await (await fetch(`${url}/metrics`)).text()).includes(line));
}

async function valuesAfterRestart(directory: string): Promise<string[]> {
  const server = await startServerProcess(directory);
  const answer = await fetch(`${server.url}/topics/t/partitions/0/records`);
  const { records } = (await answer.json()) as { records: { value: string }[] };
  expect(await server.stop()).toBe(0);
  return records.map(({ value }) => value);
}
