/**
 * How long the event loop of a server is away while peers send it the worst that it takes or
 * refuses, and others their records.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { zstdCompressSync } from 'node:zlib';
import {
  BATCH_HEADER_BYTES,
  readBatchHeader,
  writeBatchHeader,
} from '../src/codec/batch-header.ts';
import { BatchWriter } from '../src/codec/batch-writer.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { median, printTable, range, shown } from './support/report.ts';
import type { Measured } from './support/results.ts';

const TURNS = 4;
const TURN_MS = 4_000;
const SENDERS = 8;
const ASKED_MS = 200;
const MIB = 1_048_576;
const BATCHES = 'application/vnd.kafka.recordbatch';
/** As a batch's attributes name it. */
const ZSTD = 4;

export async function benchTurns(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const file = join(directory, 'delay.json');
    const watch = new URL('support/turn-watch.ts', import.meta.url);
    const server = await startMillrace({
      dataDirectory: join(directory, 'data'),
      shellPrefix: `export TURN_WATCH='${file}' NODE_OPTIONS='--import ${watch.href}'`,
    });
    try {
      const loads = { 'valid load': 0, 'valid and hostile load': 2 };
      const delays = new Map(Object.keys(loads).map((name): [string, Delay[]] => [name, []]));
      // The first turn loads code that the others find loaded.
      for (let turn = 0; turn <= TURNS; turn += 1) {
        for (const [name, peers] of Object.entries(loads)) {
          await delayOf(server, file);
          await load(server.url, peers);
          const delay = await delayOf(server, file);
          if (turn > 0) delays.get(name)?.push(delay);
        }
      }
      console.log(`highest memory: ${shown(memoryOf(server.pid).peak)} MiB\n`);
      return measuredOf(delays);
    } finally {
      await server.stop();
    }
  });
}

interface Delay {
  readonly p99: number;
  readonly max: number;
}

/** Since it was asked last. */
async function delayOf({ pid }: Contestant, file: string): Promise<Delay> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await pause(5);
  return JSON.parse(readFileSync(file, 'utf8')) as Delay;
}

function measuredOf(delays: ReadonlyMap<string, readonly Delay[]>): Measured[] {
  const figures = [...delays].map(([contestant, each]) => ({
    ...{ contestant, turns: each.map(({ p99 }) => p99) },
    longest: Math.max(...each.map(({ max }) => max)),
  }));
  printTable(
    ['delay of the event loop, ms', '99 of 100', 'range', 'asked', 'longest'],
    figures.map(({ contestant, turns, longest }) => [
      ...[contestant, shown(median(turns), 1), range(turns, 1), shown(ASKED_MS), shown(longest)],
    ]),
  );
  return figures.map(({ contestant, turns }) => ({
    ...{ bench: 'turns', work: 'delay of the event loop, 99 of 100', contestant, turns },
    ...{ unit: 'ms', better: 'less' as const, asked: ASKED_MS },
  }));
}

async function load(url: string, peers: number): Promise<void> {
  const until = performance.now() + TURN_MS;
  await Promise.all([
    ...Array.from({ length: peers }, () => hostile(url, until)),
    ...Array.from({ length: SENDERS }, () => sending(url, until)),
  ]);
}

async function sending(url: string, until: number): Promise<void> {
  const body = JSON.stringify({ records: [{ value: 'x'.repeat(100) }] });
  while (performance.now() < until) {
    const answer = await post(`${url}/topics/valid`, 'application/json', body);
    if (answer !== 200) throw new Error(`a good record was answered ${answer}`);
  }
}

async function hostile(url: string, until: number): Promise<void> {
  for (let next = 0; performance.now() < until; next += 1) {
    const [type, body] = BODIES[next % BODIES.length] as (typeof BODIES)[number];
    await post(`${url}/topics/hostile/partitions/0`, type, body);
    const read = await fetch(`${url}/topics/hostile/partitions/0/records?offset=-1`);
    await read.arrayBuffer();
    const accept = '"\\'.repeat(7_000);
    await (
      await fetch(`${url}/topics/hostile/partitions/0/records`, { headers: { accept } })
    ).text();
  }
}

async function post(url: string, type: string, body: string | Buffer): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

function json(count: number, record: string): string {
  return `{"records":[${Array.from({ length: count }, () => record).join()}]}`;
}

/** A batch of this value so many times, as a client compresses it. */
function compressed(count: number, value: Buffer): Buffer {
  const writer = new BatchWriter(1_024);
  writer.begin({ baseOffset: 0, leaderEpoch: 0 });
  const record = { key: null, value, headers: [], timestamp: Date.now() };
  for (let index = 0; index < count; index += 1) writer.add(record);
  writer.end(-1);
  const plain = writer.buffer.subarray(0, writer.length);
  const records = zstdCompressSync(plain.subarray(BATCH_HEADER_BYTES));
  const batch = Buffer.concat([plain.subarray(0, BATCH_HEADER_BYTES), records]);
  const header = readBatchHeader(plain, 0);
  writeBatchHeader(batch, { at: 0, end: batch.length }, { ...header, attributes: ZSTD });
  return batch;
}

function many(count: number, batch: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => batch));
}

/** What took longest in one turn, before there were bounds and with them. */
const BODIES: readonly (readonly [type: string, body: string | Buffer])[] = [
  ['application/json', json(10_000, '{"key":"k","value":{"a":[1,2,3]},"headers":{"a":"b"}}')],
  ['application/json', json(15, `{"value":[${'0,'.repeat(MIB / 2 - 100)}0]}`)],
  ['application/json', `{"records":[{"value":[${'[],'.repeat(5 * MIB)}0]}]}`],
  [
    'application/msgpack',
    Buffer.concat([Buffer.from('dd001e8480', 'hex'), Buffer.alloc(2_000_000)]),
  ],
  [BATCHES, many(16_384, compressed(1, Buffer.alloc(0)))],
  [BATCHES, compressed(60, Buffer.alloc(1_000_000, '1'))],
  // Read as JSON, it is walked over in one turn.
  [BATCHES, compressed(1, Buffer.from(`[${'[],'.repeat(5 * MIB)}0]`))],
];
