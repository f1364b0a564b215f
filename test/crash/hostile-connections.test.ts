/**
 * A real server among peers that mean it no good: thousands of connections opened and left, cut
 * requests, bombs by the dozen. Whoever behaves is served meanwhile, and memory stays where it was:
 * by the same lines as in process, which `hostile-controls.ts` takes away there.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { encodedBatch, textRecord } from '../support/batches.ts';
import { tally } from '../support/campaign-tally.ts';
import { expectServed, head, hear, leaveOpen } from '../support/hostile-peer.ts';
import { bombs } from '../support/http-bombs.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Two processes' sockets; most machines allow 1,024 descriptors or more than these. */
const DESCRIPTORS = Number(
  /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024,
);
const CONNECTIONS = Math.min(10_000, DESCRIPTORS - 500);

function portOf({ url }: ServerProcess): number {
  return Number(new URL(url).port);
}

function residentMiB({ pid }: ServerProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

test(`${CONNECTIONS} connections are opened and left; whoever has one is served`, async () => {
  const server = await startServerProcess(await temporaryDirectory());
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (): Promise<number | undefined> => {
    const asking = request(`${server.url}/topics`, { agent }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    return answer.statusCode;
  };
  expect(await ask()).toBe(200);
  for (let opened = 0; opened < CONNECTIONS; opened += 1_000) {
    const some = Math.min(1_000, CONNECTIONS - opened);
    await leaveOpen(portOf(server), some, opened % 2_000 === 0 ? 'GET / HT' : '');
    tally('hostile connections', some);
    expect(await ask()).toBe(200);
  }
  expect(residentMiB(server)).toBeLessThan(600);
  agent.destroy();
  // Their time is over at last, and new ones find a place.
  await expectServedSoon(server);
  expect(await server.stop()).toBe(0);
});

/** The limit of headers is 15 s: until then the one connection above all may be refused. */
async function expectServedSoon(server: ServerProcess): Promise<void> {
  for (;;) {
    try {
      const { status } = await fetch(`${server.url}/topics`, { headers: { connection: 'close' } });
      if (status === 200) return await expectServed(server);
      expect(status).toBe(503);
    } catch (error) {
      // Closed without a word above the ones that are told.
      expect(error).toBeInstanceOf(TypeError);
    }
  }
}

test('requests cut at every byte, dozens of times over, leave no record', async () => {
  const server = await startServerProcess(await temporaryDirectory());
  const body = encodedBatch([textRecord('x')]);
  const type = 'Content-Type: application/vnd.kafka.recordbatch';
  const lines = ['POST /topics/cut/partitions/0 HTTP/1.1', 'Host: localhost', type];
  const whole = Buffer.concat([
    Buffer.from(head(...lines, `Content-Length: ${body.length}`)),
    body,
  ]);
  for (let round = 0; round < 20; round++) {
    const cuts = Array.from({ length: whole.length }, (_, at) => whole.subarray(0, at));
    const heard = cuts.map((cut) => hear(portOf(server), cut, { isLast: true }));
    await expectServed(server);
    for (const { statuses } of await Promise.all(heard)) expect(statuses[0] ?? 400).toBe(400);
    tally('cut requests', cuts.length);
  }
  expect((await fetch(`${server.url}/topics/cut`)).status).toBe(404);
  expect(await server.stop()).toBe(0);
});

test('bombs are taken and shown by dozens at once, and memory has an end', async () => {
  const server = await startServerProcess(await temporaryDirectory());
  const partition = `${server.url}/topics/bombs/partitions/0`;
  const headers = { 'content-type': 'application/vnd.kafka.recordbatch' };
  for (const records of [16, 40, 68]) {
    // Snappy makes of a megabyte 20 at the most: the larger ones are above max.message.bytes.
    for (const { batch } of bombs(records)) {
      const sent = Array.from({ length: 10 }, () =>
        fetch(partition, { method: 'POST', headers, body: batch }),
      );
      for (const { status } of await Promise.all(sent)) expect([200, 413, 422]).toContain(status);
      tally('bombs', sent.length);
    }
    await expectServed(server);
  }
  const reads = Array.from({ length: 40 }, async () => {
    const answer = await fetch(`${partition}/records?format=text&max_records=50`);
    expect([200, 429]).toContain(answer.status);
    await answer.arrayBuffer();
  });
  await expectServed(server);
  await Promise.all(reads);
  expect(residentMiB(server)).toBeLessThan(1_500);
  expect(await server.stop()).toBe(0);
});
