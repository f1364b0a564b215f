/**
 * SIGKILL with 1 GiB in the active segment, and how long the next start takes until it has
 * answered a produce; and a thousand partitions with 1,024 descriptors.
 */
import { join } from 'node:path';
import { BATCH_HEADERS, recordBatch } from './support/bodies.ts';
import { inTemporaryDirectory, memoryOf, startMillrace } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { printMeasured } from './support/turns.ts';

const RUNS = 3;
const GIBIBYTE = 2 ** 30;

export async function benchRecovery(): Promise<Measured[]> {
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
  const row = { bench: 'recovery', contestant: 'Millrace', better: 'less' } as const;
  const work = 'start after kill -9 with 1 GiB in the active segment';
  const measured: Measured[] = [
    { ...row, work: `${work}: to its first answer`, unit: 'ms', turns: starts, asked: 2_000 },
    { ...row, work: `${work}: highest memory`, unit: 'MiB', turns: peaks, asked: 250 },
  ];
  for (const each of measured) printMeasured([each]);
  return measured;
}

export async function benchPartitions(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
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
    if (counts.some((count) => count !== 2))
      throw new Error(`records are missing: ${counts.join()}`);
    const row = { bench: 'partitions', contestant: 'Millrace', better: 'less' } as const;
    const work = '1,000 partitions with 1,024 descriptors';
    const measured: Measured[] = [
      {
        ...row,
        work: `${work}: start after a clean stop`,
        unit: 'ms',
        turns: [clean.startMs],
        asked: 1_000,
      },
      {
        ...row,
        work: `${work}: start after kill -9 with a tail in each`,
        unit: 'ms',
        turns: [killed.startMs],
      },
      { ...row, work: `${work}: resident memory`, unit: 'MiB', turns: [memory], asked: 250 },
    ];
    for (const each of measured) printMeasured([each]);
    return measured;
  });
}

async function fill(url: string): Promise<void> {
  const batch = recordBatch(1_000, 1_000);
  const body = Buffer.concat(Array.from({ length: 8 }, () => batch));
  await ok(fetch(`${url}/topics/full`, { method: 'PUT' }));
  // A little less than a segment, so that all of it is in the active one.
  for (let bytes = 0; bytes + 2 * body.length < GIBIBYTE; bytes += body.length) {
    await ok(
      fetch(`${url}/topics/full/partitions/0`, { method: 'POST', headers: BATCH_HEADERS, body }),
    );
  }
}

async function ok(request: Promise<Response>): Promise<void> {
  const answer = await request;
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
