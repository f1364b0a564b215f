/**
 * SIGKILL with 1 GiB in the active segment, and how long the next start takes until it has
 * answered a produce; and a thousand partitions with 1,024 descriptors.
 */
import { join } from 'node:path';
import { BatchWriter } from '../src/codec/batch-writer.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import { median, printTable, range, shown } from './support/report.ts';

const RUNS = 3;
const GIBIBYTE = 2 ** 30;

export async function benchRecovery(): Promise<void> {
  const starts: number[] = [];
  const peaks: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await inTemporaryDirectory(async (directory) => {
      const options = { dataDirectory: join(directory, 'data') };
      const before = await startMillrace(options);
      await fill(before.url);
      await before.stop('SIGKILL');
      const after = await startMillrace(options);
      starts.push(after.startMs);
      peaks.push(memoryOf(after.pid).peak);
      await after.stop();
    });
  }
  printTable(
    ['kill -9 with 1 GiB in the active segment', 'median', 'range'],
    [
      ['next start to its first answer, ms', shown(median(starts)), range(starts)],
      ['highest memory, MiB', shown(median(peaks)), range(peaks)],
    ],
  );
}

export async function benchPartitions(): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const options = { dataDirectory: join(directory, 'data'), shellPrefix: 'ulimit -n 1024' };
    const first = await startMillrace(options);
    const headers = { 'content-type': 'application/json' };
    const topic = `${first.url}/topics/wide`;
    await ok(fetch(topic, { method: 'PUT', headers, body: '{"partitions":1000}' }));
    const records = Array.from({ length: 1_000 }, (_, partition) => ({
      value: partition,
      partition,
    }));
    await ok(fetch(topic, { method: 'POST', headers, body: JSON.stringify({ records }) }));
    await first.stop();
    const clean = await startMillrace(options);
    await ok(
      fetch(`${clean.url}/topics/wide`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ records }),
      }),
    );
    const answers = [0, 499, 999].map(async (partition) => {
      const answer = await fetch(`${clean.url}/topics/wide/partitions/${partition}/records`);
      return ((await answer.json()) as { records: unknown[] }).records.length;
    });
    const counts = await Promise.all(answers);
    const memory = memoryOf(clean.pid).now;
    await clean.stop('SIGKILL');
    const killed = await startMillrace(options);
    await killed.stop();
    printTable(
      ['1,000 partitions, descriptor limit 1,024', ''],
      [
        ['start after a clean stop, ms', shown(clean.startMs)],
        ['start after kill -9 with a tail in every partition, ms', shown(killed.startMs)],
        ['resident, MiB', shown(memory)],
        ['records of partitions 0, 499 and 999', counts.join(', ')],
      ],
    );
  });
}

async function fill(url: string): Promise<void> {
  const writer = new BatchWriter(1_048_576);
  writer.begin({ baseOffset: 0, leaderEpoch: 0 });
  const value = Buffer.alloc(1_000, 'x');
  for (let index = 0; index < 1_000; index += 1) {
    writer.add({ key: null, value, headers: [], timestamp: Date.now() });
  }
  writer.end(-1);
  const batch = Buffer.from(writer.buffer.subarray(0, writer.length));
  const body = Buffer.concat(Array.from({ length: 8 }, () => batch));
  await ok(fetch(`${url}/topics/full`, { method: 'PUT' }));
  const headers = { 'content-type': 'application/vnd.kafka.recordbatch' };
  // A little less than a segment, so that all of it is in the active one.
  for (let bytes = 0; bytes + 2 * body.length < GIBIBYTE; bytes += body.length) {
    await ok(fetch(`${url}/topics/full/partitions/0`, { method: 'POST', headers, body }));
  }
}

async function ok(request: Promise<Response>): Promise<void> {
  const answer = await request;
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
