/**
 * Durable produce over HTTP, next to what bounds it: bare Fastify for one record a request, the
 * disk for volume. Contestants take turns; medians of the turns; ratios within each turn.
 */
import { join } from 'node:path';
import { BatchWriter } from '../src/codec/batch-writer.ts';
import { hasWrk, postRate } from './support/load.ts';
import type { Generator, Load } from './support/load.ts';
import {
  inTemporaryDirectory,
  startBareFastify,
  startDurableFastify,
  startMillrace,
} from './support/processes.ts';
import type { Contestant } from './support/processes.ts';
import { median, printTable, range, shown } from './support/report.ts';
import { syncsPerSecond, writeAndSyncRate } from './support/yardsticks.ts';

const ROUNDS = 5;
const SECONDS = 3;
const JSON_TYPE = 'application/json';

export async function benchProduce(): Promise<void> {
  await inTemporaryDirectory(async (directory) => {
    const bare = await startBareFastify();
    const durable = await startDurableFastify(join(directory, 'durable-fastify'));
    const millrace = await startMillrace({ dataDirectory: join(directory, 'data') });
    try {
      console.log(`fdatasync of 4 KiB: ${shown(syncsPerSecond(directory))} /s before`);
      await benchSingle({ bare, durable, millrace });
      await benchBatches(millrace);
      await benchRaw(millrace, directory);
      console.log(`fdatasync of 4 KiB: ${shown(syncsPerSecond(directory))} /s after\n`);
    } finally {
      await millrace.stop();
      await durable.stop();
      await bare.stop();
    }
  });
}

type SingleContestants = Readonly<Record<'bare' | 'durable' | 'millrace', Contestant>>;

async function benchSingle(contestants: SingleContestants): Promise<void> {
  const body = JSON.stringify({ records: [{ value: 'x'.repeat(100) }] });
  const generators: Generator[] = hasWrk() ? ['wrk', 'autocannon'] : ['autocannon'];
  for (const generator of generators) {
    const rate = (server: Contestant): Promise<number> => {
      const url = `${server.url}/topics/single`;
      const load: Load = { url, body, contentType: JSON_TYPE, connections: 64, seconds: SECONDS };
      return postRate(load, generator);
    };
    const rates = { bare: [] as number[], durable: [] as number[], millrace: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.bare.push(await rate(contestants.bare));
      rates.durable.push(await rate(contestants.durable));
      rates.millrace.push(await rate(contestants.millrace));
    }
    const { bare, durable, millrace } = rates;
    const ratio = (to: readonly number[]): number[] =>
      millrace.map((each, index) => each / (to[index] as number));
    printTable(
      [`one record a request, 64 connections (${generator})`, 'requests/s', 'range'],
      [
        ['bare Fastify, keeps nothing', shown(median(bare)), range(bare)],
        ['bare Fastify, one fdatasync for all that wait', shown(median(durable)), range(durable)],
        ['Millrace, durable', shown(median(millrace)), range(millrace)],
        ['ratio to the first', shown(median(ratio(bare)), 2), range(ratio(bare), 2)],
        ['ratio to the second', shown(median(ratio(durable)), 2), range(ratio(durable), 2)],
      ],
    );
  }
}

async function benchBatches(millrace: Contestant): Promise<void> {
  const kinds = {
    'string values': (index: number) => `${index} `.padEnd(100, 'x'),
    'small objects': (index: number) => ({
      id: index,
      name: 'sensor-12',
      temperature: 21.5,
      ok: true,
      tags: ['a', 'b'],
      note: 'some words of text',
    }),
  };
  const rows: string[][] = [];
  for (const [kind, value] of Object.entries(kinds)) {
    const records = Array.from({ length: 1_000 }, (_, index) => ({ value: value(index) }));
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const load = {
        url: `${millrace.url}/topics/batches`,
        body: JSON.stringify({ records }),
        contentType: JSON_TYPE,
        connections: 8,
        seconds: SECONDS,
      };
      rates.push((await postRate(load, hasWrk() ? 'wrk' : 'autocannon')) * records.length);
    }
    rows.push([kind, shown(median(rates)), range(rates)]);
  }
  printTable(['JSON batches of 1,000 records of 100 bytes, durable', 'records/s', 'range'], rows);
}

async function benchRaw(millrace: Contestant, directory: string): Promise<void> {
  const body = recordBatch(9_000);
  const load = {
    url: `${millrace.url}/topics/raw/partitions/0`,
    body,
    contentType: 'application/vnd.kafka.recordbatch',
    connections: 16,
    seconds: SECONDS,
  };
  // The route of one partition does not create its topic.
  await fetch(`${millrace.url}/topics/raw`, { method: 'PUT' });
  const single: number[] = [];
  const grouped: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    single.push(writeAndSyncRate(directory, body.length, SECONDS));
    // What one flush takes when 16 connections wait: FLUSH_BYTES_MAX.
    grouped.push(writeAndSyncRate(directory, body.length * 8, SECONDS));
    ours.push(((await postRate(load, hasWrk() ? 'wrk' : 'autocannon')) * body.length) / 1e6);
  }
  const ratio = (disk: readonly number[]): number[] =>
    ours.map((rate, index) => rate / (disk[index] as number));
  printTable(
    [`raw record batches of ${shown(body.length)} bytes, 16 connections, durable`, 'MB/s', 'range'],
    [
      ['this disk, one body per write and sync', shown(median(single)), range(single)],
      ['this disk, eight bodies per write and sync', shown(median(grouped)), range(grouped)],
      ['Millrace', shown(median(ours)), range(ours)],
      ['ratio to one', shown(median(ratio(single)), 2), range(ratio(single), 2)],
      ['ratio to eight', shown(median(ratio(grouped)), 2), range(ratio(grouped), 2)],
    ],
  );
}

/** One batch of records of 100 bytes. */
function recordBatch(count: number): Buffer {
  const writer = new BatchWriter(1_048_576);
  writer.begin({ baseOffset: 0, leaderEpoch: 0 });
  const value = Buffer.alloc(100, 'x');
  for (let index = 0; index < count; index += 1) {
    writer.add({ key: null, value, headers: [], timestamp: Date.now() });
  }
  writer.end(-1);
  return Buffer.from(writer.buffer.subarray(0, writer.length));
}
