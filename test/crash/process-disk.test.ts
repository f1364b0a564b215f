/** A real server whose disk is slow, or fails a sync: in its own calls, and in the kernel's. */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { tally } from '../support/campaign-tally.ts';
import { findingsOf } from '../support/history-checker.ts';
import type { Answer } from '../support/history.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import { failSyncsWhile } from '../support/preloads.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { tamperWithSyncs } from '../support/strace.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Makes every sync fail until it is called off; or says why it cannot. */
type BreakDisk = (server: ServerProcess) => Promise<(() => Promise<void>) | string>;

const flag = (directory: string): string => join(directory, 'broken');

const WAYS: readonly {
  readonly where: string;
  readonly breakDisk: (directory: string) => BreakDisk;
}[] = [
  {
    where: 'in the process',
    breakDisk: (directory) => async () => {
      await writeFile(flag(directory), '');
      return () => rm(flag(directory));
    },
  },
  {
    where: 'in the kernel',
    breakDisk:
      () =>
      async ({ pid }) => {
        const tampering = await tamperWithSyncs(pid, 'error=EIO');
        return typeof tampering === 'string' ? tampering : () => tampering.stop();
      },
  },
];

test.for(WAYS)(
  'a sync that fails $where: the partition is fenced, the answer is unknown, the next start mends it',
  async ({ breakDisk }, { skip }) => {
    const directory = await temporaryDirectory();
    const history = new History();
    const server = await startServerProcess(directory, {
      nodeArgs: failSyncsWhile(flag(directory)),
    });
    const client = clientOf(server, history);
    await client.produce(FENCED, ['before']);
    await client.produce(OTHER, ['before, elsewhere']);

    const mendDisk = await breakDisk(directory)(server);
    if (typeof mendDisk === 'string') return skip(mendDisk);
    expect(await client.produce(FENCED, ['unknown'])).toEqual(storageError('unknown'));
    await mendDisk();
    tally('syncs that failed in a server', 1);

    expect(await client.produce(FENCED, ['after'])).toEqual(storageError('no'));
    expect(await client.fetch(FENCED, 0)).toMatchObject({ highWatermark: 1 });
    expect((await client.produce(OTHER, ['after, elsewhere']))?.kind).toBe('produced');
    expect(await notOnline(server)).toMatchObject([{ topic: 'fenced', partition: 0 }]);
    expect(await server.stop()).toBe(0);
    history.endLife('SIGTERM');
    // The next start is told not to trust the page cache.
    expect(await markersIn(directory)).toHaveLength(1);

    const next = await startServerProcess(directory);
    const reader = clientOf(next, history);
    expect(await notOnline(next)).toEqual([]);
    expect(await markersIn(directory)).toEqual([]);
    expect((await reader.produce(FENCED, ['mended']))?.kind).toBe('produced');
    for (const place of [FENCED, OTHER]) await reader.fetch(place, 0);
    expect(await next.stop()).toBe(0);
    expect(findingsOf(history.entries)).toEqual([]);
  },
);

test('syncs of 200 ms in the kernel are shared by whoever waits, and SIGKILL in the middle loses nothing', async ({
  skip,
}) => {
  const directory = await temporaryDirectory();
  const history = new History();
  const server = await startServerProcess(directory);
  const first = clientOf(server, history);
  const partitions = 40;
  await fetch(`${server.url}/topics/slow`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ partitions }),
  });
  const slow = (index: number) => ({ topic: 'slow', topicId: '', partition: index % partitions });
  await first.produce(slow(0), ['first']);
  const tampering = await tamperWithSyncs(server.pid, 'delay_exit=200000');
  if (typeof tampering === 'string') return skip(tampering);

  // More partitions than there are threads for their syncs, and several producers to each.
  let acknowledged = 0;
  const writers = Array.from({ length: 4 * partitions }, async (_, index) => {
    const client = clientOf(server, history, `writer ${index}`);
    for (let count = 0; ; count += 1) {
      const answer = await client.produce(slow(index), [`${index}: ${count}`]);
      if (answer?.kind !== 'produced') return;
      acknowledged += 1;
      if (acknowledged === 400) void server.stop('SIGKILL');
    }
  });
  expect(await first.fetch(slow(0), 0)).toMatchObject({ kind: 'fetched' });
  expect(await notOnline(server)).toEqual([]);
  await Promise.all(writers);
  expect(await server.exited).toBeNull();
  await tampering.stop();
  tally('SIGKILLs on a slow disk', 1);
  history.endLife('SIGKILL');

  const next = await startServerProcess(directory);
  const reader = clientOf(next, history);
  for (let index = 0; index < partitions; index += 1) await reader.fetch(slow(index), 0);
  expect(await next.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

const FENCED = { topic: 'fenced', topicId: '', partition: 0 };
const OTHER = { topic: 'other', topicId: '', partition: 0 };

function clientOf({ url }: ServerProcess, history: History, name = 'client'): NotedClient {
  const client = new NotedClient(history, name);
  client.url = url;
  return client;
}

function storageError(written: 'no' | 'unknown'): Answer {
  return { kind: 'refused', code: 'KAFKA_STORAGE_ERROR', written };
}

async function notOnline({ url }: ServerProcess): Promise<unknown> {
  const answer = await fetch(`${url}/health/ready`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { not_online: unknown }).not_online;
}

async function markersIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  return names.filter((name) => basename(name) === 'fenced');
}
