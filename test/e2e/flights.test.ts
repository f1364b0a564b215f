/** The example that the README names, on a real server, held against the data set itself. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { temporaryDirectoryForFile } from '../support/temporary-directory.ts';

const directory = await temporaryDirectoryForFile();
let server: ServerProcess;

beforeAll(async () => {
  server = await startServerProcess(directory);
});

afterAll(async () => {
  await server.stop();
});

test('the flights example loads 20,000 flights and replays exactly those of one day', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    'examples/flights.ts',
    ...['--server', server.url, '--from', '2001-02-01', '--to', '2001-02-02'],
  ]);
  const flights = JSON.parse(
    await readFile('node_modules/vega-datasets/data/flights-20k.json', 'utf8'),
  ) as { date: string; origin: string }[];
  const ofTheDay = flights.filter((each) => each.date.startsWith('2001/02/01'));
  expect(ofTheDay.length).toBeGreaterThan(100);
  expect(stdout).toContain(`loaded ${flights.length} flights`);
  expect(stdout).toContain(`replayed ${ofTheDay.length} flights`);

  const busiest = /\n {2}([A-Z]{3}) {2}(\d+) flights/.exec(stdout);
  const ofBusiest = ofTheDay.filter((each) => each.origin === busiest?.[1]);
  expect(Number(busiest?.[2])).toBe(ofBusiest.length);
});

test('its flights of one airport are all in one partition, in the order of their times', async () => {
  const seen = new Map<string, number>();
  for (let partition = 0; partition < 4; partition += 1) {
    const url = `${server.url}/topics/flights/partitions/${partition}/records?max_records=10000`;
    const answer = await fetch(`${url}&max_bytes=10000000`);
    const { records } = (await answer.json()) as { records: { key: string; timestamp: number }[] };
    let latest = 0;
    for (const { key, timestamp } of records) {
      expect(seen.get(key) ?? partition).toBe(partition);
      expect(timestamp).toBeGreaterThanOrEqual(latest);
      seen.set(key, partition);
      latest = timestamp;
    }
  }
  expect(new Set(seen.values()).size).toBe(4);
});
