/** Resident memory after a million records of 100 bytes produced and consumed, and after ten. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { shown } from './support/report.ts';
import type { Measured } from './support/results.ts';
import { printMeasured } from './support/turns.ts';

const BATCH = 1_000;
const WRITERS = 8;

export async function benchMemory(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const measured: Measured[] = [];
    const server = await startMillrace({ dataDirectory: join(directory, 'data') });
    const look = async (work: string, asked?: number): Promise<void> => {
      await pause(2_000);
      const { now, peak } = memoryOf(server.pid);
      const row = {
        bench: 'memory',
        work: `resident memory ${work}`,
        unit: 'MiB',
        better: 'less',
      } as const;
      const rows: Measured[] = [
        { ...row, contestant: 'Millrace', turns: [now], ...(asked !== undefined && { asked }) },
        { ...row, contestant: 'Millrace, highest so far', turns: [peak] },
      ];
      printMeasured(rows);
      measured.push(...rows);
    };
    try {
      await look('at rest');
      let produced = 0;
      for (const total of [1_000_000, 10_000_000]) {
        await produce(server, total - produced);
        produced = total;
        const consumed = await consume(server);
        if (consumed !== produced) throw new Error(`${consumed} of ${produced} were read back`);
        await look(`after ${shown(total)} records produced and read back`, 250);
      }
    } finally {
      await server.stop();
    }
    return measured;
  });
}

async function produce(server: Contestant, count: number): Promise<void> {
  const records = Array.from({ length: BATCH }, (_, index) => ({
    value: `${index} `.padEnd(100, 'x'),
  }));
  const body = JSON.stringify({ records });
  let left = count / BATCH;
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await send(`${server.url}/topics/memory`, body);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}

async function consume(server: Contestant): Promise<number> {
  let offset = 0;
  for (;;) {
    const query = `offset=${offset}&max_records=10000&max_bytes=8388608`;
    const answer = await fetch(`${server.url}/topics/memory/partitions/0/records?${query}`);
    const { next_offset: next } = (await answer.json()) as { next_offset: number };
    if (next === offset) return offset;
    offset = next;
  }
}

async function send(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', body, headers });
  if (!answer.ok) throw new Error(await answer.text());
  await answer.arrayBuffer();
}
