/** The same load over 256 partitions as over one; and 100 live readers of one partition. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { JSON_HEADERS, oneRecord, stringRecords } from './support/bodies.ts';
import { begin, call, expectOk } from './support/http.ts';
import { requestRate } from './support/load.ts';
import { inTemporaryDirectory, startMillrace } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { printMeasured, takeTurns } from './support/turns.ts';

const TURNS = 4;
const SECONDS = 3;
const PARTITIONS = 256;
const BATCH = 1_000;
const READERS = 100;
const FAN_OUT_REQUESTS = 200;

export async function benchWide(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    const agent = new Agent({ keepAlive: true });
    const { url } = millrace;
    try {
      for (const [topic, partitions] of [
        ['one', 1],
        ['many', PARTITIONS],
        ['fan', 1],
      ] as const) {
        const body = { partitions };
        await expectOk(call({ agent, url: `${url}/topics/${topic}`, method: 'PUT', body }));
      }
      return [
        ...(await load(url, {
          work: '1,000 records a request, 8 connections',
          body: stringRecords(BATCH),
          connections: 8,
        })),
        ...(await load(url, {
          work: 'one record a request, 64 connections',
          body: oneRecord(),
          connections: 64,
        })),
        ...(await load(url, {
          work: 'one record a request, 1,024 connections',
          body: oneRecord(),
          connections: 1_024,
        })),
        ...(await fanOut(millrace, agent)),
      ];
    } finally {
      agent.destroy();
      await millrace.stop();
    }
  });
}

function load(
  url: string,
  { work, body, connections }: { work: string; body: string; connections: number },
): Promise<Measured[]> {
  const rate = (topic: string, partitions: number): Promise<number> => {
    const urls = Array.from(
      { length: partitions },
      (_, partition) => `${url}/topics/${topic}/partitions/${partition}`,
    );
    const shared = { method: 'POST', body, headers: JSON_HEADERS, seconds: SECONDS } as const;
    return requestRate({ ...shared, urls, connections });
  };
  const name = `Millrace, ${PARTITIONS} partitions`;
  return takeTurns({
    bench: 'wide',
    work: `over ${PARTITIONS} partitions: ${work}`,
    unit: 'requests/s',
    turns: TURNS,
    contestants: {
      'Millrace, one partition': () => rate('one', 1),
      [name]: () => rate('many', PARTITIONS),
    },
    against: { [name]: 'Millrace, one partition' },
    // With few in flight nearly every record is a flush of its own: shown, not asked.
    ...(connections === 64 ? {} : { asked: { [name]: 0.7 } }),
  });
}

/** What the server reads from its files while 100 readers follow what is written. */
async function fanOut(
  { url, pid }: { readonly url: string; readonly pid: number },
  agent: Agent,
): Promise<Measured[]> {
  const body = stringRecords(BATCH);
  const readers = await Promise.all(
    Array.from({ length: READERS }, () =>
      begin({
        agent,
        url: `${url}/topics/fan/partitions/0/records?follow=true`,
        headers: { accept: 'application/x-ndjson' },
      }),
    ),
  );
  const before = bytesReadBy(pid);
  const took = readers.map(async (reader) => {
    let lines = 0;
    for await (const chunk of reader as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
      if (lines >= FAN_OUT_REQUESTS * BATCH) return;
    }
  });
  const beganMs = performance.now();
  for (let request = 0; request < FAN_OUT_REQUESTS; request += 1) {
    await expectOk(
      call({ agent, url: `${url}/topics/fan`, method: 'POST', body: JSON.parse(body) }),
    );
  }
  await Promise.all(took);
  const seconds = (performance.now() - beganMs) / 1000;
  const stored = FAN_OUT_REQUESTS * BATCH * 100;
  const received = FAN_OUT_REQUESTS * body.length;
  const measured: Measured[] = [
    {
      bench: 'wide',
      work: `${READERS} readers follow one partition: what is read from its files`,
      contestant: 'Millrace',
      unit: 'times what was written',
      better: 'less',
      turns: [(bytesReadBy(pid) - before - received) / stored],
      asked: 1,
    },
    {
      bench: 'wide',
      work: `${READERS} readers follow one partition: what all receive`,
      contestant: 'Millrace',
      unit: 'records/s',
      better: 'more',
      turns: [(READERS * FAN_OUT_REQUESTS * BATCH) / seconds],
    },
  ];
  for (const row of measured) printMeasured([row]);
  return measured;
}

/** By any read call, those of sockets too, as the kernel counts them; the page cache included. */
function bytesReadBy(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return Number(/rchar: (\d+)/.exec(io)?.[1]);
}
