/** Reading back what lies on the disk: pages of JSON and of record batches, and 100 live readers. */
import { join } from 'node:path';
import { BATCH_HEADERS, JSON_HEADERS, recordBatch, stringRecords } from './support/bodies.ts';
import { requestRate } from './support/load.ts';
import { inTemporaryDirectory, startMillrace } from './support/processes.ts';
import type { Measured } from './support/results.ts';
import { takeTurns } from './support/turns.ts';

const TURNS = 6;
const SECONDS = 3;
const REQUESTS = 500;
const BATCH = 1_000;
/** Pages of the topic that are asked for in turn: more than any cache of the server holds. */
const PAGES = 200;

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
        contestants: {
          'Millrace, JSON': () => rate(millrace.url, 'json', 'application/json'),
          'Millrace, record batches': () =>
            rate(millrace.url, 'raw', 'application/vnd.kafka.recordbatch'),
        },
        asked: { 'Millrace, JSON': 1_500_000, 'Millrace, record batches': 10_000_000 },
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

async function rate(url: string, topic: string, accept: string): Promise<number> {
  const page = 10_000;
  const pages = Array.from(
    { length: PAGES },
    (_, index) => (index * 2_477) % (REQUESTS * BATCH - page),
  );
  const query = accept === 'application/json' ? `&max_records=${page}` : '';
  const urls = pages.map(
    (offset) =>
      `${url}/topics/${topic}/partitions/0/records?offset=${offset}&max_bytes=1048576${query}`,
  );
  const headers = { accept };
  const records = await recordsOf(urls[0] as string, headers);
  return records * (await requestRate({ urls, headers, connections: 8, seconds: SECONDS }));
}

/** Records that an answer holds; every page has about as many. */
async function recordsOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(url, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (headers['accept'] === 'application/json') {
    return (JSON.parse(bytes.toString()) as { records: unknown[] }).records.length;
  }
  let records = 0;
  // Record batch v2: batchLength at 8, recordCount at 57.
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
    records += bytes.readInt32BE(at + 57);
  }
  return records;
}

async function ok(request: Promise<Response>): Promise<void> {
  const answer = await request;
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
}
