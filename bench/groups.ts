/** Consumer groups: durable commits a second, and what members cost that only wait. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasWrk, postRate } from './support/load.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { median, printTable, range, shown } from './support/report.ts';
import { syncsPerSecond } from './support/yardsticks.ts';

const ROUNDS = 5;
const SECONDS = 3;
const MEMBERS = 1_000;
const MEMBERS_PER_GROUP = 10;
/** Longer than the parked reads are watched. */
const WAIT_MS = 60_000;
const WATCHED_MS = 10_000;
/** Records that a member is sent one by one. */
const TAILED = 1_000;

export async function benchGroups(): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const server = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      console.log(`fdatasync of 4 KiB: ${shown(syncsPerSecond(directory))} /s before`);
      await benchCommits(server);
      await benchTailing(server, directory);
      console.log(`fdatasync of 4 KiB: ${shown(syncsPerSecond(directory))} /s after\n`);
    } finally {
      await server.stop();
    }
    const idle = await startMillrace({ dataDirectory: join(directory, 'idle') });
    try {
      await benchParked(idle);
    } finally {
      await idle.stop();
    }
  });
}

async function benchCommits(server: Contestant): Promise<void> {
  const load = {
    url: `${server.url}/groups/bench/offsets`,
    body: JSON.stringify({ offsets: [{ topic: 'first', partition: 0, offset: 1 }] }),
    contentType: 'application/json',
    connections: 64,
    seconds: SECONDS,
  };
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.push(await postRate(load, hasWrk() ? 'wrk' : 'autocannon'));
  }
  printTable(
    ['durable commits of one offset, 64 connections', 'commits/s', 'range'],
    [['Millrace', shown(median(rates)), range(rates)]],
  );
}

/** From the sending of a record to its receipt by a member that waits for it. */
async function benchTailing(server: Contestant, directory: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const send: Send = (method, path, body) =>
    call({ agent, url: `${server.url}${path}`, method, body });
  await send('PUT', '/topics/tailed', { partitions: 1 });
  const joined = await expectOk(send('POST', '/groups/tail/members', { topics: ['tailed'] }));
  const path = `/groups/tail/members/${String(joined['member_id'])}/fetch`;
  const waits: number[] = [];
  let { cursor } = joined;
  const member = async (): Promise<void> => {
    while (waits.length < TAILED) {
      const wish = { generation: joined['generation'], cursor, timeout_ms: 1_000 };
      const read = await expectOk(send('POST', path, wish));
      const now = performance.now();
      for (const { value } of read['records'] as { value: number }[]) waits.push(now - value);
      cursor = read['cursor'];
    }
  };
  const producer = async (): Promise<void> => {
    for (let sent = 0; sent < TAILED; sent += 1) {
      await pause(5);
      await expectOk(send('POST', '/topics/tailed', { records: [{ value: performance.now() }] }));
    }
  };
  await Promise.all([member(), producer()]);
  agent.destroy();
  waits.sort((a, b) => a - b);
  const at = (share: number): string => shown(waits[Math.floor(TAILED * share)] as number, 2);
  const syncMs = 1_000 / syncsPerSecond(directory);
  printTable(
    ['a record sent every 5 ms, received by a waiting member', 'ms'],
    [
      ['fdatasync of 4 KiB, mean', shown(syncMs, 2)],
      ['median', at(0.5)],
      ['99 of 100', at(0.99)],
    ],
  );
}

/** Each with a connection of its own, as a member waits. */
async function benchParked(server: Contestant): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: MEMBERS });
  const send = (method: string, path: string, body: unknown): Promise<Answer> =>
    call({ agent, url: `${server.url}${path}`, method, body });
  await send('PUT', '/topics/parked', { partitions: MEMBERS_PER_GROUP });
  await pause(2_000);
  const before = memoryOf(server.pid).now;
  const members = await Promise.all(
    Array.from({ length: MEMBERS }, (_, index) =>
      joinUntilStable(send, `g${Math.floor(index / MEMBERS_PER_GROUP)}`),
    ),
  );
  await pause(3_000);
  // Most of it is garbage of the rebalances: each newcomer makes all others join again.
  const joined = memoryOf(server.pid).now;
  const reads = members.map(({ path, generation, cursor }) =>
    send('POST', `${path}/fetch`, { generation, cursor, timeout_ms: WAIT_MS }),
  );
  await pause(3_000);
  const cpuBefore = cpuMsOf(server.pid);
  await pause(WATCHED_MS);
  const cpuMs = cpuMsOf(server.pid) - cpuBefore;
  const after = memoryOf(server.pid).now;
  agent.destroy();
  await Promise.allSettled(reads);
  printTable(
    [`${shown(MEMBERS)} members parked, ${MEMBERS_PER_GROUP} a group`, ''],
    [
      ['resident before, MiB', shown(before)],
      ['resident once all have joined, MiB', shown(joined)],
      ['resident while they wait, MiB', shown(after)],
      ['waiting, MiB', shown(after - joined)],
      [`processor time in ${WATCHED_MS / 1000} s, ms`, shown(cpuMs)],
    ],
  );
}

interface Member {
  readonly path: string;
  readonly generation: number;
  readonly cursor: string;
}

type Send = (method: string, path: string, body: unknown) => Promise<Answer>;

/** Joins again until the others of its group have all come. */
async function joinUntilStable(send: Send, group: string): Promise<Member> {
  let memberId: string | undefined;
  for (;;) {
    const body = { topics: ['parked'], session_timeout_ms: WAIT_MS, member_id: memberId };
    const {
      member_id: id,
      generation,
      cursor,
    } = await expectOk(send('POST', `/groups/${group}/members`, body));
    memberId = String(id);
    const path = `/groups/${group}/members/${memberId}`;
    await pause(2_000);
    const alive = await send('POST', `${path}/heartbeat`, { generation });
    if (alive.status === 204) {
      return { path, generation: Number(generation), cursor: String(cursor) };
    }
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Call {
  readonly agent: Agent;
  readonly url: string;
  readonly method: string;
  readonly body: unknown;
}

async function call({ agent, url, method, body }: Call): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const sent = request(url, { agent, method, headers });
  sent.end(JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number },
  ];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, text };
}

async function expectOk(answer: Promise<Answer>): Promise<{ readonly [member: string]: unknown }> {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return JSON.parse(text) as { readonly [member: string]: unknown };
}

/** User and system time of a process. The kernel counts in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
