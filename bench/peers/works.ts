/** The works, one after the other, each done by all in turn. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { secondsOr, turnsOr } from '../support/pace.ts';
import { inTemporaryDirectory, memoryOf } from '../support/processes.ts';
import { shown } from '../support/report.ts';
import type { Measured } from '../support/results.ts';
import { printMeasured, takeTurns } from '../support/turns.ts';
import type { Contest, Turn } from '../support/turns.ts';
import { KAFKA_PROTOCOL } from './millrace.ts';
import type { Peer, Running, Way } from './peer.ts';
import { BATCH, BATCH_CONNECTIONS, PAGE, RECORD_BYTES } from './peer.ts';
import { EVERY_MS, tailed } from './tailed.ts';

const TURNS = turnsOr(4);
const SECONDS = secondsOr(2);
/** Written before they are read back, and before memory is looked at. */
const RECORDS = 1_000_000;
const REST_MS = 3_000;

interface Ran extends Running {
  readonly name: string;
}

/** The first is the one that the others are compared with. */
export function measurePeers(peers: readonly Peer[]): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const measured = await starts(peers, directory);
    const running: Ran[] = [];
    try {
      for (const [index, peer] of peers.entries()) {
        running.push({ name: peer.name, ...(await peer.start(join(directory, `${index}`))) });
      }
      measured.push(...(await memory(running)));
      const contest = contestOf(running, directory);
      for (const work of WORKS) measured.push(...(await play(work, contest)));
      measured.push(...(await endToEnd(contest)));
    } finally {
      // What they keep is thrown away.
      for (const each of running) await each.stop('SIGKILL');
    }
    return measured;
  });
}

function starts(peers: readonly Peer[], directory: string): Promise<Measured[]> {
  let run = 0;
  const contestants = peers.map((peer): [string, Turn] => [
    peer.name,
    async () => {
      run += 1;
      const started = await peer.start(join(directory, `start-${run}`));
      await started.stop('SIGKILL');
      return started.startMs;
    },
  ]);
  return takeTurns({
    bench: 'peers',
    work: 'start to the first acknowledged record',
    unit: 'ms',
    better: 'less',
    turns: TURNS,
    contestants: Object.fromEntries(contestants),
  });
}

async function memory(running: readonly Ran[]): Promise<Measured[]> {
  await pause(REST_MS);
  const idle = memoryOfAll(running, 'resident memory at rest');
  // Of two servers of a kind one is enough: that they sync takes no memory.
  const filled = running.filter(({ ways }) => ways.some(({ readBack }) => readBack));
  for (const { fill } of filled) await fill(RECORDS);
  await pause(REST_MS);
  const loaded = memoryOfAll(filled, `resident memory, ${shown(RECORDS)} records written`);
  return [...idle, ...loaded];
}

function memoryOfAll(running: readonly Ran[], work: string): Measured[] {
  const row = { bench: 'peers', work, unit: 'MiB', better: 'less' } as const;
  const measured = running.map(({ name: contestant, pid }): Measured => {
    return { ...row, contestant, turns: [memoryOf(pid).now] };
  });
  printMeasured(measured);
  return measured;
}

interface Work {
  readonly title: string;
  readonly turnOf: (way: Way) => Turn | undefined;
  /** Which synced peer Millrace means to be ahead of, with the same requests. */
  readonly rival?: string;
}

const WORKS: readonly Work[] = [
  {
    title: `${shown(BATCH)} records of ${RECORD_BYTES} bytes at a time, ${BATCH_CONNECTIONS} connections`,
    turnOf: ({ batches }) => batches && (() => batches(SECONDS)),
    rival: 'Kafka',
  },
  {
    title: `read back, ${shown(PAGE)} records or 1 MiB at a time, ${BATCH_CONNECTIONS} connections`,
    turnOf: ({ readBack }) => readBack && (() => readBack(RECORDS, SECONDS)),
  },
  {
    title: 'one record at a time on each of 64 connections',
    turnOf: ({ single }) => single && (() => single(64, SECONDS)),
    rival: 'Redis',
  },
  {
    title: 'one record at a time, one connection',
    turnOf: ({ single }) => single && (() => single(1, SECONDS)),
  },
];

function play({ title, turnOf, rival = '' }: Work, contest: ContestOf): Promise<Measured[]> {
  const shared = contest(turnOf);
  const against = Object.keys(shared.contestants).find((name) => RIVAL.exec(name)?.[1] === rival);
  return takeTurns({
    ...{ ...shared, work: title, unit: 'records/s' },
    ...(against !== undefined && { against: { [KAFKA_PROTOCOL]: against } }),
    ...(against !== undefined && { asked: { [KAFKA_PROTOCOL]: 1 } }),
  });
}

const RIVAL = /^(\w+) [\d.]+, synced$/;

type ContestOf = (turnOf: Work['turnOf']) => Omit<Contest, 'work' | 'unit'>;

function contestOf(running: readonly Ran[], directory: string): ContestOf {
  // What one has left to the system to write is not to be written in the turn of another.
  const before = async (): Promise<void> => {
    await promisify(execFile)('sync', ['--file-system', directory]);
  };
  return (turnOf) => {
    const contestants: { [name: string]: Turn } = {};
    const pids: { [name: string]: number } = {};
    for (const { pid, ways } of running) {
      for (const way of ways) {
        const turn = turnOf(way);
        if (turn === undefined) continue;
        contestants[way.name] = turn;
        pids[way.name] = pid;
      }
    }
    return { bench: 'peers', turns: TURNS, before, contestants, pids };
  };
}

async function endToEnd(contest: ContestOf): Promise<Measured[]> {
  const slow = new Map<string, number[]>();
  const shared = contest(({ name, follow }) => {
    if (follow === undefined) return undefined;
    return async () => {
      const { p50, p99 } = await tailed(follow);
      slow.set(name, [...(slow.get(name) ?? []), p99]);
      return p50;
    };
  });
  const title = `a record sent every ${EVERY_MS} ms, from sending to receipt`;
  const p50 = await takeTurns({ ...shared, work: `${title}, p50`, unit: 'ms', better: 'less' });
  const p99 = p50.map((row) => {
    return { ...row, work: `${title}, p99`, turns: slow.get(row.contestant) as number[] };
  });
  printMeasured(p99);
  return [...p50, ...p99];
}
