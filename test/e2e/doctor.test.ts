/** The way of an operator: a server says that something is damaged, the doctor explains and repairs. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFlippedBit } from '../support/batches.ts';
import { startMillrace } from '../support/cli-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SMALL = { 'segment.bytes': '14000' };
const COUNT = 12;
/** Three of these make a segment. */
const VALUE = 'x'.repeat(4_000);

test('a spoiled partition is told, explained, repaired, and serves again', async () => {
  const directory = await temporaryDirectory();
  const first = await startServerProcess(directory);
  await request(first, 'PUT', '/topics/orders', { configs: SMALL });
  for (let at = 0; at < COUNT; at += 1) expect(await produce(first, 'orders')).toBe(200);
  expect(await doctor(directory)).toMatchObject({ code: 3 });
  expect(await first.stop()).toBe(0);

  const spoiled = await spoil(directory);
  const second = await startServerProcess(directory);
  // The start reads no closed segment: the reader meets it, and then every start knows.
  expect((await read(second, 0)).status).toBe(503);
  expect(await produce(second, 'orders')).toBe(503);
  expect(await produce(second, 'another')).toBe(200);
  await second.stop();
  const third = await startServerProcess(directory);
  expect(await notOnline(third)).toMatchObject([
    { topic: 'orders', partition: 0, reason: expect.stringContaining(spoiled) as string },
  ]);
  await third.stop();

  const explained = await doctor(directory);
  expect(explained.code).toBe(1);
  expect(explained.out).toContain(`damage: ${spoiled} at position 0: crc should be`);
  expect(explained.out).toMatch(/records affected: 0\n[^]*next start: offline/);
  const repaired = await doctor(directory, '--repair');
  expect(repaired.out).toContain('lost are the offsets 0\n');
  expect(await doctor(directory)).toMatchObject({ code: 0 });

  const fourth = await startServerProcess(directory);
  expect(await notOnline(fourth)).toEqual([]);
  // An answer ends with its segment.
  const offsets: number[] = [];
  for (let at = 1; at < COUNT; at = (offsets.at(-1) as number) + 1) {
    offsets.push(...(await read(fourth, at)).offsets);
  }
  expect(offsets).toEqual(Array.from({ length: COUNT - 1 }, (_, at) => at + 1));
  expect(await produce(fourth, 'orders')).toBe(200);
  expect((await read(fourth, COUNT)).offsets).toEqual([COUNT]);
  expect(await fourth.stop()).toBe(0);
});

/** A bit of the first record; answers the file. */
async function spoil(directory: string): Promise<string> {
  const [id = ''] = await readdir(join(directory, 'topics'));
  const path = join(directory, 'topics', id, '0', '00000000000000000000.log');
  await writeFile(path, withFlippedBit(await readFile(path), 200));
  return path;
}

async function notOnline({ url }: ServerProcess): Promise<unknown> {
  const answer = await fetch(`${url}/health/ready`);
  return ((await answer.json()) as { not_online: unknown }).not_online;
}

async function doctor(directory: string, ...args: string[]) {
  return startMillrace(['doctor', directory, ...args]).ended;
}

async function produce(server: ServerProcess, topic: string): Promise<number> {
  return (await request(server, 'POST', `/topics/${topic}`, { records: [{ value: VALUE }] }))
    .status;
}

async function read(server: ServerProcess, offset: number) {
  const path = `/topics/orders/partitions/0/records?offset=${offset}&max_records=1000`;
  const answer = await fetch(`${server.url}${path}`);
  const { records = [] } = (await answer.json()) as { records?: { offset: number }[] };
  return { status: answer.status, offsets: records.map((record) => record.offset) };
}

function request({ url }: ServerProcess, method: string, path: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
}
