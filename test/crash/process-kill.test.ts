/**
 * SIGKILL of a real server in the middle of everything, again and again on one directory: when so
 * many effects were acknowledged, or at one of its own file calls, those of recovery included.
 */
import { expect, test } from 'vitest';
import { RETENTION_INTERVAL_MS } from '../../src/model/limits.ts';
import { tally } from '../support/campaign-tally.ts';
import { findingsOf } from '../support/history-checker.ts';
import { History } from '../support/history.ts';
import { historyLines } from '../support/history-text.ts';
import { NotedClient } from '../support/noted-client.ts';
import { hurryTimers, lieAboutWrites, signalAtFileCalls } from '../support/preloads.ts';
import { ProcessLoad } from '../support/process-load.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SEED = 20_260_101;
const ROUNDS = 24;
/** Retention comes by in the short lives too. */
const HURRIED = hurryTimers(RETENTION_INTERVAL_MS, 100);

test('whatever SIGKILL interrupts, all that was acknowledged is there, once and in its place', async () => {
  const directory = await temporaryDirectory();
  const random = new SeededRandom(SEED);
  const load = new ProcessLoad(SEED);
  let kills = 0;
  let killsInStart = 0;
  await makeTopics(load, directory);
  while (kills < ROUNDS) {
    const killAt = random.chance(0.3)
      ? signalAtFileCalls('SIGKILL', { counts: [random.between(1, 600)] })
      : [];
    const server = await startOrDie(directory, [...HURRIED, ...killAt]);
    if (server === undefined) killsInStart += 1;
    else {
      await load.readCommits(server.url);
      await runUntilKilled(load, server, random.between(1, 600));
    }
    kills += 1;
    load.history.endLife('SIGKILL');
  }
  await readBack(load, directory);
  tally('SIGKILLs under load', kills - killsInStart);
  tally('SIGKILLs in a start', killsInStart);
  expectNoFindings(load);
  expect(load.history.entries.length).toBeGreaterThan(1_000);
});

test('a server that acknowledges what it has not written is found out', async () => {
  const directory = await temporaryDirectory();
  const history = new History();
  const client = new NotedClient(history, 'client');
  const lying = await startServerProcess(directory, { nodeArgs: lieAboutWrites(10) });
  client.url = lying.url;
  const place = { topic: 't', topicId: 't', partition: 0 };
  for (let count = 1; count <= 20; count += 1) {
    await client.produce(place, [`record ${count}`]);
    await client.commit('g', [{ place, value: String(count) }]);
  }
  await lying.stop('SIGKILL');
  history.endLife('SIGKILL');
  const honest = await startServerProcess(directory);
  client.url = honest.url;
  await client.fetch(place, 0);
  await client.fetchOffsets('g', [place]);
  await honest.stop();
  const kinds = findingsOf(history.entries).map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(['lost', 'lost commit']));
});

async function makeTopics(load: ProcessLoad, directory: string): Promise<void> {
  const server = await startServerProcess(directory);
  await load.begin(server.url);
  expect(await server.stop()).toBe(0);
}

/** undefined: it was killed before it served. */
async function startOrDie(
  directory: string,
  nodeArgs: readonly string[],
): Promise<ServerProcess | undefined> {
  try {
    return await startServerProcess(directory, { nodeArgs });
  } catch (error) {
    expect(String(error)).toContain('the server ended with SIGKILL');
    return undefined;
  }
}

async function runUntilKilled(load: ProcessLoad, server: ServerProcess, count: number) {
  let left = count;
  await load.run(server.url, () => {
    left -= 1;
    if (left === 0) void server.stop('SIGKILL');
  });
  expect(await server.exited).toBeNull();
}

async function readBack(load: ProcessLoad, directory: string): Promise<void> {
  const server = await startServerProcess(directory);
  await load.readBack(server.url);
  expect(await server.stop()).toBe(0);
}

function expectNoFindings({ history: { entries } }: ProcessLoad): void {
  const findings = findingsOf(entries);
  const lines = findings.map(({ about }) => historyLines(entries, about).join('\n'));
  expect(findings, lines[0]?.slice(-20_000)).toEqual([]);
}
