/** Consumer groups: durable commits a second, and what members cost that only wait. */
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { JSON_HEADERS } from './support/bodies.ts';
import { call, expectOk } from './support/http.ts';
import type { Answer } from './support/http.ts';
import { requestRate } from './support/load.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { processorMsOf } from './support/processor-time.ts';
import { shown } from './support/report.ts';
import type { Measured } from './support/results.ts';
import { printMeasured, takeTurns } from './support/turns.ts';

const TURNS = 6;
const SECONDS = 3;
const MEMBERS = 1_000;
const MEMBERS_PER_GROUP = 10;
/** Longer than the parked reads are watched. */
const WAIT_MS = 60_000;
const WATCHED_MS = 10_000;
/** Records that a member is sent one by one. */
const TAILED = 1_000;

export async function benchGroups(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const measured: Measured[] = [];
    const server = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      measured.push(...(await benchCommits(server)), ...(await benchTailing(server)));
    } finally {
      await server.stop();
    }
    const idle = await startMillrace({ dataDirectory: join(directory, 'idle') });
    try {
      measured.push(...(await benchParked(idle)));
    } finally {
      await idle.stop();
    }
    return measured;
  });
}

function benchCommits(server: Contestant): Promise<Measured[]> {
  const load = {
    urls: [`${server.url}/groups/bench/offsets`],
    method: 'POST',
    body: JSON.stringify({ offsets: [{ topic: 'first', partition: 0, offset: 1 }] }),
    headers: JSON_HEADERS,
    connections: 64,
    seconds: SECONDS,
  } as const;
  return takeTurns({
    bench: 'groups',
    work: 'durable commits of one offset, 64 connections',
    unit: 'commits/s',
    turns: TURNS,
    contestants: { Millrace: () => requestRate(load) },
    asked: { Millrace: 5_000 },
  });
}

/** From the sending of a record to its receipt by a member that waits for it. */
async function benchTailing(server: Contestant): Promise<Measured[]> {
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
  const at = (share: number): number => waits[Math.floor(TAILED * share)] as number;
  const row = { bench: 'groups', contestant: 'Millrace', unit: 'ms', better: 'less' } as const;
  const work = 'a record sent every 5 ms, received by a waiting member';
  const measured: Measured[] = [
    { ...row, work: `${work}, p50`, turns: [at(0.5)], asked: 5 },
    { ...row, work: `${work}, p99`, turns: [at(0.99)] },
  ];
  for (const each of measured) printMeasured([each]);
  return measured;
}

/** Each with a connection of its own, as a member waits. */
async function benchParked(server: Contestant): Promise<Measured[]> {
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
  const joined = memoryOf(server.pid).now;
  const reads = members.map(({ path, generation, cursor }) =>
    send('POST', `${path}/fetch`, { generation, cursor, timeout_ms: WAIT_MS }),
  );
  await pause(3_000);
  const cpuBefore = processorMsOf(server.pid);
  await pause(WATCHED_MS);
  const cpuMs = processorMsOf(server.pid) - cpuBefore;
  const after = memoryOf(server.pid).now;
  agent.destroy();
  await Promise.allSettled(reads);
  const row = { bench: 'groups', contestant: 'Millrace', better: 'less' } as const;
  const work = `${shown(MEMBERS)} members parked, ${MEMBERS_PER_GROUP} a group`;
  const measured: Measured[] = [
    // Most of it is garbage of the rebalances: each newcomer makes all others join again.
    {
      ...row,
      work: `${work}: memory with their joins`,
      unit: 'MiB',
      turns: [after - before],
      asked: 100,
    },
    { ...row, work: `${work}: memory of their waiting`, unit: 'MiB', turns: [after - joined] },
    {
      ...row,
      work: `${work}: processor time in ${WATCHED_MS / 1000} s`,
      unit: 'ms',
      turns: [cpuMs],
    },
  ];
  for (const each of measured) printMeasured([each]);
  return measured;
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
