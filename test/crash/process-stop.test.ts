/**
 * The stop in order where the clients do not help: it ends nevertheless, with 0, and nothing that
 * was acknowledged is lost. It has to wait for them as long as any stop does, so it is tried here.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { findingsOf } from '../support/history-checker.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import { slowSyncs } from '../support/preloads.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PLACE = { topic: 't', topicId: 't', partition: 0 };

test('neither stalled clients nor a slow disk keep the server from stopping in order', async () => {
  const directory = await temporaryDirectory();
  const history = new History();
  const filling = await startServerProcess(directory);
  const filler = clientOf(filling, history, 'filler');
  for (let count = 0; count < 24; count += 1) {
    await filler.produce(PLACE, [`${count}: ${'x'.repeat(1_000_000)}`]);
  }
  expect(await filling.stop()).toBe(0);
  history.endLife('SIGTERM');

  const server = await startServerProcess(directory, { nodeArgs: slowSyncs(200) });
  const read =
    'GET /topics/t/partitions/0/records?max_bytes=67108864 HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const produce =
    'POST /topics/t HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  await Promise.all([
    // Begin an answer of 24 MB and take nothing more of it; more of them would be refused.
    ...Array.from({ length: 2 }, () => stalled(server, read)),
    // Half a body, and half the headers.
    stalled(server, `${produce}Expect: 100-continue\r\nContent-Length: 100\r\n\r\n`, '{"records"'),
    stalled(server, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', produce),
  ]);
  let acknowledged = 0;
  const writers = Array.from({ length: 16 }, async (_, index) => {
    const client = clientOf(server, history, `writer ${index}`);
    for (let count = 0; ; count += 1) {
      const answer = await client.produce(PLACE, [`${index}: ${count}`]);
      if (answer?.kind !== 'produced') return;
      acknowledged += 1;
      if (acknowledged === 50 || acknowledged === 55) void server.stop('SIGTERM');
    }
  });
  await Promise.all(writers);
  expect(await server.exited).toBe(0);
  tally('stalled clients at a stop', 4);
  history.endLife('SIGTERM');

  const again = await startServerProcess(directory);
  const reader = clientOf(again, history, 'reader');
  for (let offset = 0; ;) {
    const answer = await reader.fetch(PLACE, offset);
    if (answer?.kind !== 'fetched') throw new Error(JSON.stringify(answer));
    offset += answer.records.length;
    if (answer.records.length === 0) break;
  }
  expect(await again.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

function clientOf({ url }: ServerProcess, history: History, name: string): NotedClient {
  const client = new NotedClient(history, name);
  client.url = url;
  return client;
}

/** Sends `first`, waits for the first bytes of an answer, sends `then`, and does nothing more. */
async function stalled({ url }: ServerProcess, first: string, then = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}); // It is cut in the end.
  socket.write(first);
  await once(socket, 'readable');
  expect(String(socket.read(15))).toMatch(/^HTTP\/1.1 [12]00/);
  socket.write(then);
  return socket;
}
