/** Reading back what lies on the disk: pages of JSON and of record batches, and 100 live readers. */
import { join } from 'node:path';
import { BATCH_HEADERS, JSON_HEADERS, recordBatch, stringRecords } from './support/bodies.ts';
import { readingRate } from './support/pages.ts';
import { inTemporaryDirectory, startMillrace } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { takeTurns } from './support/turns.ts';

const JSON_PAGES = 'Millrace, JSON';
const BATCH_PAGES = 'Millrace, record batches';
const TURNS = 6;
const SECONDS = 3;
const REQUESTS = 500;
const BATCH = 1_000;

export async function benchConsume(): Promise<Measured[]> {
  return inTemporaryDirectory(async (directory) => {
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      await fill(millrace.url);
      return await takeTurns({
        bench: 'consume',
        work: 'reading back records of 100 bytes, 8 connections',
        unit: 'records/s',
        turns: TURNS,
        pids: { [JSON_PAGES]: millrace.pid, [BATCH_PAGES]: millrace.pid },
        contestants: {
          [JSON_PAGES]: () => rate(millrace.url, 'json', 'application/json'),
          [BATCH_PAGES]: () => rate(millrace.url, 'raw', 'application/vnd.kafka.recordbatch'),
        },
        asked: { [JSON_PAGES]: 1_500_000, [BATCH_PAGES]: 10_000_000 },
      });
    } finally {
      await millrace.stop();
    }
  });
}

/** The same records twice: as JSON, and as batches of a client. */
async function fill(url: string): Promise<void> {
  await ok(fetch(`${url}/topics/raw`, { method: 'PUT' }));
  const json = stringRecords(BATCH);
  const batch = recordBatch(BATCH);
  for (let request = 0; request < REQUESTS; request += 1) {
    await ok(fetch(`${url}/topics/json`, { method: 'POST', headers: JSON_HEADERS, body: json }));
    const raw = { method: 'POST', headers: BATCH_HEADERS, body: new Uint8Array(batch) };
    await ok(fetch(`${url}/topics/raw/partitions/0`, raw));
  }
}

function rate(url: string, topic: string, accept: string): Promise<number> {
  return readingRate({ url, topic, records: REQUESTS * BATCH, accept, seconds: SECONDS });
}

async function ok(request: Promise<Response>): Promise<void> {
  const answer = await request;
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
