/**
 * Streams 20,000 real flights (the U.S. Bureau of Transportation Statistics' on-time data of early
 * 2001, from the npm package vega-datasets) into a topic, keyed by airport of origin, and then
 * replays one day of them by time. Plain HTTP, no client library.
 *
 *   npm start                                  # in one shell
 *   node examples/flights.ts                   # in another
 *   node examples/flights.ts --from 2001-02-01 --to 2001-02-03 --server http://127.0.0.1:8082
 *
 * Every record carries the time of its flight, so "one day" is a question to the log's time index,
 * not a scan of the topic.
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';

interface Flight {
  /** "2001/01/15 18:05", taken as UTC. */
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

interface FlightRecord {
  readonly key: string;
  readonly value: Flight;
  readonly timestamp: number;
}

const PARTITIONS = 4;
const BATCH = 1_000;

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: process.env['MILLRACE_SERVER'] ?? 'http://127.0.0.1:8082' },
    topic: { type: 'string', default: 'flights' },
    from: { type: 'string', default: '2001-01-15' },
    to: { type: 'string', default: '2001-01-16' },
  },
});
const topicUrl = `${options.server}/topics/${encodeURIComponent(options.topic)}`;

// Flights of 2001 are older than any retention by time would expect; Millrace counts age from
// the append, so the import stays for the topic's seven days all the same.
await call('PUT', topicUrl, { partitions: PARTITIONS });
const flights = await loadFlights();
await load(flights);
await replay(Date.parse(`${options.from}Z`), Date.parse(`${options.to}Z`));

async function loadFlights(): Promise<Flight[]> {
  const path = new URL('../node_modules/vega-datasets/data/flights-20k.json', import.meta.url);
  const all = JSON.parse(await readFile(path, 'utf8')) as Flight[];
  return all.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

/** One request a thousand records; each answer means that they are on stable storage. */
async function load(all: readonly Flight[]): Promise<void> {
  const startedAt = performance.now();
  for (let at = 0; at < all.length; at += BATCH) {
    const records = all.slice(at, at + BATCH).map((flight) => ({
      key: flight.origin,
      value: flight,
      timestamp: timeOf(flight),
    }));
    await call('POST', topicUrl, { records });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`loaded ${all.length} flights into ${options.topic} in ${seconds.toFixed(2)} s`);
}

/** Reads [from, to) of every partition: the log finds the place, the records tell the end. */
async function replay(fromMs: number, toMs: number): Promise<void> {
  const byOrigin = new Map<string, { flights: number; delay: number }>();
  let replayed = 0;
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    for await (const record of recordsFrom(partition, fromMs)) {
      if (record.timestamp >= toMs) break;
      const sum = byOrigin.get(record.key) ?? { flights: 0, delay: 0 };
      sum.flights += 1;
      sum.delay += record.value.delay;
      byOrigin.set(record.key, sum);
      replayed += 1;
    }
  }
  console.log(`replayed ${replayed} flights from ${options.from} to ${options.to}`);
  const busiest = [...byOrigin].sort((a, b) => b[1].flights - a[1].flights).slice(0, 5);
  for (const [origin, { flights: count, delay }] of busiest) {
    console.log(
      `  ${origin}  ${count} flights, ${(delay / count).toFixed(1)} minutes late on average`,
    );
  }
}

async function* recordsFrom(partition: number, timeMs: number): AsyncGenerator<FlightRecord> {
  const answer = await fetch(`${topicUrl}/partitions/${partition}/records?offset=@${timeMs}`, {
    headers: { accept: 'application/x-ndjson' },
  });
  if (!answer.ok || answer.body === null) throw new Error(await answer.text());
  for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
    if (line !== '') yield JSON.parse(line) as FlightRecord;
  }
}

async function call(method: string, url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

function timeOf(flight: Flight): number {
  return Date.parse(`${flight.date.replaceAll('/', '-').replace(' ', 'T')}Z`);
}
