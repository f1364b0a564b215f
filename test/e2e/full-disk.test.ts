/** A disk that is really full: a small file system in memory, where this machine lets us mount one. */
import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { TestContext } from 'vitest';
import { expect, onTestFinished, test } from 'vitest';
import { RETENTION_INTERVAL_MS } from '../../src/model/limits.ts';
import { findingsOf } from '../support/history-checker.ts';
import type { Answer } from '../support/history.ts';
import { History } from '../support/history.ts';
import { NotedClient } from '../support/noted-client.ts';
import { hurryTimers } from '../support/preloads.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const FULL: Answer = { kind: 'refused', code: 'DISK_FULL', written: 'no' };
const PLACE = { topic: 'full', topicId: '', partition: 0 };

test('a full disk refuses what it cannot keep, serves reads, and heals as soon as there is room', async (context) => {
  const disk = await smallDisk(context);
  const ballast = `${disk}/ballast`;
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1024', 'count=1024']);
  const server = await startServerProcess(`${disk}/data`);
  const history = new History();
  const client = new NotedClient(history, 'client');
  client.url = server.url;
  const stored = await untilFull(client);
  expect(stored).toBeGreaterThan(5);
  expect(await client.fetch(PLACE, 0)).toMatchObject({ highWatermark: stored });

  await rm(ballast);
  expect(await client.produce(PLACE, ['healed'])).toEqual({ kind: 'produced', baseOffset: stored });
  expect((await client.commit('g', [{ place: PLACE, value: 'healed' }]))?.kind).toBe('committed');
  await client.fetch(PLACE, 0);
  expect(await server.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

test('killed while full it starts, serves reads, and heals by its own retention', async (context) => {
  const data = `${await smallDisk(context)}/data`;
  const history = new History();
  const client = new NotedClient(history, 'client');
  const filled = await startServerProcess(data);
  client.url = filled.url;
  const configs = { 'segment.bytes': '65536', 'retention.bytes': '262144' };
  await fetch(`${filled.url}/topics/full`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ configs }),
  });
  client.noteTopics([{ ...PLACE, partitions: 1, retentionMs: -1, retentionBytes: 262_144 }]);
  const stored = await untilFull(client);
  await filled.stop('SIGKILL');
  history.endLife('SIGKILL');

  const full = await startServerProcess(data);
  client.url = full.url;
  expect(await client.fetch(PLACE, 0, false)).toMatchObject({ kind: 'fetched', logStartOffset: 0 });
  // Not "out of range": a consumer would begin anew.
  expect(await client.fetch(PLACE, stored - 1, false)).toMatchObject({
    code: 'KAFKA_STORAGE_ERROR',
  });
  expect(await client.produce(PLACE, ['no room'])).toEqual(FULL);
  expect(await client.commit('g', [{ place: PLACE, value: 'no room' }])).toEqual(FULL);
  await full.stop('SIGKILL');
  history.endLife('SIGKILL');

  const nodeArgs = hurryTimers(RETENTION_INTERVAL_MS, 50);
  const healing = await startServerProcess(data, { nodeArgs });
  client.url = healing.url;
  let answer: Answer | undefined = FULL;
  for (let tries = 1; answer?.kind === 'refused'; tries += 1) {
    expect(answer).toEqual(FULL);
    answer = await client.produce(PLACE, [`try ${tries}`]);
  }
  expect(answer).toEqual({ kind: 'produced', baseOffset: stored });
  let committed: Answer | undefined = FULL;
  for (let tries = 1; committed?.kind === 'refused'; tries += 1) {
    expect(committed).toEqual(FULL);
    committed = await client.commit('g', [{ place: PLACE, value: `try ${tries}` }]);
  }
  await client.fetchOffsets('g', [PLACE]);
  const start = await client.deleteRecords(PLACE, 0);
  if (start?.kind !== 'log start') throw new Error(JSON.stringify(start));
  expect(start.offset).toBeGreaterThan(0);
  await client.fetch(PLACE, start.offset);
  expect(await healing.stop()).toBe(0);
  expect(findingsOf(history.entries)).toEqual([]);
});

/** Records and then commits, until there is no room for either; answers how many records fitted. */
async function untilFull(client: NotedClient): Promise<number> {
  let stored = 0;
  // Large ones first, so that it is soon over.
  for (const bytes of [50_000, 500, 1]) {
    for (;;) {
      const answer = await client.produce(PLACE, [`${stored} ${'x'.repeat(bytes)}`]);
      if (answer?.kind !== 'produced') {
        expect(answer).toEqual(FULL);
        break;
      }
      stored += 1;
    }
  }
  for (let count = 1; ; count += 1) {
    const answer = await client.commit('g', [{ place: PLACE, value: String(count) }]);
    if (answer?.kind === 'committed') continue;
    expect(answer).toEqual(FULL);
    await client.fetchOffsets('g', [PLACE]);
    return stored;
  }
}

/** 2 MiB; unmounted with the test. */
async function smallDisk({ skip }: TestContext): Promise<string> {
  const directory = await temporaryDirectory();
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory]);
  skip(mount.status !== 0, `nothing can be mounted here: ${String(mount.stderr).trim()}`);
  onTestFinished(() => void spawnSync('umount', ['-l', directory]));
  return directory;
}
