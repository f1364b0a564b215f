/** A disk that hangs in a sync: what the server still does, and what it gathers meanwhile. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PRODUCE_IN_FLIGHT_BYTES_MAX } from '../../src/model/limits.ts';
import { holdSyncsWhile } from '../support/preloads.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PRODUCERS = 100;

test('while a sync hangs health and reads are answered, produces gather, and overload is refused early', async () => {
  const directory = await temporaryDirectory();
  const flag = join(directory, 'hang');
  const server = await startServerProcess(directory, { nodeArgs: holdSyncsWhile(flag) });
  const stored = await produce(server, 'x'.repeat(100));
  expect(stored.status).toBe(200);
  const flushesBefore = await metric(server, 'flushes_total');

  await writeFile(flag, '');
  const waiting = [produce(server, 'x'.repeat(100))];
  const bytesOfOne = await untilMetric(server, 'produce_in_flight_bytes', (value) => value > 0);
  for (let count = 1; count < PRODUCERS; count += 1) {
    waiting.push(produce(server, 'x'.repeat(100)));
  }
  await untilMetric(server, 'produce_in_flight_bytes', (value) => value >= PRODUCERS * bytesOfOne);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  // What is not durable is shown to nobody.
  expect(await countRecords(server)).toBe(1);

  const large = Array.from({ length: 80 }, () => produce(server, 'y'.repeat(1_000_000)));
  const refused = await Promise.race(large);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    code: 'THROTTLING_QUOTA_EXCEEDED',
    written: 'no',
    retriable: true,
  });
  const inFlight = await metric(server, 'produce_in_flight_bytes');
  expect(inFlight).toBeLessThanOrEqual(PRODUCE_IN_FLIGHT_BYTES_MAX);
  expect(await countRecords(server)).toBe(1);

  await rm(flag);
  for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(200);
  const statuses = (await Promise.all(large)).map(({ status }) => status);
  const accepted = statuses.filter((status) => status === 200).length;
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  // One that was at the disk, one with all that came meanwhile; the large ones as far as a flush holds.
  const flushes = (await metric(server, 'flushes_total')) - flushesBefore;
  expect(flushes).toBeLessThanOrEqual(2 + Math.ceil(accepted / 8));
  expect(await countRecords(server)).toBe(1 + PRODUCERS + accepted);
  expect(await server.stop()).toBe(0);
});

function produce({ url }: ServerProcess, value: string): Promise<Response> {
  return fetch(`${url}/topics/t`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ records: [{ value }] }),
  });
}

async function countRecords({ url }: ServerProcess): Promise<number> {
  const answer = await fetch(`${url}/topics/t/partitions/0/records?max_records=1`);
  const { high_watermark: count } = (await answer.json()) as { high_watermark: number };
  return count;
}

async function metric({ url }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^millrace_${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

async function untilMetric(
  server: ServerProcess,
  name: string,
  isDue: (value: number) => boolean,
): Promise<number> {
  for (;;) {
    const value = await metric(server, name);
    if (isDue(value)) return value;
  }
}
