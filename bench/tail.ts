/**
 * From the sending of a record to its receipt by a reader that waits for it, every record durable
 * before it is shown: by Server-Sent Events and by long poll, next to what a sync of the disk takes.
 */
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { begin, call, expectOk } from './support/http.ts';
import { inTemporaryDirectory, startDurableFastify, startMillrace } from './support/processes.ts';
import { median, printTable, shown } from './support/report.ts';
import type { Measured } from './support/results.ts';
import { syncMilliseconds } from './support/yardsticks.ts';

/** What is to be had with this client and this disk: a bare handler that keeps, then tells. */
const DURABLE = 'bare Fastify, event stream, fdatasync';
const TURNS = 6;
const RECORDS = 200;
const EVERY_MS = 5;

export async function benchTail(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const durable = await startDurableFastify(join(directory, 'durable-fastify'));
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    const agent = new Agent({ keepAlive: true });
    try {
      const waits: { [name: string]: { p50: number[]; p99: number[] } } = {};
      const add = (name: string, milliseconds: readonly number[]): void => {
        const sorted = milliseconds.toSorted((a, b) => a - b);
        const into = (waits[name] ??= { p50: [], p99: [] });
        into.p50.push(sorted[Math.floor(sorted.length / 2)] as number);
        into.p99.push(sorted[Math.floor(sorted.length * 0.99)] as number);
      };
      for (let turn = 0; turn < TURNS; turn += 1) {
        add('this disk: appended and synced', syncMilliseconds(directory, RECORDS));
        add(DURABLE, await tailed({ agent, url: durable.url, hasTopics: false }, events));
        add('Millrace, event stream', await tailed({ agent, url: millrace.url }, events));
        add('Millrace, long poll', await tailed({ agent, url: millrace.url }, longPoll));
      }
      return measuredOf(waits);
    } finally {
      agent.destroy();
      await millrace.stop();
      await durable.stop();
    }
  });
}

interface Means {
  readonly agent: Agent;
  readonly url: string;
  /** Whether one is made for each turn, so that its readers see nothing else. Default: true. */
  readonly hasTopics?: boolean;
}

/** Yields what arrives, until it is left. */
type Reader = (means: Means, topic: string) => AsyncGenerator<number[]>;

async function tailed(means: Means, reader: Reader): Promise<number[]> {
  const topic = `tail-${Math.random().toString(36).slice(2)}`;
  const { agent, url, hasTopics = true } = means;
  if (hasTopics) {
    await expectOk(call({ agent, url: `${url}/topics/${topic}`, method: 'PUT', body: {} }));
  }
  const waits: number[] = [];
  const read = async (): Promise<void> => {
    for await (const values of reader(means, topic)) {
      const now = performance.now();
      for (const sent of values) waits.push(now - sent);
      if (waits.length >= RECORDS) return;
    }
  };
  const write = async (): Promise<void> => {
    for (let sent = 0; sent < RECORDS; sent += 1) {
      await pause(EVERY_MS);
      const body = { records: [{ value: performance.now() }] };
      await expectOk(call({ agent, url: `${url}/topics/${topic}`, method: 'POST', body }));
    }
  };
  await Promise.all([read(), write()]);
  return waits;
}

async function* events({ agent, url }: Means, topic: string): AsyncGenerator<number[]> {
  const stream = await begin({
    agent,
    url: `${url}/topics/${topic}/partitions/0/records?follow=true`,
    headers: { accept: 'text/event-stream' },
  });
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() as string;
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5));
    yield data.flatMap((json) => valuesOf(JSON.parse(json)));
  }
}

async function* longPoll({ agent, url }: Means, topic: string): AsyncGenerator<number[]> {
  for (let offset = 0; ;) {
    const query = `offset=${offset}&timeout=10000`;
    const page = await expectOk(
      call({ agent, url: `${url}/topics/${topic}/partitions/0/records?${query}` }),
    );
    offset = page['next_offset'] as number;
    yield valuesOf(page);
  }
}

function valuesOf(page: unknown): number[] {
  const { records, value } = page as { records?: { value: number }[]; value?: number };
  return records === undefined ? [value as number] : records.map((each) => each.value);
}

function measuredOf(waits: {
  readonly [name: string]: { readonly p50: readonly number[]; readonly p99: readonly number[] };
}): Measured[] {
  const disk = waits['this disk: appended and synced'] as { p50: number[]; p99: number[] };
  const asked = { p50: 1.5 * median(disk.p50) + 0.3, p99: 5 * median(disk.p50) };
  const measured: Measured[] = [];
  for (const figure of ['p50', 'p99'] as const) {
    for (const [contestant, figures] of Object.entries(waits)) {
      measured.push({
        bench: 'tail',
        work: `a record sent every ${EVERY_MS} ms, from sending to receipt, ${figure}`,
        contestant,
        unit: 'ms',
        better: 'less',
        turns: figures[figure],
        ...(contestant.startsWith('Millrace') && { asked: asked[figure] }),
      });
    }
  }
  printTable(
    ['from sending to receipt, ms', 'p50', 'asked', 'p99', 'asked'],
    Object.entries(waits).map(([name, { p50, p99 }]) => {
      const limits = name.startsWith('Millrace') ? asked : undefined;
      const limit = (value: number | undefined): string =>
        value === undefined ? '' : shown(value, 2);
      return [
        name,
        shown(median(p50), 2),
        limit(limits?.p50),
        shown(median(p99), 2),
        limit(limits?.p99),
      ];
    }),
  );
  return measured;
}
