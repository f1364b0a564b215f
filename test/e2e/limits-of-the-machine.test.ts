/** A disk that fills up and descriptors that run out, for real where the machine allows it. */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory, temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const smallDisk = await temporaryDirectoryForFile();
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', smallDisk]);
const canMount = mounted.status === 0;

afterAll(() => {
  if (canMount) spawnSync('umount', ['-l', smallDisk]);
});

test.skipIf(!canMount)(
  'a full disk answers 507 and written no, serves reads, and heals when there is room',
  async () => {
    const ballast = `${smallDisk}/ballast`;
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1024', 'count=2048']);
    const server = await startServerProcess(`${smallDisk}/data`);
    const record = { value: 'x'.repeat(100_000) };
    let stored = 0;
    let refusal: Response | undefined;
    while (refusal === undefined && stored < 100) {
      const answer = await post(`${server.url}/topics/full`, { records: [record] });
      if (answer.status === 200) stored += 1;
      else refusal = answer;
    }
    expect(stored).toBeGreaterThan(5);
    expect(refusal?.status).toBe(507);
    expect(await refusal?.json()).toMatchObject({
      code: 'DISK_FULL',
      written: 'no',
      retriable: true,
    });
    expect(await countRecords(`${server.url}/topics/full/partitions/0`)).toBe(stored);

    await rm(ballast);
    const healed = await post(`${server.url}/topics/full`, { records: [record] });
    expect(healed.status).toBe(200);
    expect(await healed.json()).toMatchObject({ offsets: [{ partition: 0, offset: stored }] });
    expect(await countRecords(`${server.url}/topics/full/partitions/0`)).toBe(stored + 1);
    expect(await server.stop()).toBe(0);
  },
);

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
