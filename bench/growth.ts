/**
 * How throughput and memory go with what grows: records stored, partitions, connections, the size of
 * a record. Asks nothing, shows all. Not part of a run of everything; BENCH_LONG=1 makes it 100
 * million records.
 */
import { join } from 'node:path';
import {
  BATCH_HEADERS,
  JSON_HEADERS,
  oneRecord,
  recordBatch,
  stringRecords,
} from './support/bodies.ts';
import { requestRate } from './support/load.ts';
import { secondsOr, turnsOr } from './support/pace.ts';
import { readingRate } from './support/pages.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { shown } from './support/report.ts';
import type { Measured } from './support/results.ts';
import { printMeasured, takeTurns } from './support/turns.ts';

const TURNS = turnsOr(3);
const SECONDS = secondsOr(2);
const BATCH = 1_000;
const MILLION = 1_000_000;

export async function benchGrowth(): Promise<Measured[]> {
  const measured = await inTemporaryDirectory(storedRecords);
  for (const axis of AXES) {
    measured.push(...(await inTemporaryDirectory((directory) => along(axis, directory))));
  }
  return measured;
}

/** What it is shown along, and with a server of its own for each value. */
interface Axis {
  readonly name: string;
  readonly values: readonly number[];
  readonly partitions?: (value: number) => number;
  readonly works: readonly AxisWork[];
}

interface AxisWork {
  readonly title: string;
  readonly unit: string;
  /** Of one request. */
  readonly amount: (value: number) => number;
  readonly body: (value: number) => string;
  readonly connections: (value: number) => number;
}

const AXES: readonly Axis[] = [
  {
    name: 'partitions',
    values: [1, 16, 256, 1_000],
    partitions: (value) => value,
    works: [
      {
        title: '1,000 records a request, 8 connections',
        unit: 'records/s',
        amount: () => BATCH,
        body: () => stringRecords(BATCH),
        connections: () => 8,
      },
      {
        title: 'one record a request, 64 connections',
        unit: 'records/s',
        amount: () => 1,
        body: () => oneRecord(),
        connections: () => 64,
      },
    ],
  },
  {
    name: 'connections',
    values: [1, 100, 5_000],
    works: [
      {
        title: 'one record a request',
        unit: 'records/s',
        amount: () => 1,
        body: () => oneRecord(),
        connections: (value) => value,
      },
    ],
  },
  {
    name: 'bytes of a record',
    values: [10, 100, 1_024, 10_240, 102_400, 1_048_576],
    works: [
      {
        title: 'one record a request, 16 connections',
        unit: 'MB/s',
        amount: (value) => value / 1e6,
        body: (value) => oneRecord(value),
        connections: () => 16,
      },
    ],
  },
];

async function along(axis: Axis, directory: string): Promise<Measured[]> {
  const servers: Contestant[] = [];
  try {
    for (const value of axis.values) {
      const server = await startMillrace({ dataDirectory: join(directory, `${value}`) });
      servers.push(server);
      // The largest record and what a batch adds to it are more than the default allows.
      const settings = {
        partitions: axis.partitions?.(value) ?? 1,
        configs: { 'max.message.bytes': '2097152' },
      };
      await ask(`${server.url}/topics/growth`, 'PUT', JSON.stringify(settings));
    }
    const measured: Measured[] = [];
    for (const work of axis.works) measured.push(...(await throughput(axis, work, servers)));
    const row = { bench: 'growth', work: `by ${axis.name}: highest memory`, unit: 'MiB' } as const;
    const memory = servers.map((server, index) => {
      return placed(
        { ...row, better: 'less', turns: [memoryOf(server.pid).peak] },
        axis.values[index] as number,
      );
    });
    printMeasured(memory);
    return [...measured, ...memory];
  } finally {
    for (const server of servers) await server.stop('SIGKILL');
  }
}

async function throughput(
  axis: Axis,
  work: AxisWork,
  servers: readonly Contestant[],
): Promise<Measured[]> {
  const turns = axis.values.map((value, index) => {
    const { url, pid } = servers[index] as Contestant;
    const urls = Array.from(
      { length: axis.partitions?.(value) ?? 1 },
      (_, partition) => `${url}/topics/growth/partitions/${partition}`,
    );
    const load = {
      urls,
      method: 'POST',
      body: work.body(value),
      headers: JSON_HEADERS,
      seconds: SECONDS,
      connections: work.connections(value),
    } as const;
    const play = async (): Promise<number> => work.amount(value) * (await requestRate(load));
    return { name: nameOf(value), value, pid, play };
  });
  const measured = await takeTurns({
    bench: 'growth',
    work: `by ${axis.name}: ${work.title}`,
    unit: work.unit,
    turns: TURNS,
    contestants: Object.fromEntries(turns.map(({ name, play }) => [name, play])),
    pids: Object.fromEntries(turns.map(({ name, pid }) => [name, pid])),
  });
  return measured.map((row, index) => placed(row, axis.values[index] as number));
}

function nameOf(at: number): string {
  return `Millrace, ${shown(at)}`;
}

function placed(row: Omit<Measured, 'contestant' | 'at'>, at: number): Measured {
  return { ...row, contestant: nameOf(at), at };
}

/** One server, whose only topic grows: how fast it comes to hold so many, and is read then. */
async function storedRecords(directory: string): Promise<Measured[]> {
  const server = await startMillrace({ dataDirectory: join(directory, 'data') });
  const row = { bench: 'growth', unit: 'records/s', better: 'more' } as const;
  const by = 'by records stored';
  const measured: Measured[] = [];
  try {
    await ask(`${server.url}/topics/growth`, 'PUT');
    let stored = 0;
    for (const total of [1, 10, ...(process.env['BENCH_LONG'] === '1' ? [100] : [])]) {
      const records = total * MILLION;
      const beganMs = performance.now();
      await fill(server.url, records - stored);
      const filled = ((records - stored) * 1000) / (performance.now() - beganMs);
      stored = records;
      const step = [
        placed({ ...row, work: `${by}: written as record batches`, turns: [filled] }, records),
      ];
      for (const [form, accept] of FORMS) {
        const turns: number[] = [];
        while (turns.length < TURNS) {
          const reading = { url: server.url, topic: 'growth', records, accept, seconds: SECONDS };
          turns.push(await readingRate(reading));
        }
        step.push(placed({ ...row, work: `${by}: read back as ${form}`, turns }, records));
      }
      const memory = {
        ...row,
        work: `${by}: resident memory`,
        unit: 'MiB',
        better: 'less',
      } as const;
      step.push(placed({ ...memory, turns: [memoryOf(server.pid).now] }, records));
      measured.push(...step);
    }
    for (const work of new Set(measured.map((each) => each.work))) {
      printMeasured(measured.filter((each) => each.work === work));
    }
    return measured;
  } finally {
    await server.stop('SIGKILL');
  }
}

const FORMS = [
  ['record batches', BATCH_HEADERS['content-type']],
  ['JSON', JSON_HEADERS['content-type']],
] as const;

const WRITERS = 4;
/** Nearly a megabyte, and a round number of requests makes a million. */
const RECORDS_A_REQUEST = 8_000;

async function fill(url: string, records: number): Promise<void> {
  const body = recordBatch(RECORDS_A_REQUEST);
  let left = records / RECORDS_A_REQUEST;
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await ask(`${url}/topics/growth/partitions/0`, 'POST', body, BATCH_HEADERS);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function ask(
  url: string,
  method: string,
  body?: string | Buffer,
  headers: Readonly<Record<string, string>> = JSON_HEADERS,
): Promise<void> {
  const answer = await fetch(url, { method, headers, body: body ?? null });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
